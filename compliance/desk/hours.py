"""Working hours: when a target of so many hours is reached, nights, weekends and holidays left out. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Calendar:
    """Raises ValueError where it would never open."""

    timezone: ZoneInfo
    days: frozenset[int]  # ISO: Monday is 1
    opens: time
    closes: time
    holidays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if not self.days or not self.days <= set(range(1, 8)):
            raise ValueError("name at least one working day, Monday 1 to Sunday 7")
        if self.opens >= self.closes:
            raise ValueError(f"working hours from {self.opens} until {self.closes} never open")

    def due(self, start: datetime, target: timedelta) -> datetime:
        """`target` of working time after `start` (aware); in UTC."""
        left = target
        for opens, closes in self._spells(start):
            if closes - opens >= left:
                return opens + left
            left -= closes - opens
        raise ValueError("no working hours within two years; look at the holidays")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The working time from `start` to `end`; nothing where `end` is not after."""
        worked = timedelta()
        for opens, closes in self._spells(start):
            if opens >= end:
                break
            worked += min(closes, end) - opens
        return worked

    def is_open(self, at: datetime) -> bool:
        local = at.astimezone(self.timezone)
        return self._works(local.date()) and self.opens <= local.time() < self.closes

    def _spells(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Stretches of working time from `start` on, in UTC: clock changes make a day longer or shorter by themselves."""
        first = start.astimezone(self.timezone).date()
        for offset in range(731):
            day = first + timedelta(days=offset)
            if self._works(day):
                opens = max(self._at(day, self.opens), start.astimezone(UTC))
                closes = self._at(day, self.closes)
                if opens < closes:
                    yield opens, closes

    def _works(self, day: date) -> bool:
        return day.isoweekday() in self.days and day not in self.holidays

    def _at(self, day: date, moment: time) -> datetime:
        return datetime.combine(day, moment, self.timezone).astimezone(UTC)
