"""Amazon's token buckets, kept once for all workers: one Lua script in Valkey, by the server's clock.

Amazon's bucket belongs to application, seller and operation (usage plans guide, read 2026-11-23), so the key
is (region, selling partner, operation): an agency and a seller who share an account share its bucket.

Our bucket is one token smaller than Amazon's and fills two percent slower. The spare token absorbs what the
network does to spacing: of two requests a second apart, the first may arrive late and the second early.
"""

from __future__ import annotations

import math
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from . import operations
from .errors import LimiterUnavailable
from .regions import Region

HEADROOM = 0.98
#: A bucket nobody used for so long is full anyway; what is forgotten is only what the header taught.
_MEMORY = 86_400
_MAX_WAIT = timedelta(hours=1)

# Fields: tokens, at (when they were counted; in the future while the bucket is blocked), rate, strikes.
_SETTLE = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local burst = tonumber(ARGV[1])
local had = redis.call('HMGET', KEYS[1], 'tokens', 'at', 'rate', 'strikes')
local rate = tonumber(had[3] or ARGV[2])
local at = tonumber(had[2] or now)
local tokens = tonumber(had[1] or burst)
if at - now > 7200 then at = now end -- the server's clock was set back
if now > at then
  tokens = math.min(burst, tokens + (now - at) * rate)
  at = now
end
local function keep()
  redis.call('HSET', KEYS[1], 'tokens', string.format('%.9f', tokens), 'at', string.format('%.6f', at),
             'rate', string.format('%.9f', rate))
  redis.call('EXPIRE', KEYS[1], math.max(tonumber(ARGV[3]), math.ceil(2 * burst / rate)))
end
"""
# A billionth of a token is rounding, not a refusal.
_TAKE = (
    _SETTLE
    + """
local wanted = tonumber(ARGV[4])
local whole = 0
if at <= now then whole = math.floor(tokens + 0.000000001) end
local taken = math.min(wanted, whole)
if taken > 0 then tokens = tokens - taken end
keep()
local wait = 0
if taken == 0 then wait = math.max(at - now, 0) + math.max(1 - tokens, 0) / rate end
return {taken, string.format('%.6f', wait), string.format('%.9f', rate)}
"""
)
_PEEK = (
    _SETTLE
    + """
if at > now then return 0 end
return math.floor(tokens + 0.000000001)
"""
)
_TUNE = (
    _SETTLE
    + """
rate = tonumber(ARGV[4])
keep()
return 1
"""
)
# Several requests in flight may all come back 429: those that find the bucket blocked already add nothing.
_DRAIN = (
    _SETTLE
    + """
local wait = math.max(at - now, 0) + math.max(1 - tokens, 0) / rate
if at > now then return string.format('%.6f', wait) end
local last = redis.call('HGET', KEYS[1], 'drained')
local strikes = tonumber(had[4] or '0')
if last and now - tonumber(last) > 60 + 8 / rate then strikes = 0 end
local pause = math.min(tonumber(ARGV[5]), (2 ^ math.min(strikes, 12)) * (1 + tonumber(ARGV[4])) / rate)
tokens = 1
at = now + pause
redis.call('HSET', KEYS[1], 'strikes', strikes + 1, 'drained', string.format('%.6f', at))
keep()
return string.format('%.6f', pause)
"""
)


@dataclass(frozen=True, slots=True)
class Bucket:
    """Whose bucket: a region, the selling partner in it ("" for the application itself), an operation."""

    region: Region
    selling_partner_id: str
    operation: str

    @property
    def key(self) -> str:
        return f"amazon:bucket:{self.region}:{self.selling_partner_id or '-'}:{self.operation}"


class Limiter:
    """Shared by all threads and processes that use the same Valkey. Never sleeps.

    Every method raises LimiterUnavailable when Valkey cannot be reached: calls wait, they are not made
    uncounted.
    """

    def __init__(self, valkey: redis.Redis) -> None:
        self._valkey = valkey
        self._take = valkey.register_script(_TAKE)
        self._peek = valkey.register_script(_PEEK)
        self._tune = valkey.register_script(_TUNE)
        self._drain = valkey.register_script(_DRAIN)
        self._rates: dict[str, float] = {}
        self._own = threading.local()

    @classmethod
    def at(cls, url: str) -> Limiter:
        return cls(connect(url))

    def take(self, bucket: Bucket) -> float:
        """Take one token. 0.0: taken. Otherwise seconds until one is there, and none was taken."""
        taken, wait = self._take_up_to(bucket, 1)
        return 0.0 if taken else max(wait, 0.001)

    def take_many(self, bucket: Bucket, wanted: int) -> int:
        """Take up to `wanted` tokens at once; how many were taken."""
        return self._take_up_to(bucket, wanted)[0] if wanted > 0 else 0

    def available(self, bucket: Bucket) -> int:
        """How many calls this seller could make now. A look: another worker may take them first."""
        return int(self._run(lambda: self._peek(keys=[bucket.key], args=_arguments(bucket))))

    def tune(self, bucket: Bucket, rate: float) -> None:
        """Amazon's header says `rate` requests a second: never be faster. The burst is not in the header and
        stays.
        """
        if not (math.isfinite(rate) and 0 < rate <= 1000):
            return
        ours = rate * HEADROOM
        if abs(self._rates.get(bucket.key, 0.0) - ours) <= ours * 1e-6:
            return
        self._run(lambda: self._tune(keys=[bucket.key], args=[*_arguments(bucket), ours]))
        self._remember(bucket.key, ours)

    def drain(self, bucket: Bucket) -> float:
        """Amazon answered 429: nobody takes from this bucket for a token's time and a random part of another.

        Each 429 that follows soon doubles it, to an hour. Returns the seconds to wait.
        """
        jitter = random.random()  # noqa: S311  it spreads load and guards nothing
        arguments = [*_arguments(bucket), jitter, _MAX_WAIT.total_seconds()]
        return float(self._run(lambda: self._drain(keys=[bucket.key], args=arguments)))

    def _take_up_to(self, bucket: Bucket, wanted: int) -> tuple[int, float]:
        answer = self._run(lambda: self._take([bucket.key], [*_arguments(bucket), wanted], self._here()))
        taken, wait, rate = answer
        self._remember(bucket.key, float(rate))
        return int(taken), float(wait)

    def _here(self) -> redis.Redis:
        """This thread's own connection: to take one from the pool and give it back costs as much as the question."""
        client: redis.Redis | None = getattr(self._own, "client", None)
        if client is None:
            client = self._own.client = self._valkey.client()  # type: ignore[no-untyped-call]
        return client

    def _remember(self, key: str, rate: float) -> None:
        if len(self._rates) > 50_000:
            self._rates.clear()
        self._rates[key] = rate

    def _run(self, script: Callable[[], Any]) -> Any:
        try:
            return script()
        except redis.RedisError as error:
            raise LimiterUnavailable(message=f"{type(error).__name__}: {error}"[:200]) from error


def connect(url: str) -> redis.Redis:
    """A client that gives up in two seconds: the library's own retries would hold a worker for ten."""
    once_more = Retry(NoBackoff(), 1)  # for a connection that died idle
    return redis.Redis.from_url(
        url, socket_timeout=2, socket_connect_timeout=2, health_check_interval=30, retry=once_more
    )


def _arguments(bucket: Bucket) -> list[float]:
    operation = operations.find(bucket.operation)
    spare = 1 if operation.burst > 1 else 0
    return [operation.burst - spare, operation.rate * HEADROOM, _MEMORY]
