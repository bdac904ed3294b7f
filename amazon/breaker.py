"""When most sellers fail at once the fault is Amazon's: stop asking for a while instead of disconnecting
everybody.

Seen in production: on 27 May 2023 every call of thousands of sellers got a 403 for 25 minutes (developer
threads, read 2026-11-23). So the share is counted over sellers, each with its last outcome: one seller in
trouble, however busy, never stops the others. Below `sellers` of them, each seller's own waits are protection
enough.
"""

from __future__ import annotations

import logging
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
if open_until == 0 then return '0' end
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


class Breaker:
    """One circuit per region and operation, shared by all workers through Valkey.

    Where Valkey cannot be reached it lets calls through: the limiter, asked next, stops them with the better
    reason.
    """

    def __init__(self, valkey: redis.Redis, policy: Policy | None = None) -> None:
        self.policy = policy or Policy()
        self._valkey = valkey
        self._admit = valkey.register_script(_ADMIT)
        self._record = valkey.register_script(_RECORD)

    def admit(self, region: Region, operation: str) -> None:
        """Raises AmazonError `not_now` while the circuit is open."""
        lease = self.policy.probe_lease.total_seconds()
        try:
            wait = float(self._admit(keys=_keys(region, operation), args=[lease]))
        except redis.RedisError:
            return
        if wait:
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

    def record(self, region: Region, operation: str, selling_partner_id: str, *, failed: bool) -> None:
        """One call's end. Counts nothing that the seller or the order explains: see `is_amazons_failure`."""
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

    def abandon(self, region: Region, operation: str) -> None:
        """The call admitted last was never made (it was throttled): let another be the probe."""
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
