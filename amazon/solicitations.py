"""Solicitations API v1: Amazon's own request for a review and feedback. It writes, translates and times the
mail.

One per order, 5 to 30 days after delivery, and Amazon alone knows when: ask, then send. An empty list is not
final; Amazon has returned one by mistake for single orders and once for everybody (developer threads, read
2026-11-23).
"""

from __future__ import annotations

from typing import Any

from .client import Answer, Caller, Fence

ACTION = "productReviewAndSellerFeedback"


def actions(seller: Caller, order_id: str, marketplace_id: str) -> bool:
    """Does Amazon offer a review request for this order now? Raises AmazonError. May be asked again."""
    answer = seller.call(
        "getSolicitationActionsForOrder", amazon_order_id=order_id, marketplace_ids=[marketplace_id]
    )
    return ACTION in offered(answer.data)


def request_review(seller: Caller, order_id: str, marketplace_id: str, fence: Fence | None = None) -> Answer:
    """Have Amazon ask the buyer. Raises AmazonError: `already_done`, `not_now` (outside the window), and
    `unknown`, after which `actions` is the witness: still offered means nothing was sent.
    """
    return seller.call(
        "createProductReviewAndSellerFeedbackSolicitation",
        fence=fence,
        amazon_order_id=order_id,
        marketplace_ids=[marketplace_id],
    )


def offered(data: Any) -> frozenset[str]:
    """The action names of a HAL answer (Solicitations and Messaging alike)."""
    links = ((data or {}).get("_links") or {}).get("actions") or []
    return frozenset(_name(link) for link in links if isinstance(link, dict))


def _name(link: dict[str, Any]) -> str:
    # The name is optional in the model; the address always ends in it.
    return str(link.get("name") or str(link.get("href", "")).split("?")[0].rstrip("/").rpartition("/")[2])
