"""The due index: who has work of which kind, and from when. PostgreSQL carries the truth; tasks sent from
here are hints.

Whoever makes work earlier lowers the time. A claim reads only rows whose time has come, so a tick costs as
much as there is due, whatever the number of sellers. A claim takes the time away and leaves a lease by the
database's clock: what is lowered while the work runs is found when it ends, and a lease that runs out may
be claimed again.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from accounts.database import connection
from accounts.models import Seller
from accounts.tenancy import SellerGone, seller_context

_log = logging.getLogger(__name__)

Pairs = Iterable[tuple[int, datetime]]


@dataclass(frozen=True)
class Kind:
    """A kind of work. `task` is the Celery task's name; it gets one argument, `leases: list[[seller_id,
    token]]`.

    `lease` is how long one such task may take for its whole chunk: longer than Celery's time limit (a
    start-up check holds it).
    `mend` names the (seller id, due time) that should be in the index, for the slow sweep that repairs lost
    entries.
    """

    name: str
    task: str
    lease: timedelta
    chunk: int
    mend: Callable[[], Pairs] | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Lease:
    seller_id: int
    kind: str
    token: str


class UnknownKind(Exception):
    """No app registered this kind of work in its AppConfig.ready."""


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    _kinds[kind.name] = kind


def kinds() -> list[Kind]:
    return list(_kinds.values())


def kind_named(name: str) -> Kind:
    if name not in _kinds:
        raise UnknownKind(f"{name!r} is not registered; known are {', '.join(sorted(_kinds)) or 'none'}")
    return _kinds[name]


def lowering(source: str) -> str:
    """SQL that lowers what the query `source` (seller id, kind, due time) finds, for statements that make the
    work too."""
    return f"""
INSERT INTO public.accounts_sellerdue AS known (seller_id, kind, due_at) {source}
ON CONFLICT (seller_id, kind) DO UPDATE SET due_at = EXCLUDED.due_at
WHERE known.due_at IS NULL OR known.due_at > EXCLUDED.due_at
"""


_LOWER = lowering(
    "SELECT seller_id, %s, min(due_at) FROM unnest(%s::bigint[], %s::timestamptz[]) AS given (seller_id, due_at) "
    "GROUP BY seller_id ORDER BY seller_id"
)


def lower(seller_id: int, kind_name: str, due_at: datetime) -> None:
    """Have this work done at `due_at` (aware) or earlier; a later time than the known one changes nothing.

    One upsert, part of the caller's transaction: work and its hint commit together."""
    lower_many(kind_name, [(seller_id, due_at)])


def lower_many(kind_name: str, pairs: Pairs) -> None:
    """`lower` for many sellers in one statement, in the order of their ids so that two of these do not
    deadlock."""
    given = list(pairs)
    if given:
        _execute(_LOWER, [kind_name, [seller_id for seller_id, _ in given], [due_at for _, due_at in given]])


# The kind is compared by array_position because no index can serve that: the only index left to use is the
# one on ready_at, read in its order and no further than the limit.
_CLAIM = """
UPDATE public.accounts_sellerdue AS taken
SET due_at = NULL, lease = gen_random_uuid(),
    leased_until = statement_timestamp()
        + (%(lasts)s::interval[])[array_position(%(names)s::text[], ripe.kind::text)]
FROM (
    SELECT due.id, due.kind FROM public.accounts_sellerdue AS due
    WHERE due.ready_at <= coalesce(%(now)s::timestamptz, statement_timestamp())
      AND array_position(%(names)s::text[], due.kind::text) IS NOT NULL
      AND (SELECT state FROM public.accounts_seller AS seller WHERE seller.id = due.seller_id) = 'ready'
    ORDER BY due.ready_at LIMIT %(limit)s FOR UPDATE OF due SKIP LOCKED
) AS ripe
WHERE taken.id = ripe.id
RETURNING taken.seller_id, taken.kind, taken.lease
"""


def claim(limit: int, now: datetime | None = None) -> list[Lease]:
    """Take up to `limit` rows whose time has come, earliest first, of registered kinds and ready sellers.

    `now` stands in for the database's clock only in deciding what is due; a lease always counts from the
    database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, _claim_parameters(limit, now))
        return [Lease(seller_id, kind, str(token)) for seller_id, kind, token in cursor.fetchall()]


def _claim_parameters(limit: int, now: datetime | None) -> dict[str, Any]:
    registered = kinds()
    names, lasts = [kind.name for kind in registered], [kind.lease for kind in registered]
    return {"names": names, "lasts": lasts, "now": now, "limit": limit}


# Rows are locked in the order of their ids, so that two of these do not deadlock.
_HELD = """
SELECT due.id, given.* FROM unnest(%s::bigint[], %s::text[], %s::uuid[], %s::{}[]) AS given (seller_id, kind, lease, told)
JOIN public.accounts_sellerdue due ON (due.seller_id, due.kind, due.lease) = (given.seller_id, given.kind, given.lease)
ORDER BY due.id FOR UPDATE OF due
"""
_RENEW = f"""
WITH held AS MATERIALIZED ({_HELD.format("interval")})
UPDATE public.accounts_sellerdue known SET leased_until = statement_timestamp() + held.told
FROM held WHERE known.id = held.id RETURNING held.lease
"""  # noqa: S608
_FINISH = f"""
WITH held AS MATERIALIZED ({_HELD.format("timestamptz")})
UPDATE public.accounts_sellerdue known SET due_at = least(known.due_at, held.told), lease = NULL, leased_until = NULL
FROM held WHERE known.id = held.id RETURNING held.lease
"""  # noqa: S608


def renew(lease: Lease) -> bool:
    """Start the lease anew, or learn that it is no longer ours (then leave the work alone)."""
    return bool(renew_many([lease]))


def renew_many(leases: Sequence[Lease]) -> list[Lease]:
    """Start these anew, in one statement; answers those that are still ours."""
    return _of_the_held(_RENEW, [(lease, kind_named(lease.kind).lease) for lease in leases])


def finish(lease: Lease, next_due_at: datetime | None) -> bool:
    """Give the row back, due next at `next_due_at` (None: not until lowered) or earlier, if it was lowered
    meanwhile.

    False: the lease ran out and somebody else has the work; nothing was changed."""
    return bool(finish_many([(lease, next_due_at)]))


def finish_many(done: Sequence[tuple[Lease, datetime | None]]) -> list[Lease]:
    """`finish` for many rows in one statement; answers those that were still ours."""
    return _of_the_held(_FINISH, done)


def _of_the_held(sql: str, told: Sequence[tuple[Lease, Any]]) -> list[Lease]:
    if not told:
        return []
    columns = [[getattr(lease, name) for lease, _ in told] for name in ("seller_id", "kind", "token")]
    with connection.cursor() as cursor:
        cursor.execute(sql, [*columns, [value for _, value in told]])
        held = {str(token) for (token,) in cursor.fetchall()}
    return [lease for lease, _ in told if lease.token in held]


def work_through(
    kind_name: str,
    leases: Sequence[Sequence[object]],
    work: Callable[[Seller], datetime | None],
    retry_after: timedelta = timedelta(minutes=1),
) -> None:
    """Do the work of one hint for each seller in its schema; `work` returns when there is more, or None.

    A seller that fails is logged, tried again after `retry_after`, and does not keep the others waiting.
    """
    for seller_id, token in leases:
        lease = Lease(int(str(seller_id)), kind_name, str(token))
        if renew(lease):
            finish(lease, _worked(lease, work, retry_after))


def _worked(
    lease: Lease, work: Callable[[Seller], datetime | None], retry_after: timedelta
) -> datetime | None:
    try:
        with seller_context(lease.seller_id) as seller:
            return work(seller)
    except SellerGone:
        return None
    except Exception:  # noqa: BLE001  # whatever it is, the next seller's work is not to blame
        _log.exception("%s failed and is tried again", lease.kind, extra={"seller_id": lease.seller_id})
        return _database_now() + retry_after


def _database_now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        now: datetime = cursor.fetchone()[0]
        return now


def _execute(sql: str, params: list[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.rowcount)
