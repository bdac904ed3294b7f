"""What each state of a subscription permits, and when time alone changes it."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from accounts.billing import entitlements
from accounts.billing.entitlements import BASE, TABLE, Decision, Facts, Payer, Standing, Status, Why, decide

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
DAY = timedelta(days=1)
BOUGHT = {"covered_until": NOW + 20 * DAY, "confirmed_at": NOW - DAY}


def seller(status=Status.NONE, **fields) -> Facts:
    return Facts(Payer.SELLER, status=status, **fields)


@pytest.mark.parametrize(
    ("status", "standing"),
    [
        ("none", "free"), ("trialing", "trial"), ("active", "paid"), ("past_due", "grace"), ("unpaid", "held"),
        ("paused", "held"), ("incomplete", "free"), ("incomplete_expired", "free"), ("canceled", "free"),
        ("unknown", "grace"),
    ],
)  # fmt: skip
def test_each_status_has_its_standing(status, standing):
    facts = seller(Status(status), troubled_since=NOW - timedelta(hours=1), **BOUGHT)
    assert decide(facts, NOW).standing == standing


def test_the_table_is_complete_and_every_cell_has_words():
    assert set(TABLE) == set(Status)
    assert {cell.why for row in TABLE.values() for cell in row} <= set(entitlements.WORDS)
    assert set(entitlements.WORDS) == set(Why)


def test_a_word_of_stripes_that_we_do_not_know_is_unknown():
    assert Status.read("past_due") is Status.PAST_DUE
    assert Status.read("hibernating") is Status.UNKNOWN


def test_our_own_trial_needs_no_card_and_ends_in_free():
    facts = seller(trial_ends_at=NOW + 3 * DAY)
    assert decide(facts, NOW) == Decision(Standing.TRIAL, Why.OWN_TRIAL, NOW + 3 * DAY, None)
    assert decide(facts, NOW + 3 * DAY).standing is Standing.FREE


def test_an_agency_has_nothing_to_fall_back_on_after_its_trial():
    facts = Facts(Payer.AGENCY, trial_ends_at=NOW + 3 * DAY)
    assert decide(facts, NOW).holds_from_at == NOW + 3 * DAY
    assert decide(facts, NOW + 3 * DAY) == Decision(Standing.HELD, Why.NO_PLAN, None, NOW + 3 * DAY)


def test_sending_goes_on_for_seven_days_after_a_payment_failed():
    facts = seller(Status.PAST_DUE, troubled_since=NOW, **BOUGHT)
    assert decide(facts, NOW) == Decision(Standing.GRACE, Why.PAYMENT_FAILED, NOW + 7 * DAY, NOW + 7 * DAY)
    assert decide(facts, NOW + 7 * DAY - timedelta(seconds=1)).is_entitled
    assert decide(facts, NOW + 7 * DAY).why is Why.GRACE_OVER


@pytest.mark.parametrize("status", [s for s in Status if s not in {Status.ACTIVE, Status.TRIALING}])
def test_while_our_own_trial_runs_no_state_of_a_subscription_holds_anything(status):
    facts = seller(status, trial_ends_at=NOW + DAY, troubled_since=NOW - 30 * DAY, **BOUGHT)
    assert decide(facts, NOW).standing is Standing.TRIAL


def test_what_stripe_said_last_counts_for_72_hours_after_the_paid_period():
    facts = seller(Status.ACTIVE, covered_until=NOW, confirmed_at=NOW - 2 * DAY)
    assert decide(facts, NOW + timedelta(hours=71, minutes=59)).standing is Standing.PAID
    assert decide(facts, NOW + timedelta(hours=72)) == Decision(Standing.FREE, Why.UNCONFIRMED)


def test_once_stripe_is_heard_after_the_period_its_word_counts_again():
    facts = seller(Status.ACTIVE, covered_until=NOW, confirmed_at=NOW + timedelta(minutes=1))
    assert decide(facts, NOW + 30 * DAY).standing is Standing.PAID


@pytest.mark.parametrize("status", Status)
def test_what_the_operator_gives_for_free_comes_before_everything_and_ends(status):
    facts = seller(status, comped_until=NOW + DAY, troubled_since=NOW - 30 * DAY, **BOUGHT)
    assert decide(facts, NOW).standing is Standing.COMPED
    assert decide(facts, NOW + DAY).standing is not Standing.COMPED


def every_fact():
    moments = (None, NOW - 40 * DAY, NOW - DAY, NOW + DAY, NOW + 40 * DAY)
    for payer, status, trial, comped, trouble, covered in product(Payer, Status, *[moments] * 4):
        yield Facts(payer, trial, comped, status, trouble, covered, NOW - 2 * DAY)


def test_time_alone_changes_a_decision_exactly_when_it_said():
    """Over every combination: just before `changes_at` it is the same, at it another; the same for `holds_from_at`."""
    for facts in every_fact():
        said = decide(facts, NOW)
        assert said.standing in Standing
        if said.changes_at:
            before = decide(facts, said.changes_at - timedelta(microseconds=1))
            assert (before.standing, before.why) == (said.standing, said.why)
            after = decide(facts, said.changes_at)
            assert (after.standing, after.why) != (said.standing, said.why)
        else:
            assert decide(facts, NOW + 400 * DAY).standing is said.standing
        if said.is_entitled and said.holds_from_at:
            assert decide(facts, said.holds_from_at - timedelta(microseconds=1)).is_entitled
            assert not decide(facts, said.holds_from_at).is_entitled


def test_only_a_seller_has_a_plan_for_nothing():
    assert BASE == {Payer.SELLER: Standing.FREE, Payer.AGENCY: Standing.HELD}
