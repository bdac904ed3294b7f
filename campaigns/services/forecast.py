"""What a campaign would have sent over the last month's orders, before it is switched on.

Every order is judged as if it had come by its own time, with the planner's own expressions, in one
statement; nothing is written.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from psycopg.sql import SQL, Composable, Literal

from accounts.tenancy import current_seller
from campaigns.domain import reasons
from campaigns.domain.conditions import query
from campaigns.domain.terms import Terms, zone_sql
from campaigns.models import Campaign
from campaigns.services import terms as read
from campaigns.services.plan import REACH, fetch
from orders.models import Order

SAMPLES = 5


@dataclass(frozen=True)
class Excluded:
    """Orders left out for one reason: its code, how many, the sentence people read, and Amazon's ids of a
    few.
    """

    code: str
    orders: int
    sentence: str
    samples: tuple[str, ...]


@dataclass(frozen=True)
class Backlog:
    """What switching on would do to orders that are there already, if the campaign covered all in its
    reach: how many would be planned, and how many of those would be due at once (at the next open hour).
    """

    would_plan: int
    due_at_once: int


@dataclass(frozen=True)
class Forecast:
    """`orders` were bought in the days looked at; each is either in `would_send` or counted once in
    `excluded`, by reason code.

    `groups` are the same exclusions with their sentences, largest first. `per_day` is by the day of
    sending on the window's clock, days without messages left out.
    """

    orders: int
    would_send: int
    per_day: Mapping[date, int]
    excluded: Mapping[str, int]
    groups: tuple[Excluded, ...]
    samples: tuple[str, ...]
    backlog: Backlog


def forecast(campaign: Campaign, now: datetime, days: int = 30) -> Forecast:
    """Forecast a campaign, saved or not, over the orders bought in the last `days`. Raises FiltersInvalid."""
    planning, zone = read.planning_campaigns(), current_seller().timezone
    terms = read.of_forecast(campaign, planning, zone)
    scope = SQL("o.purchased_at >= {} AND o.purchased_at < {}").format(
        Literal(now - timedelta(days=days)), Literal(now)
    )
    with transaction.atomic():
        _no_jit()
        rows = fetch(_COUNTS.format(judged=query.all_judged(terms, scope), zone=zone_sql(terms)))
        samples = _amazon_ids({order_id for *_, ids in rows for order_id in ids})
        return _forecast(rows, samples, _backlog(campaign, now, planning, zone))


_COUNTS = SQL("""
SELECT unmet, day, count(*), (array_agg(order_id ORDER BY order_id DESC))[1:5]
FROM (SELECT unmet, order_id, CASE WHEN unmet IS NULL THEN (due_at AT TIME ZONE {zone})::date END AS day
      FROM ({judged}) o) j
GROUP BY unmet, day ORDER BY unmet, day
""")


def _forecast(
    rows: list[tuple[str | None, date | None, int, list[int]]], ids: dict[int, str], backlog: Backlog
) -> Forecast:
    per_day = {day: count for unmet, day, count, _ in rows if unmet is None and day is not None}
    groups = [
        Excluded(unmet, count, reasons.find(unmet).sentence, tuple(ids[order_id] for order_id in sample))
        for unmet, _, count, sample in rows
        if unmet is not None
    ]
    sent = [ids[order_id] for unmet, _, _, sample in rows if unmet is None for order_id in sample]
    return Forecast(
        orders=sum(count for _, _, count, _ in rows),
        would_send=sum(per_day.values()),
        per_day=per_day,
        excluded={group.code: group.orders for group in groups},
        groups=tuple(sorted(groups, key=lambda group: (-group.orders, group.code))),
        samples=tuple(sent[-SAMPLES:]),
        backlog=backlog,
    )


def _backlog(campaign: Campaign, now: datetime, planning: list[Campaign], zone: str) -> Backlog:
    covering = _from_the_beginning(campaign, now)
    terms: Terms = read.of_campaign(covering, now, planning, zone)
    scope: Composable = SQL("o.purchased_at >= {}").format(Literal(now - REACH))
    [(would_plan, at_once)] = fetch(
        SQL("SELECT count(*), count(*) FILTER (WHERE ready_at <= {now}) FROM ({judged}) j WHERE unmet IS NULL"
            " AND (message_id IS NULL OR message_state = "
            "'held')").format(now=terms.now, judged=query.judged([terms], scope))
    )  # fmt: skip
    return Backlog(would_plan, at_once)


def _from_the_beginning(campaign: Campaign, now: datetime) -> Campaign:
    """The same campaign as if it covered every order in reach; not to be saved."""
    values = {f.attname: getattr(campaign, f.attname) for f in Campaign._meta.concrete_fields}
    return Campaign(**{**values, "covers_from_at": now - REACH})


def _amazon_ids(order_ids: set[int]) -> dict[int, str]:
    return dict(Order.objects.filter(pk__in=order_ids).values_list("pk", "amazon_order_id"))


def _no_jit() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL jit = off")
