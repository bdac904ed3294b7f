"""A draft as the buyer would see it: placeholders filled with samples, HTML reduced to what a message may hold. Pure."""

from collections.abc import Mapping
from html import escape
from typing import Any

import nh3

from compliance.engine.document import DEFAULT, LOGIC, PLACEHOLDER

#: What a mail client shows of a permitted text; pictures, styles and forms are left out and never loaded.
_TAGS = {
    "p",
    "br",
    "strong",
    "b",
    "em",
    "i",
    "u",
    "ul",
    "ol",
    "li",
    "a",
    "h1",
    "h2",
    "h3",
    "div",
    "span",
    "blockquote",
    "hr",
}
_STYLE = (
    "font:16px/1.55 system-ui,sans-serif;color:#16202b;background:#fff;margin:1rem;overflow-wrap:anywhere"
)

_SAMPLES: Mapping[str, str] = {
    "order_id": "302-4830917-2265401",
    "product_title": "Felt Desk Pad 80 x 40 cm",
    "product_titles": "Felt Desk Pad 80 x 40 cm, Pen Tray",
    "asin": "B0C7GPRS41",
    "sku": "PAD-80-CH",
    "quantity": "1",
    "purchase_date": "12 November 2026",
    "ship_date": "13 November 2026",
    "delivery_date": "16 November 2026",
    "review_url": "https://www.amazon.com/review/create-review?asin=B0C7GPRS41",
    "feedback_url": "https://www.amazon.com/gp/feedback/leave-customer-feedback.html",
    "order_url": "https://www.amazon.com/gp/your-account/order-details",
    "contact_url": "https://www.amazon.com/gp/help/contact/contact.html",
}


def subject(draft: Mapping[str, Any]) -> str:
    return _filled(str(draft["subject"]), _values(draft))


def text(draft: Mapping[str, Any]) -> str:
    """A plain text's words."""
    return _filled(str(draft["body"]), _values(draft))


def document(draft: Mapping[str, Any]) -> str:
    """A whole page for a sandboxed frame, so that the letter does not inherit ours. Links lead nowhere there."""
    values = {name: escape(value) for name, value in _values(draft).items()}
    body = nh3.clean(_filled(str(draft["body"]), values), tags=_TAGS, attributes={"a": {"href", "title"}})
    return f'<!doctype html><meta charset="utf-8"><body style="{_STYLE}">{body}</body>'


def _values(draft: Mapping[str, Any]) -> dict[str, str]:
    own = {str(k): str(v) for k, v in dict(draft.get("values") or {}).items()}
    return {**_SAMPLES, "store_name": str(draft.get("store_name") or "The store"), **own}


def _filled(source: str, values: Mapping[str, str]) -> str:
    """Conditions are shown with what they may hold: the longest letter a buyer could get."""
    return PLACEHOLDER.sub(lambda match: _value(match, values), LOGIC.sub("", source))


def _value(match: Any, values: Mapping[str, str]) -> str:
    default = DEFAULT.search(match[0])
    return values.get(match[1]) or (default and (default[1] or default[2])) or f"[{match[1]}]"
