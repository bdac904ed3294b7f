"""Moving messages between states: the one place that writes `state`, and with it the history people read.

A move names the state it expects (and, for claimed work, the token); a row that is elsewhere by now is left
alone.
"""

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import orjson
from django.db import connection

from campaigns.domain.states import SENT_AGAIN, SILENT, State, may_move


@dataclass(frozen=True, slots=True)
class Move:
    """`after` is when the message is looked at next, from now by the database's clock; None leaves `due_at`
    as it is.

    `detail` may hold no buyer data. For a planned message the reason goes into the history and `waits_for`,
    not into `reason`.
    """

    message_id: int
    to: State
    reason: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)
    after: timedelta | None = None
    #: An attempt that failed: the next one waits longer, and after a few the message is parked.
    is_failure: bool = False


class ForbiddenMove(Exception):
    """The table of moves (campaigns/domain/states.py) does not allow it: a mistake in the code."""


def may_have_gone(message: str) -> str:
    """Of a message by its alias, in SQL: nobody learnt what became of it, and a person had it sent again. Whatever
    becomes of the repeat, the buyer may have heard from us.
    """
    return f"EXISTS (SELECT FROM campaigns_messageevent e WHERE e.message_id = {message}.id AND {SENT_AGAIN})"


_APPLY = """
WITH wanted AS (
  SELECT * FROM unnest(%(ids)s::bigint[], %(states)s::text[], %(reasons)s::text[], %(told)s::text[], %(details)s::text[],
                       %(afters)s::interval[],
                       %(attempts)s::int[]) AS w (id, state, reason, told, detail, after, attempt)
), before AS (
  SELECT m.id, m.state FROM campaigns_message m JOIN wanted w ON w.id = m.id
  WHERE m.state = ANY(%(from)s) AND (%(token)s::uuid IS NULL OR m.claim_token = %(token)s)
  ORDER BY m.id FOR UPDATE OF m
), moved AS (
  UPDATE campaigns_message m
  SET state = w.state, reason = w.reason, reason_detail = w.detail::jsonb,
      -- Never put off beyond its window: the look at its end is what lets it expire.
      due_at = coalesce(CASE WHEN w.state IN ('planned', 'held')
                             THEN least(statement_timestamp() + w.after, m.expires_at)
                             ELSE statement_timestamp() + w.after END, m.due_at),
      -- A worker that wakes up late may still know what became of an uncertain one: its token stays.
      claim_token = CASE WHEN w.state = 'uncertain' THEN m.claim_token END,
      -- That it was in hand (leased_until) stays on it: no plan looked at it meanwhile, so the gate will (claim.py).
      -- Its own worker says that it did not leave: so it never was on the wire.
      on_wire_at = CASE WHEN %(token)s::uuid IS NULL OR b.state = 'claimed' OR w.state NOT IN ('planned', 'held')
                        THEN m.on_wire_at END,
      updated_at = statement_timestamp(),
      attempts = m.attempts + w.attempt
  FROM wanted w JOIN before b ON b.id = w.id WHERE m.id = w.id
  RETURNING m.id, b.state AS was, w.state AS became, w.told, w.detail
)
INSERT INTO campaigns_messageevent (message_id, at, before, after, reason, detail, actor_id)
SELECT id, statement_timestamp(), was, became, told, detail::jsonb, %(actor)s FROM moved
RETURNING message_id
"""


def apply(
    moves: Iterable[Move],
    came_from: Collection[State],
    *,
    token: uuid.UUID | None = None,
    actor_id: int | None = None,
) -> set[int]:
    """Move these messages, in one statement; answers the ids that moved. With a `token` only rows it still
    claims. May run twice.
    """
    wanted = list(moves)
    if not wanted:
        return set()
    for move in wanted:
        _refuse_forbidden(move, came_from)
    with connection.cursor() as cursor:
        cursor.execute(
            _APPLY, {**_columns(wanted), "from": list(came_from), "token": token, "actor": actor_id}
        )
        return {row[0] for row in cursor.fetchall()}


def _refuse_forbidden(move: Move, came_from: Collection[State]) -> None:
    for before in came_from:
        if not may_move(before, move.to):
            raise ForbiddenMove(f"{before} -> {move.to} is not in the table of moves")
    if move.to not in SILENT and not move.reason:
        raise ForbiddenMove(f"a message that becomes {move.to} must say why")


_RELEASE = """
UPDATE campaigns_message SET state = 'planned', claim_token = NULL, updated_at = statement_timestamp()
WHERE id = ANY(%s) AND state = 'claimed' AND claim_token = %s
"""


def release(message_ids: Collection[int], token: uuid.UUID) -> int:
    """Give claimed messages back untouched: they were not tried, so nothing is told and their place in the
    queue stays.
    """
    if not message_ids:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE, [list(message_ids), token])
        return int(cursor.rowcount)


def _columns(moves: list[Move]) -> dict[str, Any]:
    return {
        "ids": [m.message_id for m in moves],
        "states": [m.to for m in moves],
        "reasons": ["" if m.to in SILENT else m.reason for m in moves],
        "told": [m.reason for m in moves],
        "details": [orjson.dumps(_detail(m), default=str).decode() for m in moves],
        "afters": [m.after for m in moves],
        "attempts": [int(m.is_failure) for m in moves],
    }


def _detail(move: Move) -> dict[str, Any]:
    if move.to is State.PLANNED and move.reason:
        return {**move.detail, "waits_for": move.reason}
    return dict(move.detail)
