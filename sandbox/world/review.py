"""Amazon's window for asking for a review, and who may be asked.

Source: Solicitations API guide and model ("5-30 days after delivery", one per order), read 2026-11.
"""

from __future__ import annotations

from ..context import Sandbox
from .order import DAY, Order

EARLIEST, LATEST = 5 * DAY, 30 * DAY


def window(sandbox: Sandbox, order: Order) -> tuple[int, int] | None:
    """First and last second of the window; None while it is not known to have been delivered."""
    if sandbox.settings["window"] == "docs":
        return order.deliver_from + EARLIEST, order.deliver_by + LATEST
    if order.delivered_at is None:
        return None
    return order.delivered_at + EARLIEST, order.delivered_at + LATEST


def is_open(sandbox: Sandbox, order: Order) -> bool:
    span = window(sandbox, order)
    return span is not None and span[0] <= sandbox.clock.now() <= span[1]


def is_spent(sandbox: Sandbox, order: Order) -> bool:
    return sandbox.ledger.already(order.order_id, "solicitation", "productReviewAndSellerFeedback")


def is_excluded(sandbox: Sandbox, order: Order) -> bool:
    """Not shipped, cancelled, fully refunded, or a buyer who wants no such mail."""
    if order.status != "SHIPPED" or (order.refunded_at and order.refunded_share >= 1):
        return True
    return has_opted_out(sandbox, order.buyer)


def has_opted_out(sandbox: Sandbox, buyer: str) -> bool:
    return bool(sandbox.store.scalar("SELECT opted_out FROM buyers WHERE buyer=?", buyer))


def is_too_late(sandbox: Sandbox, order: Order) -> bool:
    """A proactive message must come within 30 days of the order's delivery, or of its promise while that
    is unknown.
    """
    end = (order.delivered_at or order.deliver_by) + LATEST
    return sandbox.clock.now() > end
