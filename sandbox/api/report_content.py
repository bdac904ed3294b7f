"""What stands in each report: tab-separated, one line an item. Columns that carry personal data carry the
bait.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ..context import Sandbox
from ..marketplaces import BY_ID
from ..world import names
from ..world.order import COLUMNS, DAY, Order, from_row
from .common import PII_BAIT, STATUS_V0

COLUMN_LIST = ",".join(COLUMNS)
HALF_HOUR, FOUR_HOURS = 1800, 4 * 3600
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Period:
    seller: str
    marketplaces: list[str]
    start: float
    end: float


Maker = Callable[[Sandbox, Period], list[Row]]


@dataclass(frozen=True, slots=True)
class ReportType:
    """`rest`: seconds until Amazon makes the same report anew. `longest`: seconds one request may span, 0
    for any.
    """

    name: str
    rows: Maker
    rest: int = 0
    longest: int = 0
    roles: tuple[str, ...] = ()


def _orders(sandbox: Sandbox, period: Period, column: str, more: str = "1") -> list[Order]:
    marks = ",".join("?" * len(period.marketplaces))
    sql = f"""SELECT {COLUMN_LIST} FROM orders WHERE seller=? AND {column} BETWEEN ? AND ?
              AND +marketplace IN ({marks}) AND {more} ORDER BY {column}, order_id"""  # noqa: S608
    return [
        from_row(row)
        for row in sandbox.store.all(sql, period.seller, period.start, period.end, *period.marketplaces)
    ]


def _at(seconds: int | None) -> str:
    return "" if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()


def _amount(minor: float, order: Order) -> str:
    place = BY_ID[order.marketplace]
    return f"{minor / 100:.2f}" if place.decimals else str(round(minor))


def shipments(sandbox: Sandbox, period: Period) -> list[Row]:
    found = _orders(sandbox, period, "shipped_at", "+fulfilled_by='AMAZON'")
    return [_shipment(order, item) for order in found for item in order.items if item["shipped"]]


def _shipment(order: Order, item: Row) -> Row:
    place = BY_ID[order.marketplace]
    return {
        "amazon-order-id": order.order_id,
        "merchant-order-id": "",
        "shipment-id": f"D{item['id'][:8]}",
        "shipment-item-id": f"S{item['id'][:8]}",
        "amazon-order-item-id": item["id"],
        "merchant-order-item-id": "",
        "purchase-date": _at(order.created_at),
        "payments-date": _at(order.created_at + 600),
        "shipment-date": _at(order.shipped_at),
        "reporting-date": _at((order.shipped_at or 0) + 3600),
        "buyer-email": order.relay,
        "sku": item["sku"],
        "product-name": item["title"],
        "quantity-shipped": item["quantity"],
        "currency": place.currency,
        "item-price": _amount(item["price"] * item["quantity"], order),
        "item-tax": "0.00",
        "ship-service-level": order.service.title(),
        "ship-city": PII_BAIT,
        "ship-state": PII_BAIT,
        "ship-postal-code": PII_BAIT,
        "ship-country": place.country,
        "carrier": order.carrier,
        "tracking-number": order.tracking,
        "estimated-arrival-date": _at(order.estimated_at),
        "fulfillment-center-id": f"{place.country}X1",
        "fulfillment-channel": "AFN",
        "sales-channel": place.name.lower(),
    }


def fba_returns(sandbox: Sandbox, period: Period) -> list[Row]:
    found = _orders(sandbox, period, "returned_at", "+fulfilled_by='AMAZON'")
    return [_fba_return(order) for order in found]


def _fba_return(order: Order) -> Row:
    item, rng = order.items[0], random.Random(order.order_id)
    return {
        "return-date": _at(order.returned_at),
        "order-id": order.order_id,
        "sku": item["sku"],
        "asin": item["asin"],
        "fnsku": "X00" + item["id"][-7:],
        "product-name": item["title"],
        "quantity": item["quantity"],
        "fulfillment-center-id": f"{BY_ID[order.marketplace].country}X1",
        "detailed-disposition": rng.choice(("SELLABLE", "CUSTOMER_DAMAGED")),
        "reason": rng.choice(names.RETURN_REASONS),
        "status": "Unit returned to inventory",
        "license-plate-number": f"LPN{item['id'][-8:]}",
        "customer-comments": "",
    }


def fbm_returns(sandbox: Sandbox, period: Period) -> list[Row]:
    found = _orders(sandbox, period, "returned_at", "+fulfilled_by='MERCHANT'")
    return [_fbm_return(order) for order in found]


def _fbm_return(order: Order) -> Row:
    item, rng = order.items[0], random.Random(order.order_id)
    refunded = order.total * order.refunded_share if order.refunded_at else 0
    return {
        "Order ID": order.order_id,
        "Order date": _at(order.created_at),
        "Return request date": _at(order.returned_at),
        "Return request status": "Approved",
        "Amazon RMA ID": f"D{item['id'][-8:]}RRMA",
        "Merchant RMA ID": "",
        "Label type": "AmazonUnPaidLabel",
        "Label cost": "0.00",
        "Currency code": BY_ID[order.marketplace].currency,
        "Return carrier": order.carrier,
        "Tracking ID": "",
        "Label to be paid by": "Customer",
        "A-to-Z Claim": "N",
        "Is prime": "N",
        "ASIN": item["asin"],
        "Merchant SKU": item["sku"],
        "Item Name": item["title"],
        "Return quantity": item["quantity"],
        "Return Reason": rng.choice(names.RETURN_REASONS),
        "In policy": "Y",
        "Return type": "C-Returns",
        "Resolution": "StandardRefund",
        "Invoice number": "",
        "Return delivery date": _at((order.returned_at or 0) + 3 * DAY),
        "Order Amount": _amount(order.total, order),
        "Order quantity": item["quantity"],
        "Refunded Amount": _amount(refunded, order),
    }


def feedback(sandbox: Sandbox, period: Period) -> list[Row]:
    sql = """SELECT f.*, o.relay FROM feedback f JOIN orders o USING (order_id)
             WHERE f.seller=? AND f.at BETWEEN ? AND ? ORDER BY f.at, f.order_id"""
    rows = sandbox.store.all(sql, period.seller, period.start, period.end)
    return [
        {
            "Date": _at(row["at"])[:10],
            "Rating": row["rating"],
            "Comments": row["comments"],
            "Your Response": row["response"],
            "Order ID": row["order_id"],
            "Rater Email": row["relay"],
        }
        for row in rows
    ]


def all_orders(sandbox: Sandbox, period: Period) -> list[Row]:
    found = _orders(sandbox, period, "created_at")
    return [_order_line(order, item) for order in found for item in order.items]


def _order_line(order: Order, item: Row) -> Row:
    place, known = BY_ID[order.marketplace], order.status != "PENDING"
    return {
        "amazon-order-id": order.order_id,
        "merchant-order-id": "",
        "purchase-date": _at(order.created_at),
        "last-updated-date": _at(order.updated_at),
        "order-status": "Cancelled" if order.status == "CANCELLED" else STATUS_V0[order.status],
        "fulfillment-channel": "Amazon" if order.amazon_fulfils else "Merchant",
        "sales-channel": place.name,
        "order-channel": "",
        "url": "",
        "ship-service-level": order.service.title(),
        "product-name": item["title"],
        "sku": item["sku"],
        "asin": item["asin"],
        "item-status": "Shipped" if item["shipped"] else "Unshipped",
        "quantity": item["quantity"],
        "currency": place.currency if known else "",
        "item-price": _amount(item["price"] * item["quantity"], order) if known else "",
        "item-tax": "",
        "shipping-price": "",
        "shipping-tax": "",
        "gift-wrap-price": "",
        "gift-wrap-tax": "",
        "item-promotion-discount": "",
        "ship-promotion-discount": "",
        "ship-city": PII_BAIT,
        "ship-state": PII_BAIT,
        "ship-postal-code": PII_BAIT,
        "ship-country": place.country,
        "promotion-ids": item["promotion"],
        "is-business-order": str("AMAZON_BUSINESS" in order.programs).lower(),
        "purchase-order-number": "",
        "price-designation": "",
    }


TYPES = {
    kind.name: kind
    for kind in (
        ReportType(
            "GET_AMAZON_FULFILLED_SHIPMENTS_DATA_GENERAL",
            shipments,
            HALF_HOUR,
            31 * DAY,
            ("Amazon Fulfillment",),
        ),
        ReportType(
            "GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA", fba_returns, FOUR_HOURS, 0, ("Amazon Fulfillment",)
        ),
        ReportType(
            "GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE",
            fbm_returns,
            0,
            60 * DAY,
            ("Inventory and Order Tracking", "Direct-to-Consumer Delivery"),
        ),
        ReportType("GET_SELLER_FEEDBACK_DATA", feedback, 0, 0, ("Selling Partner Insights",)),
        ReportType(
            "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL",
            all_orders,
            0,
            31 * DAY,
            ("Inventory and Order Tracking", "Amazon Fulfillment"),
        ),
    )
}


def written(sandbox: Sandbox, rows: list[Row]) -> bytes:
    """The file: columns in any order when the sandbox is set so, in its set encoding."""
    columns = list(rows[0])
    if sandbox.settings["shuffle_columns"]:
        sandbox.rng.shuffle(columns)
    lines = ["\t".join(columns)]
    lines += ["\t".join(_cell(row[column]) for column in columns) for row in rows]
    return ("\r\n".join(lines) + "\r\n").encode(sandbox.settings["report_encoding"], "replace")


def _cell(value: Any) -> str:
    return str("" if value is None else value).replace("\t", " ").replace("\n", " ")
