"""Planning: which orders get a message of which campaign, and when. Set-based: one statement a campaign,
whatever the number of orders.

Orders are read by the change cursor of `orders.models`: `cursor <= changed_xact <
pg_snapshot_xmin(pg_current_snapshot())`, so an order whose writer commits late is planned late and never
missed. The cursor moves in the transaction that plans, and one transaction at a time plans for a seller;
both functions may run twice and at any time. Rows that are claimed or further are never touched.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.db import connection, transaction
from psycopg.sql import SQL, Composable, Literal

from accounts import due
from accounts.tenancy import current_seller
from campaigns.domain.conditions import CODES, query
from campaigns.domain.statement import Statement
from campaigns.domain.terms import Terms
from campaigns.models import Campaign
from campaigns.services import terms as read
from campaigns.services.plan_sql import moment, write

#: The class of the advisory lock that lets one transaction at a time plan for a seller.
_LOCK = 7_302
#: How long ago an order may have been bought for a campaign to reach it: longer than any delivery and
#: Amazon's window after it.
REACH = timedelta(days=180)

Planning = tuple[Campaign, Terms]

#: Up to so many changed orders are sifted; more are read as they come.
SIFT_UP_TO = 2_000


@dataclass(frozen=True)
class Planned:
    """What planning did: rows made (`planned`), given another time (`moved`), taken back (`withdrawn`)
    and put back (`returned`).

    `next_due_at` is the earliest send time among them; `order_ids` are the orders concerned.
    """

    planned: int = 0
    moved: int = 0
    withdrawn: int = 0
    returned: int = 0
    next_due_at: datetime | None = None
    order_ids: tuple[int, ...] = field(default=(), repr=False)

    @property
    def changed(self) -> int:
        return self.planned + self.moved + self.withdrawn + self.returned

    def __add__(self, other: "Planned") -> "Planned":
        times = [at for at in (self.next_due_at, other.next_due_at) if at]
        return Planned(
            self.planned + other.planned, self.moved + other.moved, self.withdrawn + other.withdrawn,
            self.returned + other.returned, min(times, default=None), self.order_ids + other.order_ids,
        )  # fmt: skip


def plan_changes(now: datetime) -> Planned:
    """Plan the orders that changed since the last time, for every active or paused campaign of the
    entered seller.
    """
    if not _news():
        return Planned()
    with transaction.atomic():
        take_turn()
        reading = _start_reading()
        if reading is None:
            return Planned()
        since, until = reading
        done = _plan_changed(read.of_planning(), _changed_between(since, until), now)
        _finish_reading(until, now)
        _wake_dispatch(done)
    return done


def replan(campaign: Campaign, now: datetime) -> Planned:
    """Plan a campaign anew after it was changed, switched on or resumed: every order in its reach, and
    the orders that other campaigns win or lose by it. The result counts this campaign's rows only.
    """
    with transaction.atomic():
        take_turn()
        campaign.refresh_from_db()
        everyone, reach = read.of_planning(), reach_of(campaign, now)
        first = [pair for pair in everyone if read.rank(pair[0]) < read.rank(campaign)]
        rest = [pair for pair in everyone if read.rank(pair[0]) > read.rank(campaign)]
        itself = [pair for pair in everyone if pair[0].pk == campaign.pk]
        # Those that go first have their say about each order it holds or would take, whether it is new or comes back.
        others = (
            _plan_changed(first, _among(_wanted(itself, reach, now)), now) if first and itself else Planned()
        )
        own = _plan_each(itself, reach, now)
        others += _plan_each(rest, _among(own.order_ids), now)
        Campaign.objects.filter(pk=campaign.pk).update(planned_revision=campaign.revision)
        campaign.planned_revision = campaign.revision
        _wake_dispatch(own + others)
    return own


def has_unread() -> bool:
    """Whether orders wait behind the cursor, those of writers that are still open included."""
    with connection.cursor() as cursor:
        cursor.execute(_UNREAD)
        return bool(cursor.fetchone()[0])


def plan_orders(order_ids: Iterable[int], now: datetime) -> Planned:
    """Plan these orders for every campaign, as if they had just changed: after a message ended unsent and
    another campaign may have its turn, or after the do-not-write list changed.
    """
    with transaction.atomic():
        take_turn()
        done = _plan_changed(read.of_planning(), _among(order_ids), now)
        _wake_dispatch(done)
    return done


def first_unmet(campaign: Campaign, order_ids: Iterable[int], now: datetime) -> dict[int, str | None]:
    """For each of these orders the code of the first condition it does not meet now, or None. Nothing is
    written.
    """
    [(_, terms)] = read.of_campaigns([campaign], now)
    rows = fetch(SQL("SELECT order_id, unmet FROM ({}) j").format(query.all_judged(terms, _among(order_ids))))
    return dict(rows)


def judge(
    wanted: Collection[tuple[int, int]], now: datetime
) -> dict[tuple[int, int], tuple[str | None, datetime | None]]:
    """For (campaign id, order id) that have a message: the code of the first condition not met now, and the send time of
    those that meet all. In one statement; nothing is written. Campaigns that plan nothing are left out.

    For the gate: the planner's own conditions, asked again at the time of sending.
    """
    ids = {campaign_id for campaign_id, _ in wanted}
    terms = [terms for campaign, terms in read.of_planning() if campaign.pk in ids]
    if not terms:
        return {}
    judged = SQL("SELECT campaign_id, order_id, unmet, due_at FROM ({}) j").format(
        query.judged(terms, _pairs(list(wanted)))
    )
    rows = fetch(Statement(judged).filled(now=moment(now)))
    return {(campaign_id, order_id): (unmet, due_at) for campaign_id, order_id, unmet, due_at in rows}


def reach_of(campaign: Campaign, now: datetime) -> Composable:
    """Orders a campaign could have anything to do with: bought late enough, or with an open row of it."""
    oldest = max(now - REACH, campaign.covers_from_at or now - REACH)
    return SQL("o.id IN (SELECT id FROM orders_order WHERE purchased_at >= {} UNION {})").format(
        Literal(oldest), _open_rows(campaign)
    )


def fetch(sql: Composable) -> list[tuple[Any, ...]]:
    """All rows of a composed statement, in the entered seller's schema."""
    with connection.cursor() as cursor:
        cursor.execute(sql.as_string(connection.connection))
        return list(cursor.fetchall())


# --- the parts ---


def _changed_between(since: int, until: int) -> Composable:
    if since == 0:  # the first time: what lies above the line is planned now and read again
        return SQL("true")
    return SQL("o.changed_xact >= {} AND o.changed_xact < {}").format(Literal(since), Literal(until))


def _plan_changed(pairs: Sequence[Planning], scope: Composable, now: datetime) -> Planned:
    """Few changed orders are sifted first, in one statement for all campaigns: a campaign that none of
    them concerns costs nothing, and campaigns that want different orders share a statement.
    """
    if not pairs:
        return Planned()
    found = dict(fetch(query.candidates([terms for _, terms in pairs], scope, SIFT_UP_TO)))
    if len(found.get(None, ())) > SIFT_UP_TO:
        return _plan_each(pairs, scope, now)
    done = Planned()
    for members, wanted in turns(pairs, found):
        done += _plan(members, _pairs(wanted), now)
    return done


def turns(
    pairs: Sequence[Planning], found: Mapping[int | None, Sequence[int]]
) -> Iterator[tuple[list[Planning], list[tuple[int, int]]]]:
    """Which campaigns may be planned together, for which (campaign, order): in each turn an order has one campaign at
    most, its first before its second, so that each sees what those before it took.

    A campaign that minds a buyer's other orders has its turns alone.
    """
    for _, group in groupby(pairs, key=lambda pair: pair[1].filters.repeat_buyer_days and pair[0].pk):
        members, turn_of = list(group), Counter[int]()
        by_turn: dict[int, list[tuple[int, int]]] = {}
        for campaign, _ in members:
            for order_id in found.get(campaign.pk, ()):
                by_turn.setdefault(turn_of[order_id], []).append((campaign.pk, order_id))
                turn_of[order_id] += 1
        for turn in sorted(by_turn):
            at_work = {campaign_id for campaign_id, _ in by_turn[turn]}
            yield [pair for pair in members if pair[0].pk in at_work], by_turn[turn]


def _plan_each(pairs: Sequence[Planning], scope: Composable, now: datetime) -> Planned:
    """First campaign first, so that each sees what those before it took."""
    done = Planned()
    for pair in pairs:
        done += _plan([pair], scope, now)
    return done


def _plan(pairs: Sequence[Planning], scope: Composable, now: datetime) -> Planned:
    done = _plan_once(pairs, scope, now)
    if any(terms.filters.repeat_buyer_days for _, terms in pairs):
        done += _settle_repeats(pairs, scope, now)
    return done


def _settle_repeats(pairs: Sequence[Planning], scope: Composable, now: datetime) -> Planned:
    """Rows written by one statement do not see each other: look again until two orders of one buyer have
    settled it.
    """
    done = Planned()
    for _ in range(10):
        again = _plan_once(pairs, scope, now)
        done += again
        if not again.changed:
            break
    return done


def _plan_once(pairs: Sequence[Planning], scope: Composable, now: datetime, *, quick: bool = True) -> Planned:
    [row] = fetch(write(pairs, scope, now, quick=quick))
    planned, moved, withdrawn, returned, next_due_at, order_ids, undecided = row
    done = Planned(planned, moved, withdrawn, returned, next_due_at, tuple(order_ids or ()))
    if undecided:
        done += _plan_once(pairs, _pairs(undecided), now, quick=False)
    return done


def _pairs(wanted: Sequence[Sequence[int]]) -> Composable:
    campaign_ids, order_ids = zip(*wanted, strict=True)
    return SQL("(c.campaign_id, o.id) IN (SELECT * FROM unnest({}::bigint[], {}::bigint[]))").format(
        Literal(list(campaign_ids)), Literal(list(order_ids))
    )


def _among(order_ids: Iterable[int]) -> Composable:
    return SQL("o.id = ANY ({}::bigint[])").format(Literal(list(order_ids)))


def _open_rows(campaign: Campaign) -> Composable:
    return SQL(
        "SELECT order_id FROM campaigns_message WHERE campaign_id = {} AND state IN ('planned', 'held')"
    ).format(Literal(campaign.pk))


def _wanted(itself: Sequence[Planning], scope: Composable, now: datetime) -> list[int]:
    """The orders in scope that the campaign has open or that fit it now."""
    judged = query.judged([terms for _, terms in itself], scope)
    found = SQL("SELECT order_id FROM ({}) j WHERE unmet IS NULL OR message_state IN ('planned', 'held')")
    asked = Statement(found.format(judged)).filled(now=moment(now))
    return [order_id for (order_id,) in fetch(asked)]


def take_turn() -> None:
    """Wait until nobody else plans for this seller, and keep them waiting until this transaction ends."""
    seller_id = current_seller().pk
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL jit = off")  # compiling these expressions costs more than it saves
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, seller_id])


_NEWS = """
SELECT EXISTS (SELECT FROM orders_order
               WHERE changed_xact >= coalesce((SELECT changed_xact FROM campaigns_plancursor), 0)
                 AND changed_xact < pg_snapshot_xmin(pg_current_snapshot())::text::bigint)
    OR EXISTS (SELECT FROM campaigns_plancursor
               WHERE changed_xact > pg_snapshot_xmax(pg_current_snapshot())::text::bigint)
"""
# A cursor beyond every transaction there ever was: the rows were restored into another cluster, which counts anew.
_RENUMBER = """
UPDATE orders_order SET changed_xact = pg_current_xact_id()::text::bigint
WHERE changed_xact > pg_snapshot_xmax(pg_current_snapshot())::text::bigint
"""
_UNREAD = """
SELECT EXISTS (SELECT FROM orders_order WHERE changed_xact >= coalesce((SELECT changed_xact FROM
    campaigns_plancursor), 0))
"""
_READING = """
SELECT changed_xact, pg_snapshot_xmin(pg_current_snapshot())::text::bigint FROM campaigns_plancursor
"""


def _news() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_NEWS)
        return bool(cursor.fetchone()[0])


def _start_reading() -> tuple[int, int] | None:
    """From where to where to read; None when another planner did it while we waited for our turn."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO campaigns_plancursor (id, changed_xact) VALUES (1, 0) ON CONFLICT DO NOTHING"
        )
        cursor.execute(_READING)
        since, until = cursor.fetchone()
        if since > until and _is_of_another_cluster(since):
            cursor.execute(_RENUMBER)
            since = 0
    return (since, until) if since < until else None


def _is_of_another_cluster(since: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s > pg_snapshot_xmax(pg_current_snapshot())::text::bigint", [since])
        return bool(cursor.fetchone()[0])


def _finish_reading(until: int, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE campaigns_plancursor SET changed_xact = %s, read_at = %s", [until, now])


def _wake_dispatch(done: Planned) -> None:
    if done.next_due_at:
        due.lower(current_seller().pk, "messages.due", done.next_due_at)


__all__ = ["CODES", "Planned", "first_unmet", "judge", "plan_changes", "plan_orders", "replan"]
