"""A campaign's choice of buyers in the words of the rule `no-selective-audience`. Pure."""

from collections.abc import Iterator

from campaigns.domain.filters import Filters
from compliance.engine.types import Condition, Targeting


def targeting_of(trigger: str, delay_hours: int, filters: Filters, note: str = "") -> Targeting:
    """`repeat_buyer_days` is not in it: it spaces messages to one buyer, whoever that is (Amazon counts
    complaints about too many), and chooses nobody by what they think.
    """
    return Targeting(
        trigger=trigger,
        delay_hours=delay_hours,
        conditions=tuple(_conditions(filters)),
        excludes=tuple(_excludes(filters)),
        note=note,
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
