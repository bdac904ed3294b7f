"""The sandbox's own time: every window, token life, bucket and report delay reads it."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class Clock:
    """Virtual time in whole and fractional seconds since 1970, running at `speed` times real time."""

    def __init__(self, now: float | None = None, speed: float = 1.0) -> None:
        self.speed = speed
        self._real = time.time()
        self._virtual = self._real if now is None else now

    def now(self) -> float:
        return self._virtual + (time.time() - self._real) * self.speed

    def seconds(self) -> int:
        return int(self.now())

    def set(self, at: float) -> None:
        self._virtual, self._real = at, time.time()

    def advance(self, seconds: float) -> None:
        self.set(self.now() + seconds)

    def run_at(self, speed: float) -> None:
        self.set(self.now())
        self.speed = speed

    def state(self) -> dict[str, float]:
        return {"virtual": self.now(), "real": time.time(), "speed": self.speed}

    @classmethod
    def resumed(cls, state: dict[str, float]) -> Clock:
        """The clock of an earlier run. While the process was down time passed at real speed at most."""
        down = max(0.0, time.time() - state["real"])
        return cls(state["virtual"] + down * min(state["speed"], 1.0), state["speed"])


def iso(at: float) -> str:
    """Amazon's form of a moment: `2026-11-23T08:00:00Z`."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parsed(text: str) -> float:
    """Seconds since 1970 of an ISO 8601 moment; a moment without zone is UTC. ValueError when it is none."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.timestamp()
