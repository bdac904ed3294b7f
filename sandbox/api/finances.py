"""Finances API 2024-06-19: listTransactions, with sales and refunds (Amazon's model, read 2026-11).

Transactions of the last 48 hours may be missing; the sandbox leaves them out always.
"""

from __future__ import annotations

from typing import Any

from .. import errors
from ..clock import iso, parsed
from ..errors import ApiError
from ..gateway import Call, Reply, operation
from ..marketplaces import BY_ID, Marketplace
from ..world.order import COLUMNS, Order, from_row

SETTLED = 48 * 3600
SIZE = 100
COLUMN_LIST = ",".join(COLUMNS)


@operation(
    "listTransactions", "GET", "/finances/2024-06-19/transactions", 0.5, 10, ("Finance and Accounting",)
)
def list_transactions(call: Call) -> Reply:
    settled = call.now - SETTLED
    if call.text("relatedIdentifierName") or call.text("relatedIdentifierValue"):
        if call.text("relatedIdentifierName") != "ORDER_ID":
            raise errors.invalid_input("relatedIdentifierName must be ORDER_ID.")
        found = _of_order(call, settled)
    else:
        after, before = _period(call, settled)
        found = _of_period(call, after, before)
    if call.text("marketplaceId"):
        found = [entry for entry in found if entry[1].marketplace == call.text("marketplaceId")]
    start = int(call.text("nextToken", "0")) if call.text("nextToken", "0").isdigit() else 0
    payload: dict[str, Any] = {"transactions": [_shown(*entry) for entry in found[start : start + SIZE]]}
    if len(found) > start + SIZE:
        payload["nextToken"] = str(start + SIZE)
    return Reply(200, {"payload": payload})


def _period(call: Call, settled: float) -> tuple[float, float]:
    if not call.text("postedAfter"):
        raise ApiError(400, "InvalidInput", "Start date cannot be null", "Start date cannot be null")
    try:
        before = parsed(call.text("postedBefore")) if call.text("postedBefore") else settled
        return parsed(call.text("postedAfter")), min(before, settled)
    except ValueError:
        raise errors.invalid_input("postedAfter and postedBefore must be ISO 8601 dates.") from None


def _of_order(call: Call, settled: float) -> list[tuple[str, Order, int]]:
    sql = f"SELECT {COLUMN_LIST} FROM orders WHERE order_id=? AND seller=?"  # noqa: S608
    row = call.sandbox.store.one(sql, call.text("relatedIdentifierValue"), call.seller)
    return [] if row is None else _entries(from_row(row), 0, settled)


def _of_period(call: Call, after: float, before: float) -> list[tuple[str, Order, int]]:
    sql = f"""SELECT {COLUMN_LIST} FROM orders WHERE seller=?1 AND shipped_at BETWEEN ?2 AND ?3
              UNION SELECT {COLUMN_LIST} FROM orders WHERE seller=?1 AND refunded_at BETWEEN ?2 AND ?3"""  # noqa: S608
    rows = call.sandbox.store.all(sql, call.seller, after, before)
    return sorted(
        (e for row in rows for e in _entries(from_row(row), after, before)),
        key=lambda e: (e[2], e[1].order_id),
    )


def _entries(order: Order, after: float, before: float) -> list[tuple[str, Order, int]]:
    times = (("Shipment", order.shipped_at), ("Refund", order.refunded_at))
    return [(kind, order, at) for kind, at in times if at is not None and after <= at <= before]


def _shown(kind: str, order: Order, at: int) -> dict[str, Any]:
    place = BY_ID[order.marketplace]
    amount = order.total if kind == "Shipment" else -round(order.total * order.refunded_share)
    return {
        "sellingPartnerMetadata": {
            "sellingPartnerId": order.seller,
            "accountType": "Standard Orders",
            "marketplaceId": place.id,
        },
        "relatedIdentifiers": [
            {"relatedIdentifierName": "ORDER_ID", "relatedIdentifierValue": order.order_id}
        ],
        "transactionType": kind,
        "transactionId": f"{order.order_id}-{kind.lower()}",
        "transactionStatus": "RELEASED",
        "description": "Order Payment" if kind == "Shipment" else "Refund Order",
        "postedDate": iso(at),
        "totalAmount": _currency(amount, place),
        "marketplaceDetails": {"marketplaceId": place.id, "marketplaceName": place.name},
    }


def _currency(minor: int, place: Marketplace) -> dict[str, Any]:
    return {"currencyCode": place.currency, "currencyAmount": minor / 100 if place.decimals else minor}
