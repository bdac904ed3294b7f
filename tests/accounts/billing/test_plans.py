"""Prices and steps: what people are told they pay is what they pay."""

import pytest

from accounts.billing import plans
from accounts.billing.plans import Interval, Plan


def test_free_is_for_one_seller_with_fifty_orders_and_costs_nothing():
    assert (plans.FREE.orders, plans.FREE.amount_minor(1)) == (50, 0)
    assert plans.FREE not in plans.on_sale(to_agency=False)


@pytest.mark.parametrize("to_agency", [False, True])
def test_a_larger_step_holds_more_and_costs_more(to_agency):
    steps = plans.on_sale(to_agency=to_agency)
    orders = [step.orders or 10**9 for step in steps]
    assert orders == sorted(set(orders))
    for quantity in (1, 6, 21, 51) if to_agency else (1,):
        amounts = [step.amount_minor(quantity) for step in steps]
        assert amounts == sorted(set(amounts))


@pytest.mark.parametrize("step", [s for s in plans.STEPS if s.is_volume], ids=lambda s: s.code)
def test_more_sellers_make_each_cheaper_and_none_free(step):
    units = [step.unit_minor(n) for n in range(1, 80)]
    assert units == sorted(units, reverse=True)
    assert units[-1] > 0


@pytest.mark.parametrize(
    ("quantity", "each"), [(1, 29_00), (5, 29_00), (6, 24_00), (20, 24_00), (21, 19_00), (51, 15_00)]
)
def test_the_volume_decides_for_all_sellers(quantity, each):
    assert plans.find("agency-1500").amount_minor(quantity) == quantity * each


def test_a_year_costs_ten_months():
    for step, interval in plans.sold():
        if interval is Interval.YEAR:
            assert step.amount_minor(7, interval) == 10 * step.amount_minor(7)


@pytest.mark.parametrize(
    ("orders", "code"),
    [(0, "free-50"), (50, "free-50"), (51, "solo-500"), (3_001, "scale-6000"), (10**7, "scale-any")],
)
def test_the_smallest_step_that_holds_the_orders_is_offered(orders, code):
    assert plans.step_for(orders).code == code


def test_an_agencys_sellers_share_their_orders():
    assert plans.step_for(9_000, to_agency=True, quantity=6).code == "agency-1500"
    assert plans.step_for(9_001, to_agency=True, quantity=6).code == "agency-6000"


def test_the_next_step_leads_from_free_to_the_top_and_stays_with_its_buyer():
    walked, step = [], plans.FREE
    while following := plans.next_step(step):
        walked.append(following)
        step = following
    assert tuple(walked) == plans.on_sale(to_agency=False)
    assert plans.next_step(plans.find("agency-30000")) is None


def test_keys_lead_back_to_what_is_sold_and_are_told_apart():
    keys = {plans.lookup_key(*pair): pair for pair in plans.sold()}
    assert len(keys) == len(plans.sold())
    assert all(plans.of_lookup_key(key) == pair for key, pair in keys.items())
    with pytest.raises(plans.UnknownStep, match="permitted-solo-9"):
        plans.of_lookup_key("permitted-solo-9")
    with pytest.raises(plans.UnknownStep, match="gold"):
        plans.find("gold")


def test_five_seats_are_included():
    assert [plans.extra_seats(n) for n in (1, 5, 6, 9)] == [0, 0, 1, 4]


def test_every_plan_has_a_step():
    assert {step.plan for step in plans.STEPS} == set(Plan)
