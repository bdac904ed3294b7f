"""How use is counted, forecast and told. Pure.

An order counts once: in the month in which the first message of the seller's own about it was sent. Nothing else counts
(`plans.NEVER_CHARGED`). Over the step, sending goes on for the rest of the month; a step that was passed in one month and is
passed in the next too holds further texts of the seller's own until a larger step is chosen or the month ends. Amazon's
own requests always go on.
"""

import calendar
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

#: Percent of the step at which people are told.
NOTICES = (80, 100)


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month on a seller's clock. `starts_at` and `ends_at` are aware."""

    first: date
    starts_at: datetime
    ends_at: datetime

    def share_gone(self, now: datetime) -> float:
        whole = (self.ends_at - self.starts_at).total_seconds()
        return min(1.0, max(0.0, (now - self.starts_at).total_seconds() / whole))


def month_of(at: datetime, zone: str) -> Month:
    """The month that `at` falls into on the clock of `zone` (IANA)."""
    local = at.astimezone(ZoneInfo(zone))
    first = local.date().replace(day=1)
    days = calendar.monthrange(first.year, first.month)[1]
    following = date.fromordinal(first.toordinal() + days)
    starts_at, ends_at = (datetime(d.year, d.month, 1, tzinfo=ZoneInfo(zone)) for d in (first, following))
    return Month(first, starts_at, ends_at)


def month_named(text: str) -> date | None:
    """The first of a month written as 2026-10; None for anything else."""
    try:
        found = datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007  # a calendar month has no zone
    except ValueError:
        return None
    return found if 2000 <= found.year < 2200 else None


def forecast(counted: int, share_gone: float, last_month: int | None) -> int:
    """Orders at the month's end, at this month's pace; early in the month last month's weighs more. Never below `counted`."""
    if share_gone <= 0:
        return max(counted, last_month or 0)
    pace = counted / share_gone
    if last_month is None:
        return max(counted, round(pace))
    return max(counted, round(pace * share_gone + last_month * (1 - share_gone)))


def percent(counted: int, limit: int | None) -> int:
    """Of the step, rounded down; 0 where there is no limit."""
    return 100 * counted // limit if limit else 0


def notices_due(counted: int, limit: int | None, told: Collection[int]) -> list[int]:
    """Percentages to tell of now; once each a month and step."""
    return [mark for mark in NOTICES if percent(counted, limit) >= mark and mark not in told]


def is_over(counted: int, limit: int | None) -> bool:
    """Passed, not merely used up: the step's last order is inside it."""
    return limit is not None and counted > limit


def holds_own_texts(counted: int, limit: int | None, *, was_over_last_month: bool) -> bool:
    """Whether further orders may get a text of the seller's own this month."""
    return was_over_last_month and limit is not None and counted >= limit
