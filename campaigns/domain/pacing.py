"""Letting many waiting messages go without a burst: one after the other, inside each campaign's own hours. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from campaigns.domain.schedule import SendWindow, next_moment

#: Between two messages of a seller, unless there are so many that a day would not do.
PAUSE = timedelta(seconds=30)
WITHIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Waiting:
    """`zone` (IANA) is the clock of the window. `expires_at` aware."""

    message_id: int
    expires_at: datetime
    window: SendWindow
    zone: str


def spread(waiting: Iterable[Waiting], now: datetime) -> Iterator[tuple[int, datetime]]:
    """When each may go: what expires first goes first. What has no open hour left before it expires is let expire."""
    ordered = sorted(waiting, key=lambda one: (one.expires_at, one.message_id))
    pause = min(PAUSE, WITHIN / max(len(ordered), 1))
    following: dict[tuple[SendWindow, str], datetime] = {}
    for one in ordered:
        place = (one.window, one.zone)
        at = next_moment(one.window, one.zone, following.get(place, now))
        if at is None or at >= one.expires_at:
            yield one.message_id, one.expires_at
            continue
        following[place] = at + pause
        yield one.message_id, at
