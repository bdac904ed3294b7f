"""Taking due messages, so that no two workers have the same one. Committed before anything else happens to
them.

A claim counts as contact: the partial unique index lets one proactive message of an order be claimed or
beyond. A row whose order was contacted is skipped with that reason; one whose order another worker has in
hand waits for what becomes of it.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection

from accounts import due
from accounts.database import single_statement
from campaigns.domain.states import State
from campaigns.domain.vocabulary import Channel
from campaigns.services import moves
from campaigns.services.gate import facts
from campaigns.services.gate.facts import MESSAGE, Facts, Row

BATCH = 100
#: Only so many of the longest due are weighed against each other, so that a claim costs the same under any
#: backlog.
WEIGHED = 400
EXPIRED_AT_ONCE = 5_000
SWEEP_KIND = "messages.sweep"
SWEEP_GRACE = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Claim:
    """`facts` are the gate's, most urgent first; `until` is the end of the lease by the database's clock.

    `due_besides`: channels of due messages that were left for the next claim. `waits_for_others`: some wait for
    what becomes of a message in hand. `next_due_at`: when the first that is not due yet will be. `has_expired`:
    some waited past their window. `planned_until`: the planner's cursor at that moment (0: it has not run); an order
    that changed from there on is not planned yet. `came_back`: messages that a claim had before; what the planner read while
    it had them, it did not plan for them.
    """

    token: uuid.UUID
    facts: tuple[Facts, ...] = ()
    until: datetime | None = None
    due_besides: frozenset[str] = frozenset()
    waits_for_others: bool = False
    next_due_at: datetime | None = None
    has_expired: bool = False
    planned_until: int = 0
    came_back: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.facts)

    @property
    def message_ids(self) -> tuple[int, ...]:
        return tuple(one.message_id for one in self.facts)


#: A channel of one account ("solicitation", 7) that is left alone.
Closed = tuple[str, int | None]

_COLUMNS = "m.id, m.order_id, m.is_proactive, m.priority, m.due_at, m.channel"
_WAITS = "m.state = 'planned' AND m.due_at <= statement_timestamp() AND m.expires_at > statement_timestamp()"
# What a person wrote waits for no backlog.
_DUE = f"""
(SELECT {_COLUMNS} FROM campaigns_message m WHERE {_WAITS} ORDER BY m.due_at, m.id LIMIT %(weighed)s)
UNION
(SELECT {_COLUMNS} FROM campaigns_message m WHERE m.campaign_id IS NULL AND {_WAITS} LIMIT 50)
"""  # noqa: S608
# Channel by channel, so that nobody walks through the backlog of one that is closed to find what is due of another.
_DUE_BESIDES = f"""
SELECT m.* FROM (
  (SELECT w.* FROM unnest(%(channels)s::text[]) AS open (channel) CROSS JOIN LATERAL (
    SELECT {_COLUMNS} FROM campaigns_message m WHERE m.channel = open.channel AND {_WAITS}
    ORDER BY m.due_at, m.id LIMIT %(weighed)s) AS w)
  UNION
  (SELECT {_COLUMNS} FROM campaigns_message m WHERE m.campaign_id IS NULL AND {_WAITS} LIMIT 50)
) AS m JOIN orders_order o ON o.id = m.order_id
WHERE (m.channel, o.connection_id) NOT IN (SELECT * FROM unnest(%(closed)s::text[], %(accounts)s::bigint[]))
"""  # noqa: S608
# Asked row by row through the index on the order (a scalar subquery is never made into a join): a join is planned from
# statistics that know nothing of what is in hand this minute. A row that waits is never its own rival. Null: the order
# is free; false: another message of it is in hand; true: it was contacted.
_RIVAL = f"""
(SELECT bool_or(x.state NOT IN ('claimed', 'on_wire')) FROM campaigns_message x
 WHERE x.order_id = m.order_id AND x.is_proactive AND x.id <> m.id
 AND (x.state IN ('claimed', 'on_wire', 'sent', 'uncertain') OR x.reason = 'asked_elsewhere' OR {moves.may_have_gone("x")}))
"""  # noqa: S608
_LEAVE_WORD = due.lowering(
    f"SELECT %(seller)s, '{SWEEP_KIND}', max(leased_until) + %(grace)s FROM claimed HAVING count(*) > 0"  # noqa: S608
)


@cache
def _claim_sql(among: str) -> str:
    """Who is due, whose order is free, the claim itself, and the word left for whoever finds the worker dead; then what
    else is planned.
    """
    return f"""
WITH d AS MATERIALIZED (SELECT m.*, CASE WHEN m.is_proactive THEN {_RIVAL} END AS rival FROM ({among}) AS m
), ranked AS MATERIALIZED (
  SELECT id, channel, priority, due_at, NOT is_proactive OR 1 = row_number() OVER (
    PARTITION BY order_id, is_proactive ORDER BY priority DESC, due_at, id) AS is_first
  FROM d WHERE rival IS NULL
), free AS MATERIALIZED (
  SELECT id FROM ranked WHERE is_first ORDER BY priority DESC, due_at, id LIMIT %(limit)s
), taken AS MATERIALIZED (
  SELECT id, leased_until IS NOT NULL AS came_back FROM campaigns_message
  WHERE id IN (SELECT id FROM free) AND state = 'planned' FOR UPDATE SKIP LOCKED
), claimed AS (
  UPDATE campaigns_message m
  SET state = 'claimed', claim_token = %(token)s, leased_until = clock_timestamp() + %(lease)s,
      version_id = CASE WHEN m.channel <> 'solicitation' THEN m.version_id END, updated_at = clock_timestamp()
  FROM taken WHERE m.id = taken.id
  RETURNING {MESSAGE}, m.leased_until, m.priority, taken.came_back
), word AS ({_LEAVE_WORD})
SELECT claimed.leased_until,
       ARRAY(SELECT id FROM d WHERE rival) AS contacted,
       ARRAY(SELECT DISTINCT channel FROM ranked WHERE is_first AND id NOT IN (SELECT id FROM free)) AS besides,
       EXISTS (SELECT FROM d WHERE NOT rival) OR EXISTS (SELECT FROM ranked WHERE NOT is_first)
         OR (SELECT count(*) FROM free) > (SELECT count(*) FROM taken) AS waits,
       coalesce((SELECT changed_xact FROM campaigns_plancursor), 0) AS planned_until,
       claimed.*
FROM (SELECT 1) AS once LEFT JOIN claimed ON true
ORDER BY claimed.priority DESC, claimed.due_at, claimed.id;
SELECT min(due_at) FROM campaigns_message WHERE state = 'planned' AND due_at > statement_timestamp();
SELECT EXISTS (SELECT FROM campaigns_message WHERE state = 'planned' AND due_at <= statement_timestamp()
               AND expires_at <= statement_timestamp())
"""  # noqa: S608


def claim(seller_id: int, limit: int = BATCH, closed: Collection[Closed] = ()) -> Claim:
    """Claim up to `limit` of the entered seller's due messages, most urgent first, none of a `closed` channel. Commits
    (unless inside a transaction), then looks at what was claimed.
    """
    for _ in range(3):
        try:
            return _claim_once(seller_id, limit, closed)
        except IntegrityError:
            continue  # another worker claimed the same order between our look and our write: look again
    return Claim(uuid.uuid4(), waits_for_others=True)


def _claim_once(seller_id: int, limit: int, closed: Collection[Closed]) -> Claim:
    token = uuid.uuid4()
    params: dict[str, Any] = {
        "seller": seller_id, "weighed": WEIGHED, "limit": limit, "token": token, "lease": settings.CLAIM_LEASE,
        "grace": SWEEP_GRACE, "channels": list(Channel), "closed": [name for name, _ in closed],
        "accounts": [account for _, account in closed],
    }  # fmt: skip
    with single_statement() as cursor:
        cursor.execute(_claim_sql(_DUE_BESIDES if closed else _DUE), params)
        found = cursor.fetchall()
        cursor.nextset()
        (next_at,) = cursor.fetchone()
        cursor.nextset()
        (has_expired,) = cursor.fetchone()
    until, contacted, besides, waits, planned_until = found[0][:5]
    skip_contacted(contacted)
    rows = [Row(*one[5 : 5 + len(Row._fields)]) for one in found] if until else []
    return Claim(
        token, _looked_at(seller_id, token, rows), max(one[0] for one in found) if until else None,
        frozenset(besides), waits, next_at, has_expired, planned_until,
        frozenset(one[5] for one in found if one[-1]),
    )  # fmt: skip


_FIX_VERSION = """
UPDATE campaigns_message m SET version_id = t.approved_id
FROM campaigns_campaign c JOIN campaigns_template t ON t.id = c.template_id
WHERE m.id = ANY(%(ids)s) AND m.state = 'claimed' AND m.claim_token = %(token)s
  AND c.id = m.campaign_id AND t.approved_id IS NOT NULL
RETURNING m.id, m.version_id
"""


def _looked_at(seller_id: int, token: uuid.UUID, rows: Sequence[Row]) -> tuple[Facts, ...]:
    worded = [row.id for row in rows if row.channel != Channel.SOLICITATION]
    with connection.cursor() as cursor:
        if worded:
            cursor.execute(_FIX_VERSION, {"ids": worded, "token": token})
            fixed = dict(cursor.fetchall())
            rows = [row._replace(version_id=fixed.get(row.id, row.version_id)) for row in rows]
        return tuple(facts.look(cursor, seller_id, rows))


def skip_contacted(message_ids: Collection[int]) -> set[int]:
    """Due messages whose order has had its proactive message, by another campaign or by hand, say so and
    stop.
    """
    return moves.apply(
        [moves.Move(i, State.SKIPPED, "already_contacted") for i in message_ids], [State.PLANNED]
    )


_PUT_OFF = """
UPDATE campaigns_message m
SET due_at = least(statement_timestamp() + %(after)s, m.expires_at),
    reason_detail = jsonb_build_object('waits_for', %(reason)s::text)
WHERE m.id IN (
  SELECT w.id FROM campaigns_message w JOIN orders_order o ON o.id = w.order_id
  WHERE o.connection_id = %(connection)s AND w.channel = %(channel)s AND w.state = 'planned'
    AND w.due_at <= statement_timestamp()
  FOR UPDATE OF w SKIP LOCKED)
"""


def put_off(channel: str, connection_id: int | None, after: timedelta, reason: str) -> int:
    """What is due for this channel of this account waits, as the trouble is not any message's own; the seller's
    others go on.
    """
    params: dict[str, Any] = {
        "channel": channel,
        "connection": connection_id,
        "after": after,
        "reason": reason,
    }
    with connection.cursor() as cursor:
        cursor.execute(_PUT_OFF, params)
        return int(cursor.rowcount)


_OUT_OF_TIME = """
SELECT id FROM campaigns_message
WHERE state = 'planned' AND due_at <= clock_timestamp() AND expires_at <= clock_timestamp() LIMIT %s
"""


def expire_due() -> set[int]:
    """Due messages that no claim takes any more, since their window closed, say so."""
    with connection.cursor() as cursor:
        cursor.execute(_OUT_OF_TIME, [EXPIRED_AT_ONCE])
        ids = [row[0] for row in cursor.fetchall()]
    return moves.apply([moves.Move(i, State.EXPIRED, "window_closed") for i in ids], [State.PLANNED])


_NEXT = """
SELECT least(
  (SELECT min(due_at) FROM campaigns_message m WHERE state = 'planned' AND due_at > clock_timestamp()),
  (SELECT clock_timestamp() + %(pause)s
   WHERE EXISTS (SELECT FROM campaigns_message WHERE state = 'planned' AND due_at <= clock_timestamp()
                 AND expires_at > clock_timestamp())))
"""


def next_due_at(pause: timedelta) -> datetime | None:
    """When the entered seller's next planned message is due; `pause` from now where some are due already."""
    with connection.cursor() as cursor:
        params: dict[str, Any] = {"pause": pause}
        cursor.execute(_NEXT, params)
        found: datetime | None = cursor.fetchone()[0]
        return found
