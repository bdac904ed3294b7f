"""A campaign in words, as its pages say it. Pure but for the model it reads."""

from collections.abc import Iterator
from typing import Any

from amazon.regions import MARKETPLACES
from campaigns.domain.vocabulary import ASKS, Trigger
from campaigns.models import Campaign
from orders.money import decimals

_DAY = 24
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MOMENTS = {
    Trigger.PLACED: "the order is placed",
    Trigger.SHIPPED: "the order is shipped",
    Trigger.DELIVERED: "delivery",
    Trigger.ESTIMATED_DELIVERY: "the estimated delivery",
    Trigger.REVIEW_WINDOW_OPENS: "Amazon's review window opens",
    Trigger.RETURNED: "a return",
    Trigger.REFUNDED: "a refund",
    Trigger.FEEDBACK_RECEIVED: "the buyer's seller feedback",
}


def delay_words(hours: int) -> str:
    """`192` is "8 days", `5` is "5 hours"."""
    count, unit = (hours // _DAY, "day") if hours % _DAY == 0 else (hours, "hour")
    return f"{count} {unit}{'s' if count != 1 else ''}"


def when_words(campaign: Campaign) -> str:
    moment = _MOMENTS[Trigger(campaign.trigger)]
    return (
        f"{delay_words(campaign.delay_hours).capitalize()} after {moment}"
        if campaign.delay_hours
        else f"As soon as {_clause(moment)}"
    )


def window_words(campaign: Campaign) -> str:
    days = (
        "every day"
        if len(campaign.window_days) == 7
        else ", ".join(_WEEKDAYS[d - 1] for d in campaign.window_days)
    )
    clock = (
        "the marketplace's time" if campaign.window_clock == Campaign.Clock.MARKETPLACE else "your own time"
    )
    return f"Sent {days} between {campaign.window_from:%H:%M} and {campaign.window_until:%H:%M}, by {clock}."


def filter_words(campaign: Campaign) -> list[str]:
    return [*_filter_lines(campaign.filters), *_nobody_left_out(campaign)]


def _nobody_left_out(campaign: Campaign) -> Iterator[str]:
    """Whether a request for an opinion leaves out who may be displeased is always said, either way."""
    facts = [name for name in ("returned", "refunded") if campaign.filters.get(name) != "exclude"]
    if facts and campaign.purpose in ASKS:
        yield f"Who {' or '.join(_GAVE_BACK[name] for name in facts)} is asked like everybody else"


_GAVE_BACK = {"returned": "sent something back", "refunded": "got money back"}


def _clause(moment: str) -> str:
    return moment if " is " in moment or moment.endswith("opens") else f"there is word of {moment}"


def _filter_lines(stored: dict[str, Any]) -> Iterator[str]:
    if stored.get("marketplaces"):
        yield "In " + ", ".join(MARKETPLACES[m].domain for m in stored["marketplaces"] if m in MARKETPLACES)
    if stored.get("fulfilment"):
        yield f"Only {stored['fulfilment']}"
    for key, words in _LISTS:
        if stored.get(key):
            yield f"{words}: {', '.join(stored[key][:10])}{' …' if len(stored[key]) > 10 else ''}"
    yield from _range_lines(stored)
    yield from (words for (key, value), words in _CHOICES if stored.get(key) == value)
    if stored.get("repeat_buyer_days"):
        yield f"Not the same buyer again within {stored['repeat_buyer_days']} days"


def _range_lines(stored: dict[str, Any]) -> Iterator[str]:
    price, quantity = stored.get("price"), stored.get("quantity")
    if price:
        low, high = (_amount(price.get(f"{end}_minor"), price["currency"]) for end in ("min", "max"))
        yield f"Total {_between(low, high)} {price['currency']}"
    if quantity:
        yield f"Units {_between(quantity.get('min'), quantity.get('max'))}"


def _between(low: object, high: object) -> str:
    if low is not None and high is not None:
        return f"from {low} to {high}"
    return f"at least {low}" if low is not None else f"at most {high}"


def _amount(minor: int | None, currency: str) -> str | None:
    places = decimals(currency)
    return None if minor is None else f"{minor / 10**places:.{places}f}"


_LISTS = (
    ("include_asins", "Only with ASIN"),
    ("exclude_asins", "Not with ASIN"),
    ("include_skus", "Only with SKU"),
    ("exclude_skus", "Not with SKU"),
    ("ship_countries", "Shipped to"),
)
_CHOICES = (
    (("business", "only"), "Only business orders"),
    (("business", "exclude"), "No business orders"),
    (("promotion", "only"), "Only with a promotion"),
    (("promotion", "exclude"), "Not with a promotion"),
    (("replacements", "include"), "Also replacements of earlier orders"),
    (("returned", "exclude"), "Returned orders are left out"),
    (("refunded", "exclude"), "Refunded orders are left out"),
)
