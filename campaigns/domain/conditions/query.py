"""The one way orders are read and judged: planner, explanation and forecast all select from here."""

from collections.abc import Sequence

from psycopg.sql import SQL, Composable, Identifier, Literal

from campaigns.domain import conditions
from campaigns.domain.conditions.base import Condition
from campaigns.domain.schedule import next_moment_sql
from campaigns.domain.terms import Terms, zone_sql
from campaigns.domain.triggers import MOMENTS
from campaigns.domain.windows import WINDOWS

_ORDER_COLUMNS = (
    "amazon_order_id",
    "connection_id",
    "marketplace_id",
    "status",
    "fulfilment",
    "is_business",
    "is_replacement",
    "replaces_order_id",
    "has_promotion",
    "item_count",
    "total_minor",
    "currency",
    "ship_country",
    "purchased_at",
    "cancelled_at",
    "cancel_requested_at",
    "undeliverable_at",
    "returned_at",
    "refunded_at",
    "unknown_facts",
    "buyer_key",
    "forgotten_at",
)
_TIMES = ("moment", "evidence", "opens_at", "closes_at", "ready_at", "due_at")
#: What every sentence may use.
FACTS = (*_ORDER_COLUMNS, *_TIMES)

_NOTHING = SQL("")
#: Columns of the campaign's own message for the order, NULL where there is none.
MESSAGE_COLUMNS = SQL(
    "m.id AS message_id, m.state AS message_state, m.reason AS message_reason, m.due_at "
    "AS message_due_at, "
    "m.expires_at AS message_expires_at, m.attempts AS message_attempts, "
    "m.reason_detail AS message_detail"
)

# Step by step, each an SQL subquery called o; OFFSET 0 keeps PostgreSQL from merging them, which would
# compute each time twice.
_TIMED = SQL(
    "(SELECT o.*, {moment} AS moment, {evidence} AS evidence, {opens_at} AS opens_at, {closes_at} "
    "AS closes_at{more}"
    " FROM orders_order o{join} WHERE {scope} OFFSET 0) o"
)
# greatest() overlooks NULL, and a moment that is not known must stay so.
_READY = SQL(
    "(SELECT o.*, CASE WHEN o.moment IS NOT NULL AND o.opens_at IS NOT NULL"
    " THEN greatest(o.moment + {delay}, o.opens_at) END AS ready_at FROM {source} {where} OFFSET "
    "0) o"
)
_DUE = SQL("(SELECT o.*, {due_at} AS due_at FROM {source} OFFSET 0) o")
_JUDGED = SQL("(SELECT o.*, {early} AS early_unmet FROM {source} OFFSET 0) o")


def timed(terms: Terms, scope: Composable) -> Composable:
    """A FROM item `o`: the orders in `scope` with their times for this campaign, nothing judged yet."""
    return _due(terms, _ready(terms, _timed(terms, scope)))


def judged(terms: Terms, scope: Composable) -> Composable:
    """A SELECT of one row for each order in scope that fits or has a message of this campaign already:

    order_id, unmet (code of the first unmet condition, or NULL), due_at, ready_at, expires_at, evidence,
    marketplace_id and the message's columns. Conditions come in their order; the send time is worked out
    only for orders that get so far.
    """
    return _verdicts(terms, _of_interest(terms, scope))


def all_judged(terms: Terms, scope: Composable) -> Composable:
    """`judged`, but with a row for every order in scope."""
    early = _JUDGED.format(
        early=first_unmet(conditions.EARLY, terms), source=_timed(terms, scope, with_message=True)
    )
    return _verdicts(terms, _ready(terms, early))


def _of_interest(terms: Terms, scope: Composable) -> Composable:
    early = _JUDGED.format(
        early=first_unmet(conditions.EARLY, terms), source=_timed(terms, scope, with_message=True)
    )
    return _ready(terms, early, SQL("WHERE o.early_unmet IS NULL OR o.message_id IS NOT NULL"))


def _verdicts(terms: Terms, source: Composable) -> Composable:
    return SQL(
        "SELECT o.id AS order_id, coalesce(o.early_unmet, {late}) AS unmet, o.due_at, o.ready_at, "
        "o.closes_at AS expires_at, o.evidence,"
        " o.marketplace_id, o.message_id, o.message_state, o.message_reason, o.message_due_at, "
        "o.message_expires_at,"
        " o.message_attempts, o.message_detail FROM {source}"
    ).format(late=first_unmet(conditions.LATE, terms), source=_due(terms, source))


def candidates(terms: Sequence[Terms], scope: Composable, most: int) -> Composable:
    """A SELECT of (campaign id, order ids): the orders in scope that each campaign's `conditions.SIFTING`
    let through, or that have a message of it; and (NULL, ids) of up to `most` + 1 orders in scope. For
    few orders and many campaigns.
    """
    rows = [SQL("({}::bigint, {})").format(Literal(t.campaign_id), _sifted(t)) for t in terms]
    return _CANDIDATES.format(scope=scope, limit=Literal(most + 1), rows=SQL(", ").join(rows))


_CANDIDATES = SQL("""
WITH o AS MATERIALIZED (SELECT * FROM orders_order o WHERE {scope} LIMIT {limit})
SELECT campaign_id, array_agg(order_id) FROM (
    SELECT NULL::bigint AS campaign_id, o.id AS order_id FROM o
    UNION
    SELECT c.id, o.id FROM o CROSS JOIN LATERAL (VALUES {rows}) AS c (id, may) WHERE c.may
    UNION
    SELECT m.campaign_id, m.order_id FROM campaigns_message m JOIN o ON o.id = m.order_id WHERE
        m.campaign_id IS NOT NULL
) found GROUP BY campaign_id""")


def _sifted(terms: Terms) -> Composable:
    asked = [condition.sql(terms) for condition in conditions.SIFTING if condition.applies(terms)]
    return SQL(" AND ").join(asked) if asked else SQL("true")


def first_unmet(wanted: Sequence[Condition], terms: Terms) -> Composable:
    """The code of the first condition that is not met; NULL when all are."""
    whens = [
        SQL("WHEN ({}) IS NOT TRUE THEN {}").format(condition.sql(terms), Literal(condition.code))
        for condition in wanted
        if condition.applies(terms)
    ]
    return SQL("CASE {} END").format(SQL(" ").join(whens)) if whens else SQL("NULL")


def answers(terms: Terms, scope: Composable) -> tuple[Composable, list[Condition]]:
    """A SELECT with FACTS, each applying condition's own facts, and its answer as `is_<code>`; and those
    conditions.
    """
    asked = [condition for condition in conditions.ALL if condition.applies(terms)]
    columns = [SQL("o.{}").format(Identifier(name)) for name in FACTS]
    for condition in asked:
        columns.append(
            SQL("coalesce(({})::boolean, false) AS {}").format(
                condition.sql(terms), Identifier(f"is_{condition.code}")
            )
        )
        columns += [
            SQL("{} AS {}").format(sql, Identifier(name))
            for name, sql in _new_facts(condition, terms, columns)
        ]
    select = SQL("SELECT {} FROM {}").format(SQL(", ").join(columns), timed(terms, scope))
    return select, asked


def _new_facts(
    condition: Condition, terms: Terms, seen: Sequence[Composable]
) -> list[tuple[str, Composable]]:
    """Two conditions may need the same fact; it is read once."""
    return [
        (n, s)
        for n, s in condition.facts(terms).items()
        if SQL("{} AS {}").format(s, Identifier(n)) not in seen
    ]


def _timed(terms: Terms, scope: Composable, *, with_message: bool = False) -> Composable:
    moment, window = MOMENTS[terms.trigger], WINDOWS[terms.channel]
    join = SQL(" LEFT JOIN campaigns_message m ON m.order_id = o.id AND m.campaign_id = {}").format(
        Literal(terms.campaign_id)
    )
    return _TIMED.format(
        moment=moment.sql,
        evidence=moment.evidence,
        opens_at=window.opens_at,
        closes_at=window.closes_at,
        scope=scope,
        more=SQL(", {}").format(MESSAGE_COLUMNS) if with_message else SQL(""),
        join=join if with_message else SQL(""),
    )


def _ready(terms: Terms, source: Composable, where: Composable = _NOTHING) -> Composable:
    delay = SQL("interval '{} minutes'").format(Literal(int(terms.delay.total_seconds() // 60)))
    return _READY.format(delay=delay, source=source, where=where)


def _due(terms: Terms, source: Composable) -> Composable:
    """Late work waits for the next open window from now on, not for one that is over."""
    earliest = SQL("CASE WHEN o.ready_at IS NOT NULL THEN greatest(o.ready_at, {}) END").format(terms.now)
    return _DUE.format(due_at=next_moment_sql(terms.window, zone_sql(terms), earliest), source=source)
