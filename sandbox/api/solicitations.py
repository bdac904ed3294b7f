"""Solicitations API v1: Amazon's own request for a review, one per order (Amazon's model, read 2026-11)."""

from __future__ import annotations

from .. import errors
from ..gateway import HAL, Call, Reply, link, operation
from ..ledger import Contact
from ..world import review
from ..world.order import Order
from .common import hal, one_marketplace, own_order

KIND = "productReviewAndSellerFeedback"
ROLES = ("Buyer Solicitation", "Product Listing")


@operation("getSolicitationActionsForOrder", "GET", "/solicitations/v1/orders/{amazonOrderId}", 1, 5, ROLES)
def get_actions(call: Call) -> Reply:
    marketplace = one_marketplace(call)
    order = own_order(call)
    here = f"/solicitations/v1/orders/{order.order_id}"
    actions = []
    if _is_offered(call, order, marketplace) and not _is_hidden_by_mistake(call):
        actions = [(KIND, link(f"{here}/solicitations/{KIND}", marketplaceIds=marketplace))]
    return Reply(200, hal(link(here, marketplaceIds=marketplace), actions), HAL)


@operation(
    "createProductReviewAndSellerFeedbackSolicitation",
    "POST",
    "/solicitations/v1/orders/{amazonOrderId}/solicitations/productReviewAndSellerFeedback",
    1,
    5,
    ROLES,
)
def create(call: Call) -> Reply:
    marketplace = one_marketplace(call)
    order = own_order(call)
    _refuse(call, order, marketplace)
    call.sandbox.ledger.contact(
        Contact(
            "solicitation",
            KIND,
            order.seller,
            order.order_id,
            order.buyer,
            KIND,
            proactive=True,
            outside_window=not review.is_open(call.sandbox, order),
        )
    )
    return Reply(201, {}, HAL)


def _is_offered(call: Call, order: Order, marketplace: str) -> bool:
    if order.marketplace != marketplace or review.is_excluded(call.sandbox, order):
        return False
    return review.is_open(call.sandbox, order) and not review.is_spent(call.sandbox, order)


def _is_hidden_by_mistake(call: Call) -> bool:
    """Amazon has answered empty lists for orders that were eligible (developer threads 187 and 4927)."""
    share = call.sandbox.settings["empty_actions"]
    return bool(call.strikes("empty_actions")) or bool(share and call.sandbox.rng.random() < share)


def _refuse(call: Call, order: Order, marketplace: str) -> None:
    if review.is_spent(call.sandbox, order):
        call.note = "repeat"
        raise errors.forbidden(errors.NOT_AVAILABLE)
    if order.marketplace != marketplace or review.is_excluded(call.sandbox, order):
        raise errors.forbidden(errors.NOT_AVAILABLE)
    if not review.is_open(call.sandbox, order):
        call.note = "outside_window"
        raise errors.forbidden(errors.OUTSIDE_WINDOW)
