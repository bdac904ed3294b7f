"""Token buckets per (application, seller, operation), as Amazon throttles.

Rates: the usage plans written into Amazon's published models (read 2026-11). The clock is the sandbox's, so
moving it forward fills the buckets.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from .clock import Clock


@dataclass(frozen=True, slots=True)
class Rate:
    """Requests per second and how many may come at once."""

    per_second: float
    burst: float

    @property
    def header(self) -> str:
        return repr(float(self.per_second))


@dataclass(slots=True)
class Limits:
    """`rates` overrides by (seller, operation), either may be '' for any; `app_wide` bites across sellers."""

    clock: Clock
    rng: random.Random
    rates: dict[tuple[str, str], Rate] = field(default_factory=dict)
    app_wide: Rate | None = None
    stray: float = 0.0
    _buckets: dict[tuple[str, str, str], list[float]] = field(default_factory=dict)

    def rate_for(self, seller: str, operation: str, default: Rate) -> Rate:
        if not self.rates:
            return default
        for key in ((seller, operation), (seller, ""), ("", operation), ("", "")):
            if key in self.rates:
                return self.rates[key]
        return default

    def take(self, app: str, seller: str, operation: str, rate: Rate) -> bool:
        """True when the call may pass. A refused call costs nothing."""
        if self.stray and self.rng.random() < self.stray:
            return False
        if self.app_wide is not None and not self._draw((app, "", ""), self.app_wide):
            return False
        return self._draw((app, seller, operation), rate)

    def _draw(self, key: tuple[str, str, str], rate: Rate) -> bool:
        now = self.clock.now()
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = [rate.burst, now]
        elapsed = max(0.0, now - bucket[1])
        tokens = min(rate.burst, bucket[0] + elapsed * rate.per_second)
        allowed = tokens >= 1 - 1e-9
        bucket[0], bucket[1] = (tokens - 1 if allowed else tokens), now
        return allowed

    def refill(self) -> None:
        self._buckets.clear()
