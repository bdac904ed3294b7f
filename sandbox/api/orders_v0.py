"""Orders API v0, the six reads that end on 27 March 2027 (Amazon's model and announcement, read 2026-11).

Kept for callers that still fall back to it. Personal data needs a restricted data token.
"""

from __future__ import annotations

import re
from typing import Any

import orjson

from .. import errors
from ..auth import PII_ROLE
from ..clock import iso, parsed
from ..gateway import Call, Reply, operation
from ..marketplaces import BY_ID, Marketplace
from ..world.order import Order
from . import orders as current
from .common import ORDER_ROLES, PII_BAIT, STATUS_V0, own_order

NAMES = {
    "CreatedAfter": "createdAfter",
    "CreatedBefore": "createdBefore",
    "LastUpdatedAfter": "lastUpdatedAfter",
    "LastUpdatedBefore": "lastUpdatedBefore",
    "MarketplaceIds": "marketplaceIds",
    "MaxResultsPerPage": "maxResultsPerPage",
    "NextToken": "paginationToken",
}
FROM_V0 = {value: name for name, value in STATUS_V0.items()}
CHANNELS = {"MFN": "MERCHANT", "AFN": "AMAZON"}
BASE = "/orders/v0/orders"


@operation("getOrders", "GET", BASE, 0.0167, 20, ORDER_ROLES)
def get_orders(call: Call) -> Reply:
    _still_there(call)
    if not call.many("MarketplaceIds"):
        raise errors.missing_parameter("MarketplaceIds")
    if call.many("AmazonOrderIds"):
        return Reply(200, {"payload": {"Orders": _named(call)}})
    call.query = _translated(call.query)
    answer = current.search(call)
    payload: dict[str, Any] = {"Orders": [_order(call, order) for order in answer.orders]}
    if answer.next_token:
        payload["NextToken"] = answer.next_token
    payload["LastUpdatedBefore" if answer.column == "updated_at" else "CreatedBefore"] = iso(answer.upper)
    return Reply(200, {"payload": payload})


@operation("getOrderV0", "GET", BASE + "/{orderId}", 0.5, 30, ORDER_ROLES)
def get_order(call: Call) -> Reply:
    _still_there(call)
    return Reply(200, {"payload": _order(call, own_order(call, "orderId"))})


@operation("getOrderItems", "GET", BASE + "/{orderId}/orderItems", 0.5, 30, ORDER_ROLES)
def get_order_items(call: Call) -> Reply:
    _still_there(call)
    order = own_order(call, "orderId")
    place = BY_ID[order.marketplace]
    items = [_item(order, item, place) for item in order.items]
    return Reply(200, {"payload": {"AmazonOrderId": order.order_id, "OrderItems": items}})


@operation("getOrderBuyerInfo", "GET", BASE + "/{orderId}/buyerInfo", 0.5, 30, ORDER_ROLES)
def get_order_buyer_info(call: Call) -> Reply:
    _still_there(call)
    call.note = "pii"
    order = own_order(call, "orderId")
    info = _buyer(call, order) if _may_see(call, "buyerInfo") and not order.amazon_fulfils else {}
    return Reply(200, {"payload": {"AmazonOrderId": order.order_id, **info}})


@operation("getOrderAddress", "GET", BASE + "/{orderId}/address", 0.5, 30, ORDER_ROLES)
def get_order_address(call: Call) -> Reply:
    _still_there(call)
    call.note = "pii"
    order = own_order(call, "orderId")
    if not _may_see(call, "shippingAddress"):
        raise errors.denied()
    return Reply(
        200, {"payload": {"AmazonOrderId": order.order_id, "ShippingAddress": _address(call, order)}}
    )


@operation("getOrderItemsBuyerInfo", "GET", BASE + "/{orderId}/orderItems/buyerInfo", 0.5, 30, ORDER_ROLES)
def get_order_items_buyer_info(call: Call) -> Reply:
    _still_there(call)
    call.note = "pii"
    order = own_order(call, "orderId")
    items = [{"OrderItemId": item["id"]} for item in order.items]
    return Reply(200, {"payload": {"AmazonOrderId": order.order_id, "OrderItems": items}})


def _still_there(call: Call) -> None:
    if call.now >= parsed(call.sandbox.settings["v0_ends_at"]):
        raise errors.not_found("Orders API v0 has been removed. Use Orders API 2026-01-01.")


def _translated(query: dict[str, list[str]]) -> dict[str, list[str]]:
    """The same question in the words of 2026-01-01."""
    asked = {NAMES[name]: values for name, values in query.items() if name in NAMES}
    if query.get("OrderStatuses"):
        asked["fulfillmentStatuses"] = [FROM_V0.get(status, status) for status in query["OrderStatuses"]]
    if query.get("FulfillmentChannels"):
        asked["fulfilledBy"] = [CHANNELS.get(channel, channel) for channel in query["FulfillmentChannels"]]
    return asked


def _named(call: Call) -> list[dict[str, Any]]:
    found = []
    for order_id in call.many("AmazonOrderIds")[:50]:
        call.path = {"orderId": order_id}
        try:
            found.append(_order(call, own_order(call, "orderId")))
        except errors.ApiError:
            continue
    call.order_id = ""
    return found


def _may_see(call: Call, element: str) -> bool:
    """A restricted token for this path and element, held by an application with the restricted role."""
    if PII_ROLE not in call.app.roles:
        return False
    here = call.operation.template.replace("{orderId}", call.path.get("orderId", "{orderId}"))
    for resource in call.identity.resources:
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(resource["path"]))
        if re.fullmatch(pattern, here):
            return not resource.get("dataElements") or element in resource["dataElements"]
    return False


def _order(call: Call, order: Order) -> dict[str, Any]:
    place = BY_ID[order.marketplace]
    done = sum(item["quantity"] for item in order.items if item["shipped"])
    shown: dict[str, Any] = {
        "AmazonOrderId": order.order_id,
        "PurchaseDate": iso(order.created_at),
        "LastUpdateDate": iso(order.updated_at),
        "OrderStatus": STATUS_V0[order.status],
        "FulfillmentChannel": "AFN" if order.amazon_fulfils else "MFN",
        "SalesChannel": place.name,
        "ShipServiceLevel": order.service.title(),
        "MarketplaceId": place.id,
        "NumberOfItemsShipped": done,
        "NumberOfItemsUnshipped": sum(i["quantity"] for i in order.items) - done,
        "PaymentMethod": "Other",
        "OrderType": "StandardOrder",
        "EarliestShipDate": iso(order.ship_from),
        "LatestShipDate": iso(order.ship_by),
        "IsBusinessOrder": "AMAZON_BUSINESS" in order.programs,
        "IsPrime": "PRIME" in order.programs,
        "IsPremiumOrder": False,
        "IsReplacementOrder": bool(order.replaces),
        "IsISPU": False,
        "IsSoldByAB": False,
        "HasRegulatedItems": False,
    }
    if order.replaces:
        shown["ReplacedOrderId"] = order.replaces
    if order.status != "PENDING":
        shown["OrderTotal"] = _money(order.total, place)
    if not order.amazon_fulfils:
        shown["EarliestDeliveryDate"] = iso(order.deliver_from)
        if order.status not in ("PENDING", "CANCELLED"):
            shown["LatestDeliveryDate"] = iso(order.deliver_by)
    if not order.amazon_fulfils and _may_see(call, "buyerInfo"):
        call.note, shown["BuyerInfo"] = "pii", _buyer(call, order)
    return shown


def _item(order: Order, item: dict[str, Any], place: Marketplace) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "ASIN": item["asin"],
        "SellerSKU": item["sku"],
        "OrderItemId": item["id"],
        "Title": item["title"],
        "QuantityOrdered": item["quantity"],
        "QuantityShipped": item["quantity"] if item["shipped"] else 0,
        "ConditionId": "New",
        "ConditionSubtypeId": "New",
        "IsGift": "false",
    }
    if order.status != "PENDING":
        shown["ItemPrice"] = _money(item["price"] * item["quantity"], place)
    if item["promotion"]:
        shown["PromotionIds"] = [item["promotion"]]
    if order.cancel_asked:
        shown["BuyerRequestedCancel"] = {
            "IsBuyerRequestedCancel": "true",
            "BuyerCancelReason": "Ordered by mistake",
        }
    return shown


def _money(minor: int, place: Marketplace) -> dict[str, str]:
    amount = str(minor) if not place.decimals else f"{minor // 100}.{minor % 100:02d}"
    return {"CurrencyCode": place.currency, "Amount": amount}


def _buyer(call: Call, order: Order) -> dict[str, Any]:
    name = call.sandbox.store.scalar("SELECT name FROM buyers WHERE buyer=?", order.buyer)
    return {"BuyerEmail": order.relay, "BuyerName": f"{name} {PII_BAIT}"}


def _address(call: Call, order: Order) -> dict[str, Any]:
    row = call.sandbox.store.one("SELECT name, address FROM buyers WHERE buyer=?", order.buyer)
    if row is None:
        return {}
    address = orjson.loads(row["address"])
    return {
        "Name": f"{row['name']} {PII_BAIT}",
        "AddressLine1": address["addressLine1"],
        "AddressLine2": PII_BAIT,
        "City": address["city"],
        "PostalCode": address["postalCode"],
        "CountryCode": address["countryCode"],
        "Phone": address["phone"],
        "AddressType": "Residential",
    }
