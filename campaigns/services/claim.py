"""Taking due messages, so that no two workers have the same one. Committed before anything else happens to
them.

A claim counts as contact: the partial unique index lets one proactive message of an order be claimed or
beyond. A row whose order was contacted is skipped with that reason; one whose order another worker has in
hand waits for what becomes of it.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from accounts import due
from campaigns.domain.states import State
from campaigns.services import moves

BATCH = 100
#: Only so many of the longest due are weighed against each other, so that a claim costs the same under any
#: backlog.
WEIGHED = 400
EXPIRED_AT_ONCE = 5_000
SWEEP_KIND = "messages.sweep"
SWEEP_GRACE = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Claim:
    """`until` is the end of the lease by the database's clock."""

    token: uuid.UUID
    message_ids: tuple[int, ...]
    until: datetime | None = None

    def __bool__(self) -> bool:
        return bool(self.message_ids)


# What a person wrote waits for no backlog.
_DUE = """
(SELECT m.id, m.order_id, m.is_proactive, m.priority, m.due_at FROM campaigns_message m
 WHERE m.state = 'planned' AND m.due_at <= statement_timestamp() AND m.expires_at > statement_timestamp()
 ORDER BY m.due_at, m.id LIMIT %(weighed)s)
UNION
(SELECT m.id, m.order_id, m.is_proactive, m.priority, m.due_at FROM campaigns_message m
 WHERE m.campaign_id IS NULL AND m.state = 'planned' AND m.due_at <= statement_timestamp()
   AND m.expires_at > statement_timestamp() LIMIT 50)
"""
# Asked row by row through the index on the order (a scalar subquery is never made into a join): a join is planned from
# statistics that know nothing of what is in hand this minute. A row that waits is never its own rival.
_IS_BUSY = f"""
(SELECT true FROM campaigns_message x WHERE x.order_id = d.order_id AND x.is_proactive AND x.id <> d.id
 AND (x.state IN ({{states}}) OR x.reason = 'asked_elsewhere' OR {moves.MAY_HAVE_GONE}) LIMIT 1)
"""  # noqa: S608
_SKIPPABLE = f"""
WITH d AS MATERIALIZED ({_DUE})
SELECT d.id FROM d WHERE d.is_proactive AND {_IS_BUSY.format(states="'sent', 'uncertain'")}
"""  # noqa: S608
_CLAIM = f"""
WITH d AS MATERIALIZED ({_DUE}), free AS (
  SELECT id FROM (
    SELECT d.*, row_number() OVER (
      PARTITION BY d.order_id, d.is_proactive ORDER BY d.priority DESC, d.due_at, d.id) AS turn
    FROM d WHERE NOT d.is_proactive OR {_IS_BUSY.format(states="'claimed', 'on_wire', 'sent', 'uncertain'")} IS NULL
  ) AS ranked WHERE turn = 1 OR NOT is_proactive
  ORDER BY priority DESC, due_at, id LIMIT %(limit)s
), taken AS (
  SELECT m.id, t.approved_id FROM campaigns_message m
  LEFT JOIN campaigns_campaign c ON c.id = m.campaign_id LEFT JOIN campaigns_template t ON t.id = c.template_id
  WHERE m.id IN (SELECT id FROM free) AND m.state = 'planned' FOR UPDATE OF m SKIP LOCKED
)
UPDATE campaigns_message m
SET state = 'claimed', claim_token = %(token)s, leased_until = clock_timestamp() + %(lease)s,
    version_id = CASE WHEN m.channel <> 'solicitation' THEN coalesce(taken.approved_id, m.version_id) END,
    updated_at = clock_timestamp()
FROM taken WHERE m.id = taken.id
RETURNING m.id, m.leased_until
"""  # noqa: S608


def claim(seller_id: int, limit: int = BATCH) -> Claim:
    """Claim up to `limit` of the entered seller's due messages, most urgent first. Commits (unless inside
    a transaction).
    """
    for _ in range(3):
        try:
            return _claim_once(seller_id, limit)
        except IntegrityError:
            continue  # another worker claimed the same order between our look and our write: look again
    return Claim(uuid.uuid4(), ())


@transaction.atomic
def _claim_once(seller_id: int, limit: int) -> Claim:
    skip_contacted()
    token = uuid.uuid4()
    params: dict[str, Any] = {
        "weighed": WEIGHED,
        "limit": limit,
        "token": token,
        "lease": settings.CLAIM_LEASE,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, params)
        rows = cursor.fetchall()
    if not rows:
        return Claim(token, ())
    until: datetime = max(leased_until for _, leased_until in rows)
    # Whoever finds the worker dead comes by this entry: leases need no visits of sellers that have none.
    due.lower(seller_id, SWEEP_KIND, until + SWEEP_GRACE)
    return Claim(token, tuple(message_id for message_id, _ in rows), until)


def skip_contacted() -> set[int]:
    """Due messages whose order has had its proactive message, by another campaign or by hand, say so and
    stop.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SKIPPABLE, {"weighed": WEIGHED})
        ids = [row[0] for row in cursor.fetchall()]
    return moves.apply([moves.Move(i, State.SKIPPED, "already_contacted") for i in ids], [State.PLANNED])


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
