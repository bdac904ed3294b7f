"""The one way orders are read and judged: planner, explanation and forecast all select from here.

One statement may judge orders for several campaigns. What campaigns ask alike, which is nearly everything, stands in it
once; what they do not, once for each, chosen by the row's campaign (`each`).
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from psycopg.sql import SQL, Composable, Identifier, Literal

from campaigns.domain import conditions
from campaigns.domain.conditions.base import Condition
from campaigns.domain.conditions.sift import SIFTED, sifting
from campaigns.domain.schedule import WindowSql, next_moment_sql, window_sql
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
_ORDERS = SQL("orders_order")
_WORTH_A_ROW = SQL(" WHERE o.early_unmet IS NULL OR o.message_id IS NOT NULL")
#: In place of a reason: a clock moves near the order's send time, so `judged` in full must say.
CLOCK_MOVES = "clock_moves"

# Step by step, each an SQL subquery called o. OFFSET 0 keeps PostgreSQL from merging two steps: what is dear is worked
# out once, and only for the rows that the step before let through.
_READ = SQL(
    "(SELECT o.*, c.campaign_id, c.rivals{more} FROM {orders} o"
    " CROSS JOIN (VALUES {campaigns}) AS c (campaign_id, rivals){join} WHERE {scope} OFFSET 0) o"
)
# The campaign's own message for the order, NULL where there is none.
_JOIN_MESSAGE = SQL(" LEFT JOIN campaigns_message m ON m.order_id = o.id AND m.campaign_id = c.campaign_id")
_OF_MESSAGE = {
    "id": "id", "state": "state", "reason": "reason", "due_at": "due_at", "attempts": "attempts", "detail": "reason_detail",
    "expires_at": "expires_at", "evidence": "evidence", "channel": "channel", "purpose": "purpose", "kind": "message_type",
    "is_proactive": "is_proactive", "priority": "priority",
}  # fmt: skip
_MESSAGE = SQL(", {}").format(
    SQL(", ").join(
        SQL("m.{} AS {}").format(Identifier(column), Identifier(f"message_{name}"))
        for name, column in _OF_MESSAGE.items()
    )
)
_MESSAGE_KEPT = SQL(", ").join(SQL("o.{}").format(Identifier(f"message_{name}")) for name in _OF_MESSAGE)
_TIMED = SQL(
    "(SELECT o.*, {moment} AS moment, {evidence} AS evidence, {opens_at} AS opens_at, {closes_at} AS closes_at,"
    " so.source AS order_suppressed_by, sb.source AS buyer_suppressed_by FROM {source}"
    " LEFT JOIN campaigns_suppression so ON so.kind = 'order' AND so.value = o.amazon_order_id"
    " LEFT JOIN campaigns_suppression sb ON sb.kind = 'buyer' AND sb.value = o.buyer_key AND o.buyer_key <> '') o"
)
# greatest() overlooks NULL, and a moment that is not known must stay so.
_READY = SQL(
    "(SELECT o.*, CASE WHEN o.moment IS NOT NULL AND o.opens_at IS NOT NULL"
    " THEN greatest(o.moment + {delay}, o.opens_at) END AS ready_at FROM {source}) o"
)
#: What LATE conditions, the send time and the caller may still ask of an order that has been judged.
_KEPT = SQL(
    "o.id, o.campaign_id, o.marketplace_id, o.purchased_at, o.buyer_key, o.evidence, o.closes_at, o.ready_at,"
    " {}"
).format(_MESSAGE_KEPT)
_JUDGED = SQL("(SELECT {kept}, {early} AS early_unmet FROM {source} OFFSET 0) o")
_DUE = SQL("(SELECT o.*, {due_at} AS due_at FROM {source}{where} OFFSET 0) o")
_VERDICTS = SQL(
    "SELECT o.id AS order_id, o.campaign_id, o.marketplace_id, coalesce(o.early_unmet, {late}) AS unmet, o.due_at,"
    " o.ready_at, o.closes_at AS expires_at, o.evidence, {message} FROM {source}"
)


def judged(terms: Sequence[Terms], scope: Composable, *, quick: bool = False) -> Composable:
    """A SELECT of one row for each order and campaign in scope that fits or has a message already:

    order_id, campaign_id, marketplace_id, unmet (code of the first unmet condition, or NULL), due_at, ready_at,
    expires_at, evidence and the message's columns. `scope` is a boolean over the order `o` and `c.campaign_id`.
    Conditions come in their order; the send time is worked out only for orders that get so far. `quick` is for the
    common case: the way around moved clocks is left out, and orders that need it come with CLOCK_MOVES.
    """
    terms = _together(terms)
    # As a CASE, which PostgreSQL thinks choosy, so that what is dearer comes after it.
    sifted = SQL("{} AND CASE WHEN {} THEN true ELSE m.id IS NOT NULL END").format(
        scope, each(terms, sifting, "c")
    )
    return _verdicts(terms, sifted, _WORTH_A_ROW, quick=quick)


def judged_first(terms: Sequence[Terms], scope: Composable) -> Composable:
    """`judged`, quick, of the orders that the statement has read as SIFTED, each for the first of its campaigns."""
    first = SQL("c.campaign_id = o.ids[1] AND {}").format(scope)
    return _verdicts(_together(terms), first, _WORTH_A_ROW, quick=True, orders=SIFTED)


def all_judged(terms: Terms, scope: Composable) -> Composable:
    """`judged` for one campaign, but with a row for every order in scope."""
    return _verdicts([terms], scope, _NOTHING, quick=False)


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
    earliest = SQL("CASE WHEN o.ready_at IS NOT NULL THEN greatest(o.ready_at, {}) END").format(terms.now)
    source = _due([terms], earliest, _ready([terms], _timed([terms], _read([terms], scope))))
    return SQL("SELECT {} FROM {}").format(SQL(", ").join(columns), source), asked


def each(terms: Sequence[Terms], part: Callable[[Terms], Composable], row: str = "o") -> Composable:
    """`part` of the row's campaign: as it is where it is the same for all, else chosen by `row`.campaign_id."""
    groups: list[tuple[Composable, list[int | None]]] = []
    for one in terms:
        asked = part(one)
        for known, ids in groups:
            if known == asked:
                ids.append(one.campaign_id)
                break
        else:
            groups.append((asked, [one.campaign_id]))
    groups.sort(key=lambda group: len(group[1]))
    *others, (usual, _) = groups
    if not others:
        return usual
    whens = [
        SQL("WHEN {}.campaign_id = ANY ({}::bigint[]) THEN {}").format(SQL(row), Literal(ids), sql)
        for sql, ids in others
    ]
    return SQL("CASE {} ELSE {} END").format(SQL(" ").join(whens), usual)


def first_unmet(wanted: Sequence[Condition], terms: Sequence[Terms]) -> Composable:
    """The code of the first condition that is not met; NULL when all are."""
    whens = [
        SQL("WHEN ({}) IS NOT TRUE THEN {}").format(each(terms, _asked(condition)), Literal(condition.code))
        for condition in wanted
        if any(condition.applies(t) for t in terms)
    ]
    return SQL("CASE {} END").format(SQL(" ").join(whens)) if whens else SQL("NULL")


def _asked(condition: Condition) -> Callable[[Terms], Composable]:
    return lambda terms: condition.sql(terms) if condition.applies(terms) else SQL("true")


def _new_facts(
    condition: Condition, terms: Terms, seen: Sequence[Composable]
) -> list[tuple[str, Composable]]:
    """Two conditions may need the same fact; it is read once."""
    return [
        (n, s)
        for n, s in condition.facts(terms).items()
        if SQL("{} AS {}").format(s, Identifier(n)) not in seen
    ]


# --- the steps ---


def _together(terms: Sequence[Terms]) -> Sequence[Terms]:
    return [replace(one, is_among_others=True) for one in terms] if len(terms) > 1 else terms


def _verdicts(
    terms: Sequence[Terms],
    scope: Composable,
    where: Composable,
    *,
    quick: bool,
    orders: Composable = _ORDERS,
) -> Composable:
    source = _ready(terms, _timed(terms, _read(terms, scope, _MESSAGE, _JOIN_MESSAGE, orders)))
    source = _JUDGED.format(kept=_KEPT, early=first_unmet(conditions.EARLY, terms), source=source)
    earliest = SQL("CASE WHEN o.early_unmet IS NULL THEN greatest(o.ready_at, {}) END").format(terms[0].now)
    late = first_unmet(conditions.LATE, terms)
    if quick:
        late = SQL("CASE WHEN o.due_at IS NULL THEN {} ELSE {} END").format(Literal(CLOCK_MOVES), late)
    return _VERDICTS.format(
        late=late, message=_MESSAGE_KEPT, source=_due(terms, earliest, source, where, quick=quick)
    )


def _read(
    terms: Sequence[Terms],
    scope: Composable,
    more: Composable = _NOTHING,
    join: Composable = _NOTHING,
    orders: Composable = _ORDERS,
) -> Composable:
    campaigns = [
        SQL("({}::bigint, {}::bigint[])").format(
            Literal(t.campaign_id), Literal([peer.id for peer in t.goes_after])
        )
        for t in terms
    ]
    return _READ.format(more=more, campaigns=SQL(", ").join(campaigns), join=join, scope=scope, orders=orders)


def _timed(terms: Sequence[Terms], source: Composable) -> Composable:
    return _TIMED.format(
        moment=each(terms, lambda t: MOMENTS[t.trigger].sql),
        evidence=each(terms, lambda t: MOMENTS[t.trigger].evidence),
        opens_at=each(terms, lambda t: WINDOWS[t.channel].opens_at),
        closes_at=each(terms, lambda t: WINDOWS[t.channel].closes_at),
        source=source,
    )


def _ready(terms: Sequence[Terms], source: Composable) -> Composable:
    return _READY.format(delay=each(terms, _delay), source=source)


def _delay(terms: Terms) -> Composable:
    return SQL("interval '{} minutes'").format(Literal(int(terms.delay.total_seconds() // 60)))


def _due(
    terms: Sequence[Terms],
    earliest: Composable,
    source: Composable,
    where: Composable = _NOTHING,
    *,
    quick: bool = False,
) -> Composable:
    """Late work waits for the next open window from now on, not for one that is over."""
    due_at = next_moment_sql(_window(terms), each(terms, zone_sql), earliest, quick=quick)
    return _DUE.format(due_at=due_at, source=source, where=where)


def _window(terms: Sequence[Terms]) -> WindowSql:
    return WindowSql(
        is_always_open=each(terms, lambda t: window_sql(t.window).is_always_open),
        opens=each(terms, lambda t: window_sql(t.window).opens),
        closes=each(terms, lambda t: window_sql(t.window).closes),
        today=each(terms, lambda t: window_sql(t.window).today),
        ahead=each(terms, lambda t: window_sql(t.window).ahead),
    )
