"""A campaign's choice of buyers in the words of the rules about targeting. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from campaigns.domain.filters import Filters
from compliance.engine.types import Condition, Targeting


@dataclass(frozen=True)
class Reach:
    """How and where a campaign writes. `stores` are the marketplaces' countries whose buyers get its own words (empty:
    all); `others` names the seller's other campaigns that ask for an opinion."""

    channel: str = ""
    stores: tuple[str, ...] = ()
    has_consent: bool = False
    others: tuple[str, ...] = ()


def targeting_of(
    trigger: str, delay_hours: int, filters: Filters, note: str = "", reach: Reach | None = None
) -> Targeting:
    """`repeat_buyer_days` is not in it: it spaces messages to one buyer, whoever that is (Amazon counts
    complaints about too many), and chooses nobody by what they think.
    """
    reach = reach or Reach()
    return Targeting(
        trigger=trigger,
        delay_hours=delay_hours,
        conditions=tuple(_conditions(filters)),
        excludes=tuple(_excludes(filters)),
        note=note,
        channel=reach.channel,
        stores=reach.stores,
        other_requests=reach.others,
        has_consent=reach.has_consent,
    )


def _conditions(filters: Filters) -> Iterator[Condition]:
    for fact, values in (
        ("marketplace", filters.marketplaces),
        ("asin", filters.include_asins),
        ("sku", filters.include_skus),
        ("country", filters.ship_countries),
    ):
        if values:
            yield Condition(fact, "in", values)
    if filters.fulfilment:
        yield Condition("fulfilment", "is", (filters.fulfilment,))
    for fact, choice in (("business", filters.business), ("promotion", filters.promotion)):
        if choice == "only":
            yield Condition(fact)
    for fact, limits in (("price", filters.price), ("quantity", filters.quantity)):
        if limits:
            yield Condition(fact, "between")


def _excludes(filters: Filters) -> Iterator[Condition]:
    for fact, values in (("asin", filters.exclude_asins), ("sku", filters.exclude_skus)):
        if values:
            yield Condition(fact, "in", values)
    for fact, choice in (
        ("business", filters.business),
        ("promotion", filters.promotion),
        ("returned", filters.returned),
        ("refunded", filters.refunded),
    ):
        if choice == "exclude":
            yield Condition(fact)
