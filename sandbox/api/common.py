"""What several APIs need: the one marketplace, the caller's own order, HAL links."""

from __future__ import annotations

from typing import Any

from .. import errors
from ..gateway import Call
from ..world import order as orders
from ..world.order import Order

ORDER_ROLES = (
    "Buyer Communication",
    "Buyer Solicitation",
    "Inventory and Order Tracking",
    "Product Listing",
    "Pricing",
    "Amazon Fulfillment",
    "Finance and Accounting",
    "Direct-to-Consumer Delivery",
)
STATUS_V0 = {
    "PENDING_AVAILABILITY": "PendingAvailability",
    "PENDING": "Pending",
    "UNSHIPPED": "Unshipped",
    "PARTIALLY_SHIPPED": "PartiallyShipped",
    "SHIPPED": "Shipped",
    "CANCELLED": "Canceled",
    "UNFULFILLABLE": "Unfulfillable",
}
PII_BAIT = "PIIBAIT"  # stands in every personal field on the wire, so a leak can be found by one search


def one_marketplace(call: Call) -> str:
    marketplaces = call.many("marketplaceIds")
    if len(marketplaces) != 1 or not marketplaces[0]:
        raise errors.missing_parameter("marketplaceIds")
    return marketplaces[0]


def own_order(call: Call, name: str = "amazonOrderId") -> Order:
    """The order in the path; another seller's order is as unknown as one that does not exist."""
    call.order_id = call.path[name]
    order = orders.load(call.sandbox.store, call.path[name])
    if order is None or order.seller != call.seller:
        raise errors.not_found()
    return order


def hal(self_href: str, actions: list[tuple[str, str]]) -> dict[str, Any]:
    """Amazon's list of actions: links, and each action embedded with its own."""
    return {
        "_links": {
            "actions": [{"href": href, "name": name} for name, href in actions],
            "self": {"href": self_href},
        },
        "_embedded": {"actions": [_embedded(name, href) for name, href in actions]},
    }


def _embedded(name: str, href: str) -> dict[str, Any]:
    schema = {"href": href.replace("?", "/schema?", 1), "name": name}
    return {"_links": {"schema": schema, "self": {"href": href, "name": name}}, "payload": {"name": name}}
