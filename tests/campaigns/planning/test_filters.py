"""Filters: what is understood, and how the rest is refused."""

import pytest
from hypothesis import given

from campaigns.domain.filters import Filters, FiltersInvalid, PriceRange, dump, parse
from campaigns.domain.targeting import targeting_of
from tests.campaigns.planning.test_agreement import filters
from tests.factories.orders import DE


@given(filters)
def test_what_is_stored_reads_back_the_same(data):
    assert parse(dump(parse(data))) == parse(data)


def test_lists_are_cleaned_and_sorted():
    assert parse({"include_asins": [" b0c7gprs41 ", "B000000001", ""]}).include_asins == (
        "B000000001",
        "B0C7GPRS41",
    )


def test_nothing_limits_nothing():
    assert parse({}) == Filters()
    assert parse({"price": {"currency": "EUR", "min_minor": 0}}).price == PriceRange("EUR", 0, None)


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ([], "filters"),
        ({"colour": "red"}, "colour"),
        ({"marketplaces": ["amazon.de"]}, "marketplaces"),
        ({"marketplaces": DE}, "marketplaces"),
        ({"fulfilment": "fba"}, "fulfilment"),
        ({"include_asins": ["short"]}, "include_asins"),
        ({"include_skus": ["x" * 121]}, "include_skus"),
        ({"exclude_skus": [1]}, "exclude_skus"),
        ({"price": 5}, "price"),
        ({"price": {"min_minor": 1}}, "price.currency"),
        ({"price": {"currency": "EUR"}}, "price"),
        ({"price": {"currency": "EUR", "min_minor": -1}}, "price.min_minor"),
        ({"price": {"currency": "EUR", "min_minor": True}}, "price.min_minor"),
        ({"price": {"currency": "EUR", "least": 1}}, "price.least"),
        ({"quantity": {"min": 3, "max": 2}}, "quantity.max"),
        ({"business": True}, "business"),
        ({"returned": "include"}, "returned"),
        ({"ship_countries": ["Germany"]}, "ship_countries"),
        ({"repeat_buyer_days": 0}, "repeat_buyer_days"),
    ],
)
def test_what_cannot_be_understood_is_refused_by_field(data, field):
    with pytest.raises(FiltersInvalid) as refused:
        parse(data)
    assert [problem.field for problem in refused.value.problems] == [field]
    assert all(problem.sentence.endswith(".") for problem in refused.value.problems)


def test_every_problem_is_told_at_once():
    with pytest.raises(FiltersInvalid) as refused:
        parse({"colour": "red", "fulfilment": "x", "quantity": {}})
    assert {problem.field for problem in refused.value.problems} == {"colour", "fulfilment", "quantity"}


def test_targeting_names_what_is_chosen_and_what_is_left_out():
    seen = targeting_of(
        "delivered", 192, parse({"returned": "exclude", "business": "only", "repeat_buyer_days": 5})
    )
    assert [c.fact for c in seen.conditions] == ["business"]
    assert [c.fact for c in seen.excludes] == ["returned"]
