"""The placeholders a text may hold: what each means, what it needs, and a sample. Pure.

Values are short plain strings. Anything a seller typed or Amazon sent is cleaned of line breaks and control characters first,
so that a product title cannot change a mail's shape.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_date

from orders.facts import ItemFacts, OrderFacts

MAX_VALUE_CHARACTERS = 400


@dataclass(frozen=True)
class Placeholder:
    name: str
    meaning: str
    sample: str
    #: May be empty for some orders: a text must cope (`default` or `if`).
    may_be_empty: bool = False


PLACEHOLDERS: dict[str, Placeholder] = {
    p.name: p
    for p in (
        Placeholder("order_id", "Amazon's order number", "112-4830917-2265401"),
        Placeholder(
            "product_title", "Title of the first product", "Felt Desk Pad 80 x 40 cm, Charcoal", True
        ),
        Placeholder(
            "product_titles", "Titles of all products, separated by commas", "Felt Desk Pad, Pen Tray", True
        ),
        Placeholder("asin", "ASIN of the first product", "B0C7GPRS41", True),
        Placeholder("sku", "Your SKU of the first product", "PAD-80-CH", True),
        Placeholder("quantity", "Number of units in the order", "2"),
        Placeholder("purchase_date", "Day of purchase, in the buyer's way of writing", "12 November 2026"),
        Placeholder("ship_date", "Day of shipment", "13 November 2026", True),
        Placeholder("delivery_date", "Day of delivery, as far as it is known", "16 November 2026", True),
        Placeholder("store_name", "Your store's name on Amazon", "Marlow Kitchen Supply", True),
        Placeholder("marketplace_name", "The Amazon store the order came from", "Amazon.de"),
        Placeholder(
            "review_url",
            "Amazon's page to review the first product",
            "https://www.amazon.de/review/create-review?asin=B0C7GPRS41",
            True,
        ),
        Placeholder(
            "feedback_url",
            "Amazon's page to leave seller feedback on this order",
            "https://www.amazon.de/gp/feedback/leave-customer-feedback.html?order=112-4830917-2265401",
        ),
        Placeholder(
            "order_url",
            "The order's page in the buyer's account",
            "https://www.amazon.de/gp/your-account/order-details?orderID=112-4830917-2265401",
        ),
        Placeholder(
            "contact_url",
            "Amazon's page to contact you about this order",
            "https://www.amazon.de/gp/help/contact/contact.html?orderID=112-4830917-2265401",
        ),
    )
}
SAMPLES: Mapping[str, str] = {p.name: p.sample for p in PLACEHOLDERS.values()}


def values_for(
    facts: OrderFacts, *, language: str, store_name: str, domain: str, delivered_on: date | None
) -> dict[str, str]:
    """Every placeholder's value for one order.

    `language` is a BCP 47 tag and shapes dates; `domain` is the marketplace's, such as `amazon.de`; `delivered_on` is a
    day of the marketplace's calendar, or None while unknown.
    """
    first = facts.items[0] if facts.items else ItemFacts()
    site = f"https://www.{domain}"
    values = {
        "order_id": facts.amazon_order_id,
        "product_title": first.title,
        "product_titles": ", ".join(item.title for item in facts.items if item.title),
        "asin": first.asin,
        "sku": first.sku,
        "quantity": str(facts.item_count),
        "purchase_date": _day(facts.purchased_at.date(), language),
        "ship_date": _day(facts.shipped_at.date() if facts.shipped_at else None, language),
        "delivery_date": _day(delivered_on, language),
        "store_name": store_name,
        "marketplace_name": domain.capitalize(),
        "review_url": f"{site}/review/create-review?asin={first.asin}" if first.asin else "",
        "feedback_url": f"{site}/gp/feedback/leave-customer-feedback.html?order={facts.amazon_order_id}",
        "order_url": f"{site}/gp/your-account/order-details?orderID={facts.amazon_order_id}",
        "contact_url": f"{site}/gp/help/contact/contact.html?orderID={facts.amazon_order_id}",
    }
    return {name: clean(value) for name, value in values.items()}


def clean(value: str) -> str:
    """One line, no control or format characters, bounded."""
    kept = "".join(" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in value)
    return " ".join(kept.split())[:MAX_VALUE_CHARACTERS]


def _day(day: date | None, language: str) -> str:
    return format_date(day, "long", locale=_locale(language)) if day else ""


def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return (
            Locale.parse(language.split("-")[0])
            if language[:2].isalpha() and len(language) > 2
            else Locale("en")
        )
