"""When most sellers fail at once the fault is Amazon's: stop asking for a while instead of disconnecting
everybody.

Seen in production: on 27 May 2023 every call of thousands of sellers got a 403 for 25 minutes (developer
threads, read 2026-11-23). So the share is counted over sellers, each with its last outcome: one seller in
trouble, however busy, never stops the others. Below `sellers` of them, each seller's own waits are protection
enough.
"""

from __future__ import annotations

import logging
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import redis

from .errors import AmazonError, Outcome
from .regions import Region

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Policy:
    """Opens when at least `share` of at least `sellers` sellers failed last within `window`.

    Open for `pause`, doubled by every failed probe up to `longest`; then one probe at a time, until `probes`
    succeeded.
    """

    window: timedelta = timedelta(seconds=60)
    share: float = 0.5
    sellers: int = 5
    pause: timedelta = timedelta(seconds=30)
    longest: timedelta = timedelta(minutes=10)
    probes: int = 3
    #: How long a process takes a closed circuit to be closed without asking.
    trusts: timedelta = timedelta(seconds=1)
    #: A probe that never reported back (a killed worker) makes room for the next after this.
    probe_lease: timedelta = timedelta(seconds=45)


# KEYS: facts (hash: open_until, trips, probe_until, good), bad and good (sorted sets: seller by time).
_NOW = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local open_until = tonumber(redis.call('HGET', KEYS[1], 'open_until') or '0')
"""
_ADMIT = (
    _NOW
    + """
if open_until == 0 then return '-1' end -- closed
if now < open_until then return string.format('%.6f', open_until - now) end
local probe_until = tonumber(redis.call('HGET', KEYS[1], 'probe_until') or '0')
if now < probe_until then return '1' end
redis.call('HSET', KEYS[1], 'probe_until', string.format('%.6f', now + tonumber(ARGV[1])))
return '0'
"""
)
_RECORD = (
    _NOW
    + """
local seller, failed = ARGV[1], ARGV[2] == '1'
local window, share, sellers = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local pause, longest, probes = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local function open()
  local trips = redis.call('HINCRBY', KEYS[1], 'trips', 1)
  local length = math.min(longest, pause * 2 ^ math.min(trips - 1, 16))
  redis.call('HSET', KEYS[1], 'open_until', string.format('%.6f', now + length))
  redis.call('HDEL', KEYS[1], 'probe_until', 'good')
  redis.call('EXPIRE', KEYS[1], math.ceil(length + 86400))
  redis.call('DEL', KEYS[2], KEYS[3])
  return 'opened'
end
if open_until > now then return 'open' end
if open_until > 0 then
  redis.call('HDEL', KEYS[1], 'probe_until')
  if failed then return open() end
  if redis.call('HINCRBY', KEYS[1], 'good', 1) < probes then return 'probing' end
  redis.call('DEL', KEYS[1])
  return 'closed'
end
local into, out = KEYS[3], KEYS[2]
if failed then into, out = KEYS[2], KEYS[3] end
redis.call('ZREM', out, seller)
redis.call('ZADD', into, now, seller)
for _, key in ipairs({KEYS[2], KEYS[3]}) do
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - window)
  redis.call('EXPIRE', key, math.ceil(window * 2))
end
if not failed then return 'counted' end
local bad, good = redis.call('ZCARD', KEYS[2]), redis.call('ZCARD', KEYS[3])
if bad + good >= sellers and bad >= share * (bad + good) then return open() end
return 'counted'
"""
)


# Many sellers' good answers at once. Where trouble began meanwhile they were on their way, and change nothing.
_ALL_GOOD = (
    _NOW
    + """
if open_until > 0 then return end
for number = 2, #ARGV do
  redis.call('ZREM', KEYS[2], ARGV[number])
  redis.call('ZADD', KEYS[3], now, ARGV[number])
end
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - tonumber(ARGV[1]))
redis.call('EXPIRE', KEYS[3], math.ceil(tonumber(ARGV[1]) * 2))
"""
)

Circuit = tuple[Region, str]


class Breaker:
    """One circuit per region and operation, shared by all workers through Valkey. Safe to share between threads.

    While a circuit is closed each process asks about it once in `policy.trusts`, and reports its good answers as
    seldom; failures are reported at once. Where Valkey cannot be reached calls are let through: the limiter, asked
    next, stops them with the better reason.
    """

    def __init__(self, valkey: redis.Redis, policy: Policy | None = None) -> None:
        self.policy = policy or Policy()
        self._valkey = valkey
        self._lock = threading.Lock()
        self._closed_until: dict[Circuit, float] = {}
        self._good: dict[Circuit, set[str]] = {}
        self._good_since: dict[Circuit, float] = {}
        self._admit = valkey.register_script(_ADMIT)
        self._record = valkey.register_script(_RECORD)
        self._all_good = valkey.register_script(_ALL_GOOD)

    def admit(self, region: Region, operation: str) -> None:
        """Raises AmazonError `not_now` while the circuit is open."""
        if self._is_known_closed((region, operation)):
            return
        lease = self.policy.probe_lease.total_seconds()
        try:
            wait = float(self._admit(keys=_keys(region, operation), args=[lease]))
        except redis.RedisError:
            return
        if wait < 0:
            self._closed_until[region, operation] = time.monotonic() + self.policy.trusts.total_seconds()
        elif wait:
            sentence = (
                f"Amazon fails for most sellers just now ({operation}, {region}). We ask again shortly."
            )
            raise AmazonError(
                Outcome.NOT_NOW,
                sentence,
                code="CircuitOpen",
                operation=operation,
                retry_after=timedelta(seconds=wait),
            )

    def succeed(self, region: Region, operation: str, selling_partner_id: str) -> None:
        """A good answer: told with others of its kind, or at once where the circuit is not plainly closed."""
        circuit = (region, operation)
        if not self._is_known_closed(circuit):
            self.record(region, operation, selling_partner_id, failed=False)
            return
        with self._lock:
            self._good.setdefault(circuit, set()).add(selling_partner_id or "-")
            began_at = self._good_since.setdefault(circuit, time.monotonic())
        if time.monotonic() - began_at >= self.policy.trusts.total_seconds():
            self._tell_good(circuit)

    def record(self, region: Region, operation: str, selling_partner_id: str, *, failed: bool) -> None:
        """One call's end. Counts nothing that the seller or the order explains: see `is_amazons_failure`."""
        if failed:  # those that went well are to be weighed against it
            self._tell_good((region, operation))
            self._closed_until.pop((region, operation), None)
        policy = self.policy
        arguments: list[Any] = [
            selling_partner_id or "-",
            int(failed),
            policy.window.total_seconds(),
            policy.share,
        ]
        arguments += [
            policy.sellers,
            policy.pause.total_seconds(),
            policy.longest.total_seconds(),
            policy.probes,
        ]
        try:
            came = self._record(keys=_keys(region, operation), args=arguments)
        except redis.RedisError:
            return
        if came in (b"opened", "opened"):
            log.warning("Amazon fails for most sellers: circuit opened for %s in %s", operation, region)

    def _is_known_closed(self, circuit: Circuit) -> bool:
        return time.monotonic() < self._closed_until.get(circuit, 0.0)

    def _tell_good(self, circuit: Circuit) -> None:
        with self._lock:
            sellers, began_at = self._good.pop(circuit, set()), self._good_since.pop(circuit, 0.0)
        window = self.policy.window.total_seconds()
        if not sellers or time.monotonic() - began_at > window:
            return  # too long ago to say anything about now
        with suppress(redis.RedisError):
            self._all_good(keys=_keys(*circuit), args=[window, *sellers])

    def abandon(self, region: Region, operation: str) -> None:
        """The call admitted last was never made (it was throttled): let another be the probe."""
        if self._is_known_closed((region, operation)):
            return  # there are no probes
        try:
            self._valkey.hdel(_keys(region, operation)[0], "probe_until")
        except redis.RedisError:
            return


def is_amazons_failure(error: AmazonError) -> bool:
    """No answer, a server's error, or a refusal that would be an incident if every seller got it."""
    if error.outcome is Outcome.NOT_NOW:
        return False
    return (
        error.status == 0 or error.status >= 500 or error.outcome in {Outcome.RECONNECT, Outcome.NEEDS_ROLE}
    )


def _keys(region: Region, operation: str) -> list[str]:
    # The braces keep the three keys on one node of a cluster.
    base = f"amazon:breaker:{{{region}:{operation}}}"
    return [base, f"{base}:bad", f"{base}:good"]
