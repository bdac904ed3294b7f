"""Planning: which orders get a message of which campaign, and when. Set-based: a few changed orders in one statement
for all campaigns, many in one a campaign (docs/decisions/0014-how-changed-orders-are-planned.md).

Orders are read by the change cursor of `orders.models`: `cursor <= changed_xact <
pg_snapshot_xmin(pg_current_snapshot())`, so an order whose writer commits late is planned late and never
missed. The cursor moves in the transaction that plans, and one transaction at a time plans for a seller;
both functions may run twice and at any time. Rows that are claimed or further are never touched.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Any

from django.db import connection, transaction
from psycopg.sql import SQL, Composable, Literal

from accounts import due
from accounts.locks import Lock
from accounts.tenancy import current_seller
from campaigns.domain.conditions import CODES, query, sift
from campaigns.domain.statement import Hole, Statement
from campaigns.domain.terms import Terms
from campaigns.models import Campaign
from campaigns.services import plan_cursor
from campaigns.services import terms as read
from campaigns.services.plan_sql import moment, write, write_first

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
    if not plan_cursor.has_news():
        return Planned()
    with transaction.atomic():
        take_turn()
        reading = plan_cursor.start_reading()
        if reading is None:
            return Planned()
        since, until = reading
        done = _plan_changed(read.of_planning(), plan_cursor.changed_between(since, until), now)
        plan_cursor.finish_reading(until, now)
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


def plan_orders(order_ids: Iterable[int], now: datetime) -> Planned:
    """Plan these orders for every campaign, as if they had just changed: after a message ended unsent and
    another campaign may have its turn, or after the do-not-write list changed.
    """
    with transaction.atomic():
        take_turn()
        done = _plan_changed(read.of_planning(), _among(order_ids), now)
        _wake_dispatch(done)
    return done


def judge(
    wanted: Collection[tuple[int, int]], now: datetime
) -> dict[tuple[int, int], tuple[str | None, datetime | None]]:
    """For (campaign id, order id) that have a message: the code of the first condition not met now, and the send time of
    those that meet all. In one statement; nothing is written. Campaigns that plan nothing are left out.

    For the gate: the planner's own conditions, asked again at the time of sending.
    """
    ids = {campaign_id for campaign_id, _ in wanted}
    terms = tuple(terms for campaign, terms in read.of_planning() if campaign.pk in ids)
    if not terms:
        return {}
    rows = fetch(_judging(terms).filled(scope=_pairs(list(wanted)), now=moment(now)))
    return {(campaign_id, order_id): (unmet, due_at) for campaign_id, order_id, unmet, due_at in rows}


@lru_cache(maxsize=64)
def _judging(terms: tuple[Terms, ...]) -> Statement:
    found = SQL("SELECT campaign_id, order_id, unmet, due_at FROM ({}) j")
    return Statement(found.format(query.judged(terms, Hole("scope"))))


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


def _plan_changed(pairs: Sequence[Planning], scope: Composable, now: datetime) -> Planned:
    """Few changed orders are planned in one statement for all campaigns, which reads and sifts them too: a campaign that
    none of them concerns costs next to nothing. Orders that several campaigns may want take turns after it.
    """
    if not pairs:
        return Planned()
    if any(terms.filters.repeat_buyer_days for _, terms in pairs):
        return _plan_in_turns(pairs, scope, now)
    [(*row, left, are_many)] = fetch(write_first(pairs, scope, now, SIFT_UP_TO))
    if are_many:
        return _plan_each(pairs, scope, now)
    return _done(pairs, row, now) + _take_turns(pairs, _by_campaign(left or ()), now)


def _plan_in_turns(pairs: Sequence[Planning], scope: Composable, now: datetime) -> Planned:
    found = dict(fetch(sift.candidates([terms for _, terms in pairs], scope, SIFT_UP_TO)))
    if len(found.get(None, ())) > SIFT_UP_TO:
        return _plan_each(pairs, scope, now)
    return _take_turns(pairs, found, now)


def _take_turns(
    pairs: Sequence[Planning], found: Mapping[int | None, Sequence[int]], now: datetime
) -> Planned:
    done = Planned()
    for members, wanted in turns(pairs, found):
        done += _plan(members, _pairs(wanted), now)
    return done


def _by_campaign(wanted: Sequence[Sequence[int]]) -> Mapping[int | None, Sequence[int]]:
    found: dict[int | None, list[int]] = {}
    for campaign_id, order_id in wanted:
        found.setdefault(campaign_id, []).append(order_id)
    return found


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
    return _done(pairs, row, now)


def _done(pairs: Sequence[Planning], row: Sequence[Any], now: datetime) -> Planned:
    """What a statement says it did; the orders that a moved clock keeps from the quick one are planned in full."""
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
        # Compiling these expressions costs more than it saves; a backlog's verdicts need not go by the disk.
        cursor.execute("SET LOCAL jit = off; SET LOCAL work_mem = '32MB'")
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [Lock.PLAN, seller_id])


def _wake_dispatch(done: Planned) -> None:
    if done.next_due_at:
        due.lower(current_seller().pk, "messages.due", done.next_due_at)


__all__ = ["CODES", "Planned", "judge", "plan_changes", "plan_orders", "replan"]
