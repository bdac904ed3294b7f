"""The send window: on which weekdays and at which hours of a clock a message may go. The same maths in
Python and in SQL. Pure.

A clock shows each local time once a day, except where it is put forward (a time is missing) or back (a
time comes twice). So a day's window is said in instants: it opens at the first instant at which the clock
shows `opens` or later, and closes at the first instant at which it shows `closes` or later. A missing
opening hour opens when the clock jumps; an hour that comes twice does not open the window twice. A window
that falls whole into a missing hour does not open on that day.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from psycopg.sql import SQL, Composable, Literal

#: Days looked at for the next window: two weeks, so that one weekly window lost to a missing hour has
#: another.
HORIZON_DAYS = 15
_MINUTE = timedelta(minutes=1)
#: As long as any clock has ever been put back at once, in the zones in use.
_LONGEST_REPEAT = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class SendWindow:
    """`days` are ISO weekdays (1 is Monday), `closes` is exclusive; `time.max` means the end of the day."""

    days: frozenset[int]
    opens: time
    closes: time

    def __post_init__(self) -> None:
        if not self.days or not self.days <= set(range(1, 8)):
            raise ValueError("days: give at least one weekday, 1 (Monday) to 7 (Sunday)")
        if not self.opens < self.closes:
            raise ValueError("closes: it must be later than opens")

    @property
    def is_always_open(self) -> bool:
        return len(self.days) == 7 and self.opens == time.min and self.closes == time.max


# --- in Python ---


def next_moment(window: SendWindow, zone: str, earliest: datetime) -> datetime | None:
    """The first permitted instant at or after `earliest` (aware), in UTC; None when the next two weeks
    have none.

    `zone` is an IANA name.
    """
    earliest = earliest.astimezone(UTC)
    if window.is_always_open:
        return earliest
    today = earliest.astimezone(ZoneInfo(zone)).date()
    for ahead in range(HORIZON_DAYS):
        day = today + timedelta(days=ahead)
        opens_at, closes_at = day_window(window, zone, day)
        if day.isoweekday() in window.days and max(opens_at, earliest) < closes_at:
            return max(opens_at, earliest)
    return None


def is_open(window: SendWindow, zone: str, at: datetime) -> bool:
    return next_moment(window, zone, at) == at


def day_window(window: SendWindow, zone: str, day: date) -> tuple[datetime, datetime]:
    """When the window opens and closes on one day of the zone's calendar, in UTC; empty when both are the
    same.
    """
    until = datetime.combine(day + timedelta(days=1), time.min) if window.closes == time.max else None
    return (
        first_showing(datetime.combine(day, window.opens), zone),
        first_showing(until or datetime.combine(day, window.closes), zone),
    )


def first_showing(local: datetime, zone: str) -> datetime:
    """The first instant, in UTC, at which the zone's clock shows `local` (naive, whole minutes) or later."""
    found = local.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)
    while _shown(found - _MINUTE, zone) >= local:  # only inside a missing hour
        found -= _MINUTE
    return found


def _shown(at: datetime, zone: str) -> datetime:
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


# --- in SQL ---


@dataclass(frozen=True, slots=True)
class WindowSql:
    """A send window's parts as expressions, so that each row may have its own.

    `opens` and `closes` are intervals from midnight; `today` says for each weekday whether it is permitted, `ahead` how
    many days later the next permitted one is (arrays from Monday on).
    """

    is_always_open: Composable
    opens: Composable
    closes: Composable
    today: Composable
    ahead: Composable


def window_sql(window: SendWindow) -> WindowSql:
    is_open = SQL("true" if window.is_always_open else "false")
    return WindowSql(is_open, _interval(window.opens), _closing(window), _flags(window), _days_ahead(window))


def next_moment_sql(
    window: WindowSql, zone: Composable, earliest: Composable, *, quick: bool = False
) -> Composable:
    """`next_moment` as an expression: `zone` gives text, `earliest` timestamptz; NULL in, NULL out.

    Mostly no clock is moved between the days in question, and plain arithmetic serves; else the days are
    tried one by one. `quick` leaves that out and gives NULL instead.
    """
    return _QUICK.format(
        earliest=earliest, zone=zone, slow=SQL("NULL") if quick else _slow(window), is_always_open=window.is_always_open,
        opens=window.opens, closes=window.closes, today=window.today, ahead=window.ahead, monday=_A_MONDAY,
    )  # fmt: skip


# The weekday in whole numbers: extract() gives a numeric, which is dear.
_A_MONDAY = SQL("date '2000-01-03'")
# `shift` is how far the zone's clock is ahead of UTC; if it is the same the day before and the day after the answer, no
# clock was moved in between. OFFSET 0 keeps the steps apart: merged, each later one would compute all the earlier ones
# again.
_QUICK = SQL("""(
SELECT CASE WHEN {is_always_open} OR earliest IS NULL THEN earliest
            WHEN (earliest - interval '24 hours') AT TIME ZONE zone = utc - interval '24 hours' + shift
             AND (guess + interval '24 hours') AT TIME ZONE zone = (guess + interval '24 hours') AT TIME ZONE 'UTC' + shift
            THEN guess ELSE {slow} END
FROM (SELECT zone, shift, earliest, utc,
             greatest(earliest, (day + CASE
                 WHEN ({today}::boolean[])[weekday] AND shown < day + {closes} THEN 0
                 ELSE ({ahead}::int[])[weekday] END + {opens} - shift) AT TIME ZONE 'UTC') AS guess
      FROM (SELECT zone, earliest, utc, shown, shown - utc AS shift, shown::date AS day,
                   ((shown::date - {monday}) % 7 + 7) % 7 + 1 AS weekday
            FROM (SELECT zone, earliest, earliest AT TIME ZONE 'UTC' AS utc, earliest AT TIME ZONE zone AS shown
                  FROM (SELECT {zone} AS zone, {earliest} AS earliest OFFSET 0) s1 OFFSET 0) s2 OFFSET 0) s3 OFFSET 0) s4)""")

_SLOW = SQL("""(
SELECT greatest(earliest, opens_at) FROM (
    SELECT day, {opens_at} AS opens_at, {closes_at} AS closes_at
    FROM (SELECT (earliest AT TIME ZONE zone)::date + ahead AS day FROM generate_series(0,
        {horizon} - 1) AS ahead) d
    WHERE ({today}::boolean[])[extract(isodow FROM day)] OFFSET 0) w
WHERE greatest(earliest, opens_at) < closes_at ORDER BY day LIMIT 1)""")


def _slow(window: WindowSql) -> Composable:
    return _SLOW.format(
        opens_at=first_showing_sql(SQL("(day + {})").format(window.opens), SQL("zone")),
        closes_at=first_showing_sql(SQL("(day + {})").format(window.closes), SQL("zone")),
        horizon=Literal(HORIZON_DAYS), today=window.today,
    )  # fmt: skip


# PostgreSQL reads a missing time by the clock before the jump and a repeated one as the second: the first
# case is walked back by the minute, the second set back by as much as the clock was.
_FIRST_SHOWING = SQL("""(
SELECT CASE
    WHEN read AT TIME ZONE {zone} > local THEN (
        SELECT min(at) FROM generate_series(read - (read AT TIME ZONE {zone} - local), read,
            interval '1 minute') AS at
        WHERE at AT TIME ZONE {zone} >= local)
    WHEN (read - put_back) AT TIME ZONE {zone} = local THEN read - put_back
    ELSE read END
FROM (SELECT local, read, greatest(interval '0', {longest} - (read AT TIME ZONE {zone}
                                                             - (read - {longest}) AT TIME ZONE {zone}))
                                                                 AS put_back
      FROM (SELECT local, local AT TIME ZONE {zone} AS read FROM (SELECT {local} AS local OFFSET 0) f1
          OFFSET 0) f2 OFFSET 0) f3)""")


def first_showing_sql(local: Composable, zone: Composable) -> Composable:
    """`first_showing` as an expression over a timestamp and a zone's name."""
    return _FIRST_SHOWING.format(local=local, zone=zone, longest=_LONGEST)


_LONGEST = SQL("interval '{} hours'").format(Literal(int(_LONGEST_REPEAT.total_seconds() // 3600)))


def _interval(at: time) -> Composable:
    return SQL("interval '{} minutes'").format(Literal(at.hour * 60 + at.minute))


def _closing(window: SendWindow) -> Composable:
    return SQL("interval '24 hours'") if window.closes == time.max else _interval(window.closes)


def _flags(window: SendWindow) -> Composable:
    return Literal([day in window.days for day in range(1, 8)])


def _days_ahead(window: SendWindow) -> Composable:
    """For each weekday, how many days until the next permitted one after it."""
    return Literal(
        [next(n for n in range(1, 8) if (day + n - 1) % 7 + 1 in window.days) for day in range(1, 8)]
    )
