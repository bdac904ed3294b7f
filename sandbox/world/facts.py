"""Orders made and changed by hand, for tests and demos that need one exact case."""

from __future__ import annotations

import random
import secrets
from typing import Any

import orjson

from ..clock import iso, parsed
from ..context import Sandbox
from ..marketplaces import BY_ID
from . import life
from . import order as orders
from .generator import Generator, new_buyer, relay_address, shelf_of
from .order import DAY, Order

TIMES = frozenset(
    [
        "created_at",
        "updated_at",
        "ship_from",
        "ship_by",
        "deliver_from",
        "deliver_by",
        "shipped_at",
        "estimated_at",
        "delivered_at",
        "refunded_at",
        "returned_at",
    ]
)
PLAIN = frozenset(
    [
        "marketplace",
        "status",
        "fulfilled_by",
        "service",
        "programs",
        "items",
        "replaces",
        "refunded_share",
        "package",
        "detailed",
        "carrier",
        "tracking",
        "cancelled_by",
        "cancel_asked",
        "actions",
        "order_id",
    ]
)
STATES = ("PENDING", "UNSHIPPED", "PARTIALLY_SHIPPED", "SHIPPED", "CANCELLED", "UNFULFILLABLE")
HAPPENINGS = {
    "ship": "ship",
    "deliver": "deliver",
    "cancel": "cancel",
    "refund": "refund",
    "return": "return",
    "lose": "lose",
    "ask_cancel": "ask_cancel",
    "transit": "transit",
    "confirm": "confirm",
    "part_ship": "part_ship",
}


def make(sandbox: Sandbox, given: dict[str, Any]) -> dict[str, Any]:
    """One order with exactly the facts given; nothing happens to it later by itself.

    `status` follows from the times when it is left out. `title` renames the first item. `updated_at` is the
    last of the given times unless it is given too. `buyer_of` an order makes a repeat buyer. Raises
    ValueError naming the field.
    """
    given = dict(given)
    seller = given.pop("selling_partner_id")
    title, buyer_of, opted_out = (
        given.pop("title", None),
        given.pop("buyer_of", None),
        given.pop("opted_out", False),
    )
    values = _checked(given)
    with sandbox.store.transaction():
        order = _base(sandbox, seller, values, buyer_of)
        _set(order, values)
        if title:
            order.items[0]["title"] = str(title)
        _settle(order, values)
        if sandbox.store.one("SELECT 1 FROM orders WHERE order_id=?", order.order_id):
            raise ValueError(f"order_id: {order.order_id} exists already")
        orders.insert(sandbox.store, [order])
        if opted_out:
            sandbox.store.run("UPDATE buyers SET opted_out=1 WHERE buyer=?", order.buyer)
    life.announce(sandbox, order, "place", order.updated_at)
    return shown(sandbox, order)


def change(sandbox: Sandbox, order_id: str, given: dict[str, Any]) -> dict[str, Any] | None:
    """Let something happen (`happen`: ship, deliver, cancel, refund, return ..., `at`) or set facts. None:
    no such order.

    The change shows now, whatever `at` says, as Amazon shows late news with the time it learnt of it.
    """
    order = orders.load(sandbox.store, order_id)
    if order is None:
        return None
    given = dict(given)
    happening, now = given.pop("happen", None), sandbox.clock.seconds()
    at = int(parsed(given.pop("at"))) if "at" in given else now
    share = given.get("refunded_share")
    if share is not None:
        order.refunded_share = float(share)
    if happening is not None:
        _forget_events(sandbox, order_id, happening)
        life.change(sandbox, order, _known_happening(happening), at, seen_at=now)
    elif given:
        _set(order, _checked(given))
        order.updated_at = now
        orders.save(sandbox.store, order)
        life.announce(sandbox, order, "change", now)
    return shown(sandbox, order)


def _known_happening(name: str) -> str:
    if name not in HAPPENINGS:
        raise ValueError(f"happen: {name!r} is none of {', '.join(HAPPENINGS)}")
    return HAPPENINGS[name]


def _forget_events(sandbox: Sandbox, order_id: str, happening: str) -> None:
    """What was to happen by itself must not undo what was done by hand."""
    if happening in ("cancel", "lose"):
        sandbox.store.run("DELETE FROM events WHERE order_id=?", order_id)
    else:
        sandbox.store.run("DELETE FROM events WHERE order_id=? AND kind=?", order_id, happening)


def read(sandbox: Sandbox, order_id: str) -> dict[str, Any] | None:
    order = orders.load(sandbox.store, order_id)
    return None if order is None else shown(sandbox, order)


def find(sandbox: Sandbox, filters: dict[str, str]) -> list[dict[str, Any]]:
    known = {
        "selling_partner_id": "seller",
        "status": "status",
        "fulfilled_by": "fulfilled_by",
        "marketplace": "marketplace",
        "relay": "relay",
    }
    where, values = ["1"], []
    for name, value in filters.items():
        if name in known:
            where.append(f"{known[name]}=?")
            values.append(value)
        elif name not in ("limit", "offset"):
            raise ValueError(f"{name}: no such filter; use {', '.join(known)}, limit or offset")
    limit, offset = int(filters.get("limit", "100")), int(filters.get("offset", "0"))
    columns = ",".join(orders.COLUMNS)
    sql = (
        f"SELECT {columns} FROM orders WHERE {' AND '.join(where)} ORDER BY created_at DESC LIMIT ? OFFSET ?"  # noqa: S608
    )
    return [shown(sandbox, orders.from_row(row)) for row in sandbox.store.all(sql, *values, limit, offset)]


def shown(sandbox: Sandbox, order: Order) -> dict[str, Any]:
    """Every fact, the hidden ones too; times as ISO 8601, the buyer's name and address beside them."""
    facts = order.facts()
    for name in TIMES:
        facts[name] = iso(facts[name]) if facts[name] is not None else None
    buyer = sandbox.store.one("SELECT * FROM buyers WHERE buyer=?", order.buyer)
    if buyer is not None:
        facts |= {
            "buyer_name": buyer["name"],
            "buyer_locale": buyer["locale"],
            "opted_out": bool(buyer["opted_out"]),
            "buyer_address": orjson.loads(buyer["address"]),
        }
    return {**facts, "selling_partner_id": order.seller}


def opt_out(sandbox: Sandbox, given: dict[str, Any]) -> dict[str, Any]:
    order_id, address = given.get("order_id"), str(given.get("address", "")).lower()
    if not order_id and not address:
        raise ValueError("order_id: give order_id or address, the buyer's relay address")
    sql = "SELECT buyer FROM orders WHERE order_id=?1 UNION SELECT buyer FROM relays WHERE address=?2"
    buyer = sandbox.store.scalar(sql, order_id, address)
    if buyer is None:
        raise ValueError(f"{'order_id' if order_id else 'address'}: no such buyer here")
    opted_out = bool(given.get("opted_out", True))
    sandbox.store.run("UPDATE buyers SET opted_out=? WHERE buyer=?", int(opted_out), buyer)
    return {"buyer": buyer, "opted_out": opted_out}


# -- making


def _checked(given: dict[str, Any]) -> dict[str, Any]:
    if extra := set(given) - TIMES - PLAIN:
        raise ValueError(f"{min(extra)}: no such fact of an order; use {', '.join(sorted(TIMES | PLAIN))}")
    values = dict(given)
    for name in TIMES & set(values):
        try:
            values[name] = None if values[name] is None else int(parsed(str(values[name])))
        except ValueError:
            raise ValueError(f"{name}: {given[name]!r} is no ISO 8601 time") from None
    for name, known in (
        ("status", STATES),
        ("fulfilled_by", ("AMAZON", "MERCHANT")),
        ("marketplace", tuple(BY_ID)),
    ):
        if values.get(name) is not None and values[name] not in known:
            raise ValueError(f"{name}: {values[name]!r} is none of {', '.join(known)}")
    return values


def _base(sandbox: Sandbox, seller: str, values: dict[str, Any], buyer_of: str | None) -> Order:
    row = sandbox.store.one("SELECT * FROM sellers WHERE seller=?", seller)
    if row is None:
        raise ValueError(f"selling_partner_id: no seller {seller!r} here")
    rng = (
        random.Random(secrets.randbits(64)) if "order_id" not in values else random.Random(values["order_id"])
    )
    skus = sandbox.store.all("SELECT DISTINCT sku FROM products WHERE seller=?", seller)
    now = sandbox.clock.seconds()
    times = [values[n] for n in ("created_at", "shipped_at", "delivered_at") if values.get(n) is not None]
    created = values.get("created_at") or min([now - 3600, *[t - DAY for t in times]])
    marketplace = values.get("marketplace") or orjson.loads(row["marketplaces"])[0]
    maker = Generator(seller, [marketplace], 0.0, rng, created, shelf_of([s[0] for s in skus]))
    made = maker.order(created, marketplace=marketplace, fulfilled_by=values.get("fulfilled_by", "AMAZON"))
    _plain(made)
    made.items = [{**made.items[0], "quantity": 1}]
    made.buyer, made.relay = _buyer(sandbox, seller, marketplace, rng, buyer_of)
    return made


def _plain(order: Order) -> None:
    """Chance decides nothing in an order made by hand."""
    order.programs, order.replaces, order.cancelled_by = [], None, None
    order.refunded_share, order.estimated_at = 0.0, None


def _buyer(
    sandbox: Sandbox, seller: str, marketplace: str, rng: random.Random, buyer_of: str | None
) -> tuple[str, str]:
    if buyer_of is not None:
        row = sandbox.store.one("SELECT buyer, relay FROM orders WHERE order_id=?", buyer_of)
        if row is None:
            raise ValueError(f"buyer_of: no order {buyer_of!r} here")
        return row["buyer"], row["relay"]
    store = BY_ID[marketplace]
    buyer, relay = new_buyer(rng, store), relay_address(rng, store)
    sandbox.store.run("INSERT INTO buyers VALUES (?,?,?,?,0)", *buyer[:4])
    sandbox.store.run("INSERT INTO relays VALUES (?,?,?)", relay, seller, buyer[0])
    return buyer[0], relay


def _set(order: Order, values: dict[str, Any]) -> None:
    first = order.items[0]
    for name, value in values.items():
        setattr(order, name, value)
    if "items" in values:
        order.items = [{**first, **item} for item in values["items"]]


def _settle(order: Order, values: dict[str, Any]) -> None:
    """The status, package and update time that the given facts imply, where they were not given."""
    if "status" not in values:
        order.status = "SHIPPED" if order.shipped_at or order.delivered_at else "UNSHIPPED"
    if order.status == "SHIPPED":
        order.shipped_at = order.shipped_at or (order.delivered_at or order.created_at + DAY * 2) - DAY
        order.items = [{**item, "shipped": True} for item in order.items]
        order.estimated_at = order.estimated_at or order.delivered_at
    if "package" not in values and order.shipped_at:
        order.package = order.detailed = "DELIVERED" if order.delivered_at else "IN_TRANSIT"
        order.detailed = order.detailed if order.delivered_at else None
    if order.refunded_at and "refunded_share" not in values:
        order.refunded_share = 1.0
    if "updated_at" not in values:
        seen = [order.created_at, order.shipped_at, None if order.amazon_fulfils else order.delivered_at]
        order.updated_at = max(at for at in seen if at is not None)
