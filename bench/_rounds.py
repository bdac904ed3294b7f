"""The same work several times: by the clock and by the processors, ours and the database's."""

import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.db import connection


@dataclass(frozen=True)
class Took:
    """Seconds of one piece of work. Where the database runs elsewhere, its processor time is not to be seen: the
    clock stands in, as the two wait for each other.
    """

    wall: float
    ours: float
    database: float

    @property
    def processor(self) -> float:
        return self.ours + self.database


def timed(act: Callable[[], object]) -> Took:
    """`act` must do its database work on Django's one connection (with a server that helps a query along with further
    processes, those are not counted: nothing measured here lets it).
    """
    began, ours, database = time.perf_counter(), time.process_time(), _backend()
    act()
    wall, ours = time.perf_counter() - began, time.process_time() - ours
    ended = _backend()
    known = database is not None and ended is not None
    return Took(wall, ours, (ended or 0) - (database or 0) if known else max(0.0, wall - ours))


def rounds(times: int, act: Callable[[], object], before: Callable[[], object] = lambda: None) -> list[Took]:
    """`before` is not timed."""
    found = []
    for _ in range(times):
        before()
        found.append(timed(act))
    return found


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def spread(values: Sequence[float], unit: str = "") -> str:
    """Least, median, most: "1.2 / 1.4 / 2.3 ms"."""
    shown = " / ".join(f"{value:,.3g}" for value in (min(values), median(values), max(values)))
    return f"{shown} {unit}".rstrip()


def each(found: Sequence[Took], count: int, scale: float, unit: str) -> str:
    """A line on the rounds, of `count` pieces each: by the clock, by the processors, whose."""
    wall = spread([scale * one.wall / count for one in found], unit)
    processor = spread([scale * one.processor / count for one in found], unit)
    ours = scale * median([one.ours for one in found]) / count
    return f"clock {wall}, processor {processor} (ours {ours:.3g}), least / median / most of {len(found)}"


def _backend() -> float | None:
    """Processor seconds so far of the process that serves our connection."""
    assert connection.connection is not None
    with suppress(OSError):
        spent = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat").read_text()
        return int(spent.split()[0]) / 1e9
    return None
