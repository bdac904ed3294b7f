"""Campaigns to begin with. Data only: `values` are fields of a Campaign; a text channel still needs its
text chosen.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Any

_WORKDAYS = [1, 2, 3, 4, 5]
_DAY = {"window_from": time(9), "window_until": time(19)}


@dataclass(frozen=True)
class Starter:
    slug: str
    title: str
    #: For whom it is and what it does, in a sentence or two.
    sentence: str
    values: Mapping[str, Any]
    #: The slug of a starter text that goes with it, or "".
    text_purpose: str = ""
    is_default: bool = field(default=False, compare=False)


STARTERS: tuple[Starter, ...] = (
    Starter(
        "review-request-day-8",
        "Amazon's review request, 8 days after delivery",
        "Amazon sends its own request in the buyer's language. It needs no text, no address and no "
        "approval, and serves FBA and FBM.",
        {
            "channel": "solicitation",
            "purpose": "review_and_feedback_request",
            "trigger": "delivered",
            "delay_hours": 8 * 24,
            **_DAY,
        },
        is_default=True,
    ),
    Starter(
        "review-request-first-day",
        "Amazon's review request, as soon as Amazon permits",
        "Amazon's own request on the first day of its window: five days after the earliest delivery date.",
        {
            "channel": "solicitation",
            "purpose": "review_and_feedback_request",
            "trigger": "review_window_opens",
            "delay_hours": 0,
            **_DAY,
        },
    ),
    Starter(
        "review-request-long-use",
        "Amazon's review request, 21 days after delivery",
        "For products that take time to judge, such as food supplements or tools. Choose the products in "
        "the filters.",
        {
            "channel": "solicitation",
            "purpose": "review_and_feedback_request",
            "trigger": "delivered",
            "delay_hours": 21 * 24,
            **_DAY,
        },
    ),
    Starter(
        "review-mail-fbm-day-5",
        "Ask 5 days after delivery, by mail, for orders you ship yourself",
        "Your own text to the buyer's relay address, on weekdays. Needs an approved text and a sender "
        "address.",
        {
            "channel": "relay_email",
            "purpose": "review_request",
            "trigger": "delivered",
            "delay_hours": 5 * 24,
            "filters": {"fulfilment": "FBM"},
            "window_days": _WORKDAYS,
            "when_no_language": "solicitation",
            **_DAY,
        },
        text_purpose="review_request",
    ),
    Starter(
        "review-request-once-a-month",
        "Amazon's review request, each buyer at most once in 30 days",
        "For shops whose buyers come often. Only where Amazon tells who the buyer is: orders you ship "
        "yourself, with relay mail in use.",
        {
            "channel": "solicitation",
            "purpose": "review_and_feedback_request",
            "trigger": "delivered",
            "delay_hours": 8 * 24,
            "filters": {"repeat_buyer_days": 30},
            **_DAY,
        },
    ),
    Starter(
        "review-request-consumers",
        "Amazon's review request, business orders left out",
        "For shops whose business customers buy on account and do not review.",
        {
            "channel": "solicitation",
            "purpose": "review_and_feedback_request",
            "trigger": "delivered",
            "delay_hours": 8 * 24,
            "filters": {"business": "exclude"},
            **_DAY,
        },
    ),
    Starter(
        "invoice-when-shipped",
        "Invoice when shipped, as an Amazon message",
        "Sends the invoice through Amazon's Messaging API once the order has been shipped. Does not use up "
        "the order's one request.",
        {
            "channel": "messaging",
            "purpose": "invoice",
            "trigger": "shipped",
            "delay_hours": 0,
            "window_from": time(0),
            "window_until": time.max,
        },
        text_purpose="invoice",
    ),
    Starter(
        "warranty-after-delivery",
        "Warranty document, 1 day after delivery",
        "Sends the warranty through Amazon's Messaging API. Does not use up the order's one request.",
        {"channel": "messaging", "purpose": "warranty", "trigger": "delivered", "delay_hours": 24, **_DAY},
        text_purpose="warranty",
    ),
    Starter(
        "return-question",
        "Returned? Ask what went wrong, by mail",
        "A question about the return itself, the day after it is reported. It asks for no review.",
        {
            "channel": "relay_email",
            "purpose": "return_question",
            "trigger": "returned",
            "delay_hours": 24,
            "filters": {"fulfilment": "FBM"},
            "window_days": _WORKDAYS,
            **_DAY,
        },
        text_purpose="return_question",
    ),
)
BY_SLUG: Mapping[str, Starter] = {starter.slug: starter for starter in STARTERS}
DEFAULT: Starter = next(starter for starter in STARTERS if starter.is_default)
