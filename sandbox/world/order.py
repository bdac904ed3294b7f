"""One order, its hidden facts, and the events that move it.

An event changes the order and the moment it was last updated; nothing else does. A true delivery time stays
hidden for orders Amazon fulfils: only the review window and the estimate in a report tell of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import orjson

from ..store import Store

HOUR, DAY = 3600, 86_400


@dataclass(slots=True)
class Order:
    """Times are whole seconds since 1970. `items`: order_item_id, asin, sku, title, quantity, price (minor
    units),
    promotion, custom, shipped. `actions`: message types to offer, None for the ordinary table."""

    order_id: str
    seller: str
    marketplace: str
    created_at: int
    updated_at: int
    status: str
    fulfilled_by: str
    service: str
    buyer: str
    relay: str
    programs: list[str]
    items: list[dict[str, Any]]
    ship_from: int
    ship_by: int
    deliver_from: int
    deliver_by: int
    shipped_at: int | None = None
    estimated_at: int | None = None
    delivered_at: int | None = None
    package: str | None = None
    detailed: str | None = None
    carrier: str | None = None
    tracking: str | None = None
    cancelled_by: str | None = None
    cancel_asked: int = 0
    refunded_at: int | None = None
    refunded_share: float = 0.0
    returned_at: int | None = None
    replaces: str | None = None
    actions: list[str] | None = field(default=None)

    @property
    def amazon_fulfils(self) -> bool:
        return self.fulfilled_by == "AMAZON"

    @property
    def total(self) -> int:
        return sum(item["price"] * item["quantity"] for item in self.items)

    def row(self) -> tuple[Any, ...]:
        values = [getattr(self, name) for name in COLUMNS]
        for index in _JSON_AT:
            values[index] = None if values[index] is None else orjson.dumps(values[index]).decode()
        return tuple(values)

    def facts(self) -> dict[str, Any]:
        return asdict(self)


COLUMNS = tuple(f.name for f in fields(Order))
_JSON_AT = tuple(COLUMNS.index(name) for name in ("programs", "items", "actions"))
_INSERT = f"INSERT INTO orders ({','.join(COLUMNS)}) VALUES ({','.join('?' * len(COLUMNS))})"  # noqa: S608
_REPLACE = _INSERT.replace("INSERT", "REPLACE", 1)


def from_row(row: Any) -> Order:
    values = list(row)
    for index in _JSON_AT:
        values[index] = None if values[index] is None else orjson.loads(values[index])
    return Order(*values)


def load(store: Store, order_id: str) -> Order | None:
    row = store.one(f"SELECT {','.join(COLUMNS)} FROM orders WHERE order_id=?", order_id)  # noqa: S608
    return None if row is None else from_row(row)


def insert(store: Store, orders: list[Order]) -> None:
    store.many(_INSERT, (order.row() for order in orders))


def save(store: Store, order: Order) -> None:
    store.run(_REPLACE, *order.row())


# -- events


def confirm(order: Order, at: int) -> None:
    order.status = "UNSHIPPED"


def part_ship(order: Order, at: int) -> None:
    order.status, order.package = "PARTIALLY_SHIPPED", "SHIPPED"
    order.shipped_at = order.shipped_at or at
    order.items[0]["shipped"] = True


def ship(order: Order, at: int) -> None:
    order.status, order.package, order.detailed = "SHIPPED", "SHIPPED", "PICKED_UP"
    order.shipped_at = at if order.shipped_at is None else order.shipped_at
    for item in order.items:
        item["shipped"] = True


def travel(order: Order, at: int) -> None:
    order.package, order.detailed = "IN_TRANSIT", "AT_DESTINATION_FC"


def deliver(order: Order, at: int) -> None:
    if order.status != "SHIPPED":
        ship(order, at)
    order.delivered_at = at
    order.package, order.detailed = "DELIVERED", "DELIVERED"


def lose(order: Order, at: int) -> None:
    order.package, order.detailed, order.delivered_at = "UNDELIVERABLE", "LOST", None


def cancel(order: Order, at: int) -> None:
    order.status, order.package = "CANCELLED", None
    order.cancelled_by = order.cancelled_by or "BUYER"


def ask_cancel(order: Order, at: int) -> None:
    order.cancel_asked = 1


def refund(order: Order, at: int) -> None:
    order.refunded_at = at
    order.refunded_share = order.refunded_share or 1.0


def send_back(order: Order, at: int) -> None:
    order.returned_at = at


EVENTS: dict[str, Callable[[Order, int], None]] = {
    "confirm": confirm,
    "part_ship": part_ship,
    "ship": ship,
    "transit": travel,
    "deliver": deliver,
    "lose": lose,
    "cancel": cancel,
    "ask_cancel": ask_cancel,
    "refund": refund,
    "return": send_back,
}
# What Amazon's order never shows: no refund or return status, and nothing of an FBA parcel after shipping.
SILENT = frozenset(("refund", "return"))
SILENT_FOR_AMAZON = SILENT | {"transit", "deliver", "lose"}


def happen(order: Order, kind: str, at: int, seen_at: int | None = None) -> bool:
    """Apply one event; True when Amazon's answers change. `seen_at` is when the change shows (default
    `at`).
    """
    EVENTS[kind](order, at)
    hidden = kind in (SILENT_FOR_AMAZON if order.amazon_fulfils else SILENT)
    if not hidden:
        order.updated_at = max(order.updated_at, at if seen_at is None else seen_at)
    return not hidden
