"""What counts in which month, what is forecast, and when people are told."""

from datetime import UTC, date, datetime

import pytest

from accounts.billing import usage


def test_a_month_is_one_of_the_sellers_clock():
    month = usage.month_of(datetime(2026, 11, 30, 23, 30, tzinfo=UTC), "Europe/Berlin")
    assert month.first == date(2026, 12, 1)
    assert month.starts_at == datetime(2026, 11, 30, 23, tzinfo=UTC)
    assert month.ends_at == datetime(2026, 12, 31, 23, tzinfo=UTC)
    assert month.share_gone(month.starts_at) == 0
    assert month.share_gone(month.ends_at) == 1


@pytest.mark.parametrize(
    ("counted", "gone", "last", "expected"),
    [(0, 0.0, None, 0), (0, 0.0, 300, 300), (100, 0.5, None, 200), (100, 0.5, 300, 250), (100, 1.0, 300, 100), (80, 0.1, 10, 89)],
)  # fmt: skip
def test_the_forecast_follows_the_months_pace_and_leans_on_the_last_month_early_on(
    counted, gone, last, expected
):
    assert usage.forecast(counted, gone, last) == expected


@pytest.mark.parametrize("gone", [0.0, 0.01, 0.5, 1.0])
def test_the_forecast_is_never_below_what_is_there(gone):
    assert usage.forecast(90, gone, 0) >= 90


@pytest.mark.parametrize(
    ("counted", "told", "due"),
    [(39, [], []), (40, [], [80]), (41, [80], []), (50, [80], [100]), (70, [], [80, 100])],
)
def test_people_are_told_once_at_80_and_once_at_100_percent(counted, told, due):
    assert usage.notices_due(counted, 50, told) == due


def test_nothing_is_told_of_a_step_without_limit():
    assert usage.notices_due(10**9, None, []) == []
    assert not usage.is_over(10**9, None)


def test_the_month_that_passes_the_step_is_sent_to_its_end_and_only_the_next_is_held():
    assert not usage.holds_own_texts(500, 50, was_over_last_month=False)
    assert not usage.holds_own_texts(49, 50, was_over_last_month=True)
    assert usage.holds_own_texts(50, 50, was_over_last_month=True)
    assert not usage.holds_own_texts(500, None, was_over_last_month=True)
