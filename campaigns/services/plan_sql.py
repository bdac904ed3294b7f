"""The statement that plans: judge the orders in scope, write rows and their history, count."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from psycopg.sql import SQL, Composable, Literal

from campaigns.domain.conditions import CODES, query, sift
from campaigns.domain.statement import NOW, Hole, Statement
from campaigns.domain.terms import Terms
from campaigns.models import Campaign

Row = tuple[str | int | bool, ...]
_NOTHING = SQL("")

# What was planned before and fits no more is skipped; what planning itself took back comes again when it
# fits again. A row that a person withdrew, or that the gate or Amazon stopped for reasons of their own,
# is left alone, as is one that is claimed or further.
_WRITE = SQL("""
WITH {before}judged AS MATERIALIZED ({judged}),
changes AS MATERIALIZED (SELECT * FROM (
    SELECT *, CASE
        WHEN unmet IS NOT NULL THEN 'skipped'
        WHEN message_state = 'held' AND NOT is_ours THEN 'held'
        ELSE target END AS state,
      CASE
        WHEN unmet IS NOT NULL THEN unmet
        WHEN message_state = 'held' AND NOT is_ours THEN message_reason
        ELSE target_reason END AS reason,
      CASE
        WHEN unmet IS NOT NULL OR message_state = 'held' AND NOT is_ours THEN message_due_at
        -- Already due, and still so: it is about to go.
        WHEN message_state = 'planned' AND message_due_at <= {now} AND ready_at <= {now} THEN message_due_at
        -- Put off at the gate: only a later plan moves it.
        WHEN message_state = 'planned' AND (message_attempts > 0 OR message_detail ? 'waits_for')
             THEN greatest(message_due_at, due_at)
        ELSE due_at END AS new_due_at
    FROM (SELECT *, message_reason = ANY ({codes}::text[]) AS is_ours FROM judged
          WHERE message_id IS NOT NULL AND unmet IS DISTINCT FROM {undecided}) j JOIN {campaigns} USING (campaign_id)
    WHERE message_state IN ('planned', 'held')
       OR message_state IN ('skipped', 'cancelled', 'expired') AND is_ours AND unmet IS NULL
    ) c
    -- Most changed orders change nothing here: their rows are not looked up again.
    WHERE (message_state, message_reason, message_due_at) IS DISTINCT FROM (state, reason, new_due_at)
       OR unmet IS NULL AND (message_expires_at, message_evidence, message_channel, message_purpose, message_kind,
              message_is_proactive, message_priority)
          IS DISTINCT FROM (expires_at, evidence, channel, purpose, message_type, is_proactive, priority)
),
made AS (
    INSERT INTO campaigns_message (public_id, order_id, campaign_id, channel, purpose, message_type,
        is_proactive, priority, state, reason, due_at, expires_at, evidence, planned_revision)
    SELECT {public_id}, order_id, campaign_id, channel, purpose, message_type,
        is_proactive, priority, target, target_reason, due_at, expires_at, evidence, revision
    FROM judged JOIN {campaigns} USING (campaign_id) WHERE unmet IS NULL AND message_id IS NULL
    RETURNING order_id, state, due_at
),
altered AS (
    UPDATE campaigns_message m SET
        state = c.state, reason = c.reason, due_at = c.new_due_at,
        reason_detail = CASE WHEN m.state = c.state THEN m.reason_detail ELSE '{{}}' END,
        attempts = CASE WHEN m.state = c.state THEN m.attempts ELSE 0 END,
        expires_at = CASE WHEN c.unmet IS NULL THEN c.expires_at ELSE m.expires_at END,
        evidence = CASE WHEN c.unmet IS NULL THEN c.evidence ELSE m.evidence END,
        channel = c.channel, purpose = c.purpose, message_type = c.message_type, is_proactive = c.is_proactive,
        priority = c.priority, planned_revision = c.revision,
        -- A change that nobody is told of leaves the row's place in the lists, and so in the indexes, alone.
        updated_at = CASE WHEN (m.state, m.reason, m.due_at) IS DISTINCT FROM (c.state, c.reason, c.new_due_at)
                          THEN statement_timestamp() ELSE m.updated_at END
    FROM changes c
    WHERE m.id = c.message_id AND m.state = c.message_state
    RETURNING m.id, m.order_id, c.message_state AS before, m.state AS after, m.reason,
        c.message_due_at AS was_due_at, m.due_at
),
told AS (
    INSERT INTO campaigns_messageevent (message_id, before, after, reason, detail)
    SELECT id, before, after, reason,
           CASE WHEN due_at <> was_due_at THEN jsonb_build_object('due_at', due_at, 'was_due_at',
               was_due_at) ELSE '{{}}' END
    FROM altered WHERE before <> after OR due_at <> was_due_at
    RETURNING 1
),
-- One pass over what was written.
done AS (
    SELECT order_id, 'planned' AS what, state, due_at FROM made
    UNION ALL
    SELECT order_id, CASE WHEN after = before THEN CASE WHEN due_at <> was_due_at THEN 'moved' END
                          WHEN after IN ('planned', 'held') AND before NOT IN ('planned',
                              'held') THEN 'returned'
                          WHEN after = 'planned' THEN 'returned'
                          ELSE 'withdrawn' END, after, due_at FROM altered
)
SELECT count(*) FILTER (WHERE what = 'planned'), count(*) FILTER (WHERE what = 'moved'),
       count(*) FILTER (WHERE what = 'withdrawn'), count(*) FILTER (WHERE what = 'returned'),
       min(due_at) FILTER (WHERE state IN ('planned', 'held')), array_agg(order_id),
       (SELECT array_agg(ARRAY[campaign_id, order_id]) FROM judged WHERE unmet = {undecided}){after}
FROM done
""")
# In front of it, and behind: the changed orders with their campaigns, of which the first are planned; those that are
# left, and whether there were too many for any.
_SIFTED = SQL("sifted AS MATERIALIZED ({}), ")
_LEFT = SQL("""
     , (SELECT array_agg(ARRAY[later.campaign_id, o.id]) FROM sifted o
        CROSS JOIN LATERAL unnest(o.ids[2:]) AS later (campaign_id) WHERE cardinality(o.ids) > 1)
     , (SELECT count(*) FROM sifted) >= {limit}""")

# Version 7: by time, then by order, so that rows made together stand together in the index and are put there one behind
# the other; forty random bits keep it from being guessed.
_PUBLIC_ID = SQL(
    "({} || overlay(lpad(to_hex(order_id & 4294967295), 8, '0')"
    " || lpad(to_hex((random() * 1099511627775)::bigint), 10, '0') PLACING '8' FROM 4 FOR 0))::uuid"
)


def _by_time(now: datetime) -> Composable:
    """How a version 7 id begins: the milliseconds and the version."""
    return Literal(f"{int(now.timestamp() * 1000):012x}7")


def write(
    pairs: Sequence[tuple[Campaign, Terms]], scope: Composable, now: datetime, *, quick: bool = False
) -> Composable:
    """One row: rows made, moved, withdrawn, returned; the earliest due time among those open; the orders
    concerned; with `quick` the [campaign, order] pairs left to the statement in full, since a clock moves near their
    send time.
    """
    statement = _composed(_terms(pairs), _rows(pairs), quick)
    return statement.filled(scope=scope, by_time=_by_time(now), now=moment(now))


def write_first(
    pairs: Sequence[tuple[Campaign, Terms]], scope: Composable, now: datetime, most: int
) -> Composable:
    """As `write`, quick, for orders that are sifted in the same statement, each for the first of its campaigns. Two
    columns more: the [campaign, order] pairs of their other campaigns, and whether more than `most` orders are in
    scope, in which case nothing is written.
    """
    statement = _composed_first(_terms(pairs), _rows(pairs))
    limit = Literal(most + 1)
    return statement.filled(scope=scope, by_time=_by_time(now), now=moment(now), limit=limit)


def moment(now: datetime) -> Composable:
    """What fills NOW."""
    return SQL("{}::timestamptz").format(Literal(now))


# Kept by everything that they are made of, so that no edit is missed.


@lru_cache(maxsize=128)
def _composed(terms: tuple[Terms, ...], rows: tuple[Row, ...], quick: bool) -> Statement:
    return _statement(query.judged(terms, Hole("scope"), quick=quick), rows)


@lru_cache(maxsize=64)
def _composed_first(terms: tuple[Terms, ...], rows: tuple[Row, ...]) -> Statement:
    are_few = SQL("(SELECT count(*) FROM sifted) < {}").format(Hole("limit"))
    judged = query.judged_first(terms, are_few)
    return _statement(judged, rows, _SIFTED.format(sift.sifted(terms)), _LEFT.format(limit=Hole("limit")))


def _statement(
    judged: Composable, rows: tuple[Row, ...], before: Composable = _NOTHING, after: Composable = _NOTHING
) -> Statement:
    values = SQL(", ").join(SQL("({})").format(SQL(", ").join(map(Literal, row))) for row in rows)
    return Statement(
        _WRITE.format(
            before=before,
            judged=judged,
            after=after,
            undecided=Literal(query.CLOCK_MOVES),
            public_id=_PUBLIC_ID.format(Hole("by_time")),
            codes=Literal(sorted(CODES)),
            now=NOW,
            campaigns=_CAMPAIGNS.format(values),
        )
    )


_CAMPAIGNS = SQL(
    "(VALUES {}) AS v (campaign_id, channel, purpose, message_type, is_proactive, priority, revision, target,"
    " target_reason)"
)


def _terms(pairs: Sequence[tuple[Campaign, Terms]]) -> tuple[Terms, ...]:
    return tuple(terms for _, terms in pairs)


def _rows(pairs: Sequence[tuple[Campaign, Terms]]) -> tuple[Row, ...]:
    return tuple(_as_written(*pair) for pair in pairs)


def _as_written(campaign: Campaign, terms: Terms) -> Row:
    """What the campaign gives each of its rows."""
    is_paused = terms.state == Campaign.State.PAUSED
    return (
        campaign.pk,
        campaign.channel,
        campaign.purpose,
        campaign.template.message_type if campaign.template else "",
        terms.is_proactive,
        campaign.priority,
        campaign.revision,
        "held" if is_paused else "planned",
        "campaign_paused" if is_paused else "",
    )
