"""Orders API 2026-01-01: searchOrders and getOrder (Amazon's model, read 2026-11)."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

import orjson

from .. import errors
from ..auth import PII_ROLE
from ..clock import iso, parsed
from ..gateway import Call, Reply, operation
from ..marketplaces import BY_ID
from ..world.order import COLUMNS, Order, from_row
from .common import ORDER_ROLES, own_order
from .order_view import View, render

DATA = frozenset(
    [
        "BUYER",
        "RECIPIENT",
        "PROCEEDS",
        "EXPENSE",
        "PROMOTION",
        "CANCELLATION",
        "FULFILLMENT",
        "PACKAGES",
        "TAX",
        "PAYMENT",
        "FULFILLMENT_ORDERS",
    ]
)
STATUSES = frozenset(
    [
        "PENDING_AVAILABILITY",
        "PENDING",
        "UNSHIPPED",
        "PARTIALLY_SHIPPED",
        "SHIPPED",
        "CANCELLED",
        "UNFULFILLABLE",
    ]
)
SEARCH = (
    "createdAfter",
    "createdBefore",
    "lastUpdatedAfter",
    "lastUpdatedBefore",
    "fulfillmentStatuses",
    "marketplaceIds",
    "fulfilledBy",
    "maxResultsPerPage",
    "includedData",
)
SETTLED = 120  # answers are complete only up to two minutes ago
TOKEN_LIFE = 86_400
OLDEST = 2 * 365 * 86_400
LONG_MEMORY = frozenset(
    ("A1VC38T7YXB528", "A39IBJ37TRP1C6", "A19VAU5U5O7RUS")
)  # JP, AU, SG keep orders since 2016
SINCE_2016 = 1_451_606_400
COLUMN_LIST = ",".join(COLUMNS)


@dataclass(frozen=True, slots=True)
class Found:
    """One page. `column` is the time that was asked about, `upper` the moment up to which the answer is
    complete.
    """

    orders: list[Order]
    next_token: str
    column: str
    upper: float


@operation("searchOrders", "GET", "/orders/2026-01-01/orders", 0.0056, 20, ORDER_ROLES)
def search_orders(call: Call) -> Reply:
    wanted = included_data(call)
    found = search(call)
    view = View.of(call, wanted)
    answer: dict[str, Any] = {"orders": [render(view, order) for order in found.orders]}
    if found.next_token:
        answer["pagination"] = {"nextToken": found.next_token}
    answer["lastUpdatedBefore" if found.column == "updated_at" else "createdBefore"] = iso(found.upper)
    return Reply(200, answer)


def search(call: Call) -> Found:
    """The page of orders a call asks for, in the parameters of 2026-01-01. Raises 400 in Amazon's words."""
    column, after, upper = _window(call)
    size = _page_size(call)
    start, upper = _resume(call, upper)
    rows = _find(call, column, after, upper, start, size + 1)
    if len(rows) <= size:
        return Found(rows, "", column, upper)
    last = rows[size - 1]
    return Found(rows[:size], _next(call, getattr(last, column), last.order_id, upper), column, upper)


@operation("getOrder", "GET", "/orders/2026-01-01/orders/{orderId}", 0.5, 30, ORDER_ROLES)
def get_order(call: Call) -> Reply:
    wanted = included_data(call)
    if call.path["orderId"] == "TEST_CASE_400":
        raise errors.invalid_input()
    return Reply(200, {"order": render(View.of(call, wanted), own_order(call, "orderId"))})


def included_data(call: Call) -> frozenset[str]:
    """Raises 400 for an unknown value and where a fault makes one value fail."""
    wanted = frozenset(value for value in call.many("includedData") if value)
    if unknown := wanted - DATA:
        raise errors.invalid_input(f"Invalid includedData value: {min(unknown)}")
    if wanted & {"BUYER", "RECIPIENT"}:
        call.note = "pii"
        if call.sandbox.settings["pii_without_role"] == "deny" and PII_ROLE not in call.app.roles:
            raise errors.denied()
    for value in wanted:
        if call.strikes("bad_included_data", value):
            raise errors.invalid_input()
    return wanted


def _window(call: Call) -> tuple[str, float, float]:
    """Which time is asked about, from when, and up to when the answer is complete."""
    created, updated = call.text("createdAfter"), call.text("lastUpdatedAfter")
    if bool(created) == bool(updated):
        raise errors.invalid_input("Exactly one of createdAfter and lastUpdatedAfter is required.")
    pair = ("createdBefore", "lastUpdatedBefore") if created else ("lastUpdatedBefore", "createdBefore")
    if call.text(pair[1]):
        raise errors.invalid_input(f"{pair[1]} cannot be used here.")
    after = _moment(call, "createdAfter" if created else "lastUpdatedAfter")
    settled = call.now - SETTLED
    before = _moment(call, pair[0]) if call.text(pair[0]) else settled
    if before > settled + 1:
        raise errors.invalid_input(f"{pair[0]} must be at least two minutes before the current time.")
    if after > before and call.text(pair[0]):
        raise errors.invalid_input("The After time must be before the Before time.")
    return ("created_at" if created else "updated_at"), after, float(int(before))


def _moment(call: Call, name: str) -> float:
    try:
        return parsed(call.text(name).replace(" ", "+"))
    except ValueError:
        raise errors.invalid_input("Invalid Input") from None


def _page_size(call: Call) -> int:
    text = call.text("maxResultsPerPage", "100")
    if not text.isdigit() or not 1 <= int(text) <= 100:
        raise errors.invalid_input("maxResultsPerPage must be between 1 and 100.")
    return int(text)


def _find(
    call: Call, column: str, after: float, upper: float, start: tuple[int, str] | None, limit: int
) -> list[Order]:
    where, values = (
        [f"seller=? AND {column}<=? AND created_at<=?"],
        [call.seller, upper, call.now - _lag(call)],
    )
    if start is None:
        where.append(f"{column}>=?")
        values.append(after)
    else:
        where.append(f"({column}, order_id) > (?, ?)")
        values += start
    _narrow(call, where, values)
    sql = f"SELECT {COLUMN_LIST} FROM orders WHERE {' AND '.join(where)} ORDER BY {column}, order_id LIMIT ?"  # noqa: S608
    return [from_row(row) for row in call.sandbox.store.all(sql, *values, limit)]


def _narrow(call: Call, where: list[str], values: list[Any]) -> None:
    marketplaces = [m for m in call.many("marketplaceIds") if m]
    if len(marketplaces) > 50 or any(m not in BY_ID for m in marketplaces):
        raise errors.missing_parameter("marketplaceIds")
    floor = call.now - OLDEST
    if marketplaces and set(marketplaces) <= LONG_MEMORY:
        floor = SINCE_2016
    where.append("created_at>=?")
    values.append(floor)
    _one_of(where, values, "marketplace", marketplaces, None)
    _one_of(where, values, "status", [s for s in call.many("fulfillmentStatuses") if s], STATUSES)
    _one_of(
        where,
        values,
        "fulfilled_by",
        [f for f in call.many("fulfilledBy") if f],
        frozenset(("MERCHANT", "AMAZON")),
    )


def _one_of(
    where: list[str], values: list[Any], column: str, wanted: list[str], known: frozenset[str] | None
) -> None:
    if not wanted:
        return
    if known is not None and not set(wanted) <= known:
        raise errors.invalid_input(f"Invalid value: {min(set(wanted) - known)}")
    # The plus sign keeps SQLite on the index by time, the one that also gives the order of the pages.
    where.append(f"+{column} IN ({','.join('?' * len(wanted))})")
    values += wanted


def _lag(call: Call) -> float:
    return float(call.sandbox.settings["orders_lag"])


# -- page tokens: where to go on, a hash of the other parameters, and when it was issued


def _next(call: Call, at: int, order_id: str, upper: float) -> str:
    state = [at, order_id, upper, _fingerprint(call), call.now]
    return base64.urlsafe_b64encode(orjson.dumps(state)).decode().rstrip("=")


def _resume(call: Call, upper: float) -> tuple[tuple[int, str] | None, float]:
    token = call.text("paginationToken")
    if not token:
        return None, upper
    try:
        at, order_id, bound, fingerprint, issued_at = orjson.loads(
            base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        )
    except ValueError:
        raise errors.invalid_input("The paginationToken is invalid.") from None
    if fingerprint != _fingerprint(call) or call.now - issued_at > TOKEN_LIFE:
        raise errors.invalid_input("The paginationToken is invalid or expired.")
    if call.strikes("repeated_page_token"):
        return None, bound
    return (at, order_id), bound


def _fingerprint(call: Call) -> str:
    parts = [call.seller, *(f"{name}={','.join(sorted(call.many(name)))}" for name in SEARCH)]
    return hashlib.sha1("&".join(parts).encode(), usedforsecurity=False).hexdigest()[:12]
