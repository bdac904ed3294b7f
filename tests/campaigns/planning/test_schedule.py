"""The send window in SQL, in Python, and by brute force: three ways to one answer."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from psycopg.sql import SQL, Literal

from amazon.regions import ALL
from campaigns.domain.schedule import (
    SendWindow,
    day_window,
    first_showing,
    is_open,
    next_moment,
    next_moment_sql,
    window_sql,
)

ZONES = sorted({store.timezone for store in ALL})
ODD_ZONES = [
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "Antarctica/Troll",
    "UTC",
]
WORKDAYS = frozenset({1, 2, 3, 4, 5})
OFFICE = SendWindow(WORKDAYS, time(9), time(17))


def at(zone, *parts, fold=0):
    return datetime(*parts, tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


@cache
def transitions(zone, years=(2026, 2027, 2028)):
    """Every instant of those years at which the zone's clock is moved."""
    tz, hour = ZoneInfo(zone), timedelta(hours=1)
    now, end = datetime(years[0], 1, 1, tzinfo=UTC), datetime(years[-1] + 1, 1, 1, tzinfo=UTC)
    found = []
    while now < end:
        if now.astimezone(tz).utcoffset() != (now + hour).astimezone(tz).utcoffset():
            found.append(now + hour)
        now += hour
    return found


def in_sql(cases):
    """`next_moment_sql` of many (window, zone, earliest), in one statement."""
    selects = [
        SQL("SELECT {}").format(next_moment_sql(window_sql(w), Literal(z), Literal(t))) for w, z, t in cases
    ]
    with connection.cursor() as cursor:
        cursor.execute(SQL(" UNION ALL ").join(selects).as_string(connection.connection))
        return [row[0] for row in cursor.fetchall()]


def by_brute_force(window, zone, earliest, step=timedelta(minutes=15)):
    """Walk the clock, quarter by quarter: open from the first that shows `opens` to the first that shows
    `closes`.
    """
    tz = ZoneInfo(zone)
    walk = earliest - timedelta(hours=30)
    opened, closed = set(), set()
    while walk < earliest + timedelta(days=9):
        shown = walk.astimezone(tz)
        today = shown.date()
        if shown.time() >= window.opens:
            opened.add(today)
        if shown.time() >= window.closes and window.closes != time.max:
            closed.add(today)
        closed |= {day for day in opened if day < today}
        if walk >= earliest and today.isoweekday() in window.days and today in opened - closed:
            return walk
        walk += step
    return None


days = st.frozensets(st.integers(1, 7), min_size=1)
quarters = st.integers(0, 95).map(lambda n: time(n // 4, n % 4 * 15))


@st.composite
def windows(draw):
    opens = draw(quarters)
    later = [time(n // 4, n % 4 * 15) for n in range(96) if time(n // 4, n % 4 * 15) > opens] + [time.max]
    return SendWindow(draw(days), opens, draw(st.sampled_from(later)))


@st.composite
def moments(draw, zone):
    """Any minute of three years, most often one close to a moved clock."""
    moved = transitions(zone)
    if moved and draw(st.integers(0, 3)):
        return draw(st.sampled_from(moved)) + timedelta(minutes=draw(st.integers(-3 * 1440, 3 * 1440)))
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=draw(st.integers(0, 3 * 365 * 1440)))


@st.composite
def cases(draw):
    zone = draw(st.sampled_from(ZONES + ODD_ZONES))
    return draw(windows()), zone, draw(moments(zone))


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(cases(), min_size=40, max_size=40))
def test_sql_and_python_agree_on_any_moment(batch):
    assert in_sql(batch) == [next_moment(*case) for case in batch]


@settings(max_examples=150, deadline=None)
@given(cases().map(lambda case: (*case[:2], case[2].replace(minute=case[2].minute // 15 * 15))))
@example(
    (SendWindow(frozenset({7}), time(2), time(2, 45)), "Europe/Berlin", datetime(2027, 3, 27, tzinfo=UTC))
)
def test_python_agrees_with_walking_the_clock(case):
    walked = by_brute_force(*case)
    if walked is not None:
        assert next_moment(*case) == walked


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ZONES)
def test_every_moved_clock_of_three_years_is_the_same_in_sql(zone):
    windows = [
        SendWindow(frozenset(range(1, 8)), time(1, 30), time(2, 15)),
        SendWindow(frozenset(range(1, 8)), time(2, 30), time(3)),
        SendWindow(frozenset(range(1, 8)), time(0), time(1)),
        SendWindow(frozenset({6, 7}), time(23, 15), time.max),
        OFFICE,
    ]
    batch = [
        (window, zone, moved + timedelta(minutes=minutes))
        for moved in [*transitions(zone), datetime(2028, 2, 29, 12, tzinfo=UTC)]
        for window in windows
        for minutes in (-1500, -61, -31, -1, 0, 1, 29, 59, 61, 1441)
    ]
    assert in_sql(batch) == [next_moment(*case) for case in batch]


def test_a_moment_inside_the_window_stays():
    monday = at("Europe/Berlin", 2026, 11, 23, 10)
    assert next_moment(OFFICE, "Europe/Berlin", monday) == monday


def test_the_end_of_the_window_is_not_in_it():
    assert next_moment(OFFICE, "Europe/Berlin", at("Europe/Berlin", 2026, 11, 23, 17)) == at(
        "Europe/Berlin", 2026, 11, 24, 9
    )


def test_friday_night_waits_for_monday():
    assert next_moment(OFFICE, "America/Los_Angeles", at("America/Los_Angeles", 2026, 11, 20, 22)) == at(
        "America/Los_Angeles", 2026, 11, 23, 9
    )


def test_a_missing_opening_hour_opens_when_the_clock_jumps():
    window = SendWindow(frozenset({7}), time(2, 30), time(5))
    assert next_moment(window, "Europe/Berlin", at("Europe/Berlin", 2026, 3, 29, 0)) == datetime(
        2026, 3, 29, 1, tzinfo=UTC
    )


def test_a_window_inside_a_missing_hour_waits_for_the_next_week():
    window = SendWindow(frozenset({7}), time(2, 15), time(2, 45))
    assert next_moment(window, "Europe/Berlin", at("Europe/Berlin", 2026, 3, 29, 0)) == at(
        "Europe/Berlin", 2026, 4, 5, 2, 15
    )


def test_an_hour_that_comes_twice_opens_once():
    window = SendWindow(frozenset({7}), time(2), time(2, 30))
    assert day_window(window, "Europe/Berlin", date(2026, 10, 25)) == (
        datetime(2026, 10, 25, 0, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
    )


def test_half_an_hour_put_back_on_lord_howe_is_known():
    assert first_showing(datetime(2026, 4, 5, 1, 45), "Australia/Lord_Howe") == datetime(  # noqa: DTZ001  (what a clock shows)
        2026, 4, 4, 14, 45, tzinfo=UTC
    )


def test_the_leap_day_is_a_tuesday_in_2028():
    window = SendWindow(frozenset({2}), time(9), time(10))
    assert next_moment(window, "Asia/Tokyo", at("Asia/Tokyo", 2028, 2, 28, 12)) == at(
        "Asia/Tokyo", 2028, 2, 29, 9
    )


def test_is_open_says_whether_now_will_do():
    assert is_open(OFFICE, "Europe/Berlin", at("Europe/Berlin", 2026, 11, 23, 9))
    assert not is_open(OFFICE, "Europe/Berlin", at("Europe/Berlin", 2026, 11, 23, 8, 59))


@pytest.mark.parametrize("days", [set(), {0}, {8}])
def test_a_window_without_sound_days_is_refused(days):
    with pytest.raises(ValueError, match="days"):
        SendWindow(frozenset(days), time(9), time(17))


def test_a_window_that_closes_before_it_opens_is_refused():
    with pytest.raises(ValueError, match="closes"):
        SendWindow(WORKDAYS, time(17), time(9))
