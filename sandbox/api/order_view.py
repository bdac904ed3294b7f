"""An order as Orders 2026-01-01 shows it: only what was asked for, and never what Amazon keeps to itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from ..auth import PII_ROLE
from ..clock import iso
from ..gateway import Call
from ..marketplaces import BY_ID, Marketplace, money
from ..store import Store
from ..world.order import Order
from .common import PII_BAIT

PERSONAL = frozenset(("UNSHIPPED", "PARTIALLY_SHIPPED", "SHIPPED"))


@dataclass(frozen=True, slots=True)
class View:
    wanted: frozenset[str]
    may_see_buyers: bool
    store: Store

    @classmethod
    def of(cls, call: Call, wanted: frozenset[str]) -> View:
        return cls(wanted, PII_ROLE in call.app.roles, call.sandbox.store)


def render(view: View, order: Order) -> dict[str, Any]:
    place = BY_ID[order.marketplace]
    wanted = view.wanted
    shown: dict[str, Any] = {
        "orderId": order.order_id,
        "createdTime": iso(order.created_at),
        "lastUpdatedTime": iso(order.updated_at),
        "salesChannel": {"channelName": "AMAZON", "marketplaceId": place.id, "marketplaceName": place.name},
        "orderItems": [_item(wanted, order, item, place) for item in order.items],
    }
    if order.programs:
        shown["programs"] = order.programs
    if order.replaces:
        shown["associatedOrders"] = [
            {"orderId": order.replaces, "associationType": "REPLACEMENT_ORIGINAL_ID"}
        ]
    if "FULFILLMENT" in wanted:
        shown["fulfillment"] = _fulfillment(order)
    if "PROCEEDS" in wanted and order.status != "PENDING":
        shown["proceeds"] = {"grandTotal": money(order.total, place)}
    if "PACKAGES" in wanted and not order.amazon_fulfils and order.package:
        shown["packages"] = [_package(order)]
    if wanted & {"BUYER", "RECIPIENT"}:
        _personal(view, order, shown)
    return shown


def _fulfillment(order: Order) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "fulfillmentStatus": order.status,
        "fulfilledBy": order.fulfilled_by,
        "fulfillmentServiceLevel": order.service,
        "shipByWindow": _span(order.ship_from, order.ship_by),
    }
    if not order.amazon_fulfils:
        shown["deliverByWindow"] = _span(order.deliver_from, order.deliver_by)
    return shown


def _span(start: int, end: int) -> dict[str, str]:
    return {"earliestDateTime": iso(start), "latestDateTime": iso(end)}


def _package(order: Order) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "packageReferenceId": "1",
        "createdTime": iso(order.shipped_at or order.updated_at),
        "packageStatus": {"status": order.package, "detailedStatus": order.detailed},
        "carrier": order.carrier,
        "shippingService": order.service.title(),
        "trackingNumber": order.tracking,
        "packageItems": [
            {"orderItemId": i["id"], "quantity": i["quantity"]} for i in order.items if i["shipped"]
        ],
    }
    if order.shipped_at:
        shown["shipTime"] = iso(order.shipped_at)
    if not order.detailed:
        del shown["packageStatus"]["detailedStatus"]
    return shown


def _item(wanted: frozenset[str], order: Order, item: dict[str, Any], place: Marketplace) -> dict[str, Any]:
    product: dict[str, Any] = {
        "asin": item["asin"],
        "title": item["title"],
        "sellerSku": item["sku"],
        "condition": {"conditionType": "NEW", "conditionSubtype": "NEW"},
    }
    if order.status != "PENDING":
        product["price"] = {"unitPrice": money(item["price"], place)}
        if "AMAZON_BUSINESS" in order.programs:
            product["price"]["priceDesignation"] = "BUSINESS_PRICE"
    if item["kind"] == "custom":
        product["customization"] = {"customizedUrl": f"https://{place.domain}/custom/{item['id']}"}
    shown: dict[str, Any] = {
        "orderItemId": item["id"],
        "quantityOrdered": item["quantity"],
        "product": product,
    }
    if "FULFILLMENT" in wanted:
        done = item["quantity"] if item["shipped"] else 0
        shown["fulfillment"] = {"quantityFulfilled": done, "quantityUnfulfilled": item["quantity"] - done}
    if "PROCEEDS" in wanted and order.status != "PENDING":
        total = money(item["price"] * item["quantity"], place)
        shown["proceeds"] = {"proceedsTotal": total, "breakdowns": [{"type": "ITEM", "subtotal": total}]}
    if "PROMOTION" in wanted and item["promotion"]:
        shown["promotion"] = {"breakdowns": [{"promotionId": item["promotion"]}]}
    if "CANCELLATION" in wanted:
        _cancellation(order, shown)
    return shown


def _cancellation(order: Order, shown: dict[str, Any]) -> None:
    facts: dict[str, Any] = {}
    if order.cancel_asked:
        facts["cancellationRequest"] = {"requester": "BUYER", "cancelReason": "Ordered by mistake"}
    if order.status == "CANCELLED":
        facts["cancellationExecution"] = {"cancelledBy": order.cancelled_by, "cancelReason": "Cancelled"}
    if facts:
        shown["cancellation"] = facts


def _personal(view: View, order: Order, shown: dict[str, Any]) -> None:
    """Merchant-fulfilled, ready or shipped, and only for the restricted role; else simply left out."""
    if order.amazon_fulfils or order.status not in PERSONAL or not view.may_see_buyers:
        return
    buyer = view.store.one("SELECT name, address FROM buyers WHERE buyer=?", order.buyer)
    if buyer is None:
        return
    name = f"{buyer['name']} {PII_BAIT}"
    if "BUYER" in view.wanted:
        shown["buyer"] = {"buyerName": name, "buyerEmail": order.relay}
        if "AMAZON_BUSINESS" in order.programs:
            shown["buyer"]["buyerCompanyName"] = f"{buyer['name']} {PII_BAIT} Ltd"
    if "RECIPIENT" in view.wanted:
        address = {"name": name, **orjson.loads(buyer["address"]), "addressLine2": PII_BAIT}
        shown["recipient"] = {"deliveryAddress": {**address, "addressType": "RESIDENTIAL"}}
