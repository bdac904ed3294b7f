"""The planner: a whole backlog against a loop over orders with the ORM, a tick with nothing to do, and
changed orders.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from datetime import time as clock
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from django.db import connection, transaction

from accounts.models import Seller
from accounts.services import provisioning
from accounts.tenancy import seller_context
from bench.figures import Figure, at_least, at_most
from campaigns.domain.schedule import next_moment
from campaigns.domain.states import CONTACTED
from campaigns.models import Campaign, Message, MessageEvent, Suppression
from campaigns.services.plan import plan_changes
from campaigns.services.terms import planning_campaigns, send_window
from orders.models import Order

T = TypeVar("T")
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
ZONES = {
    "A1PA6795UKMFR9": "Europe/Berlin",
    "ATVPDKIKX0DER": "America/Los_Angeles",
    "A1F83G8C2ARO7P": "Europe/London",
    "A13V1IB3VIYZZH": "Europe/Paris",
    "APJ6JRA9NG5V4": "Europe/Rome",
}


def run(small: bool = False, scale: int = 1_000_000) -> list[Figure]:
    """`scale` orders (small: twenty thousand) and ten campaigns, in a seller of its own that is dropped
    afterwards.
    """
    orders, sample = (20_000, 200) if small else (scale, 1_000)
    with _seller() as seller, seller_context(seller):
        _make_campaigns()
        _make_orders(orders)
        loop = _orm_loop(sample)
        took, planned = _timed(lambda: plan_changes(NOW).planned)
        _check(planned, orders)
        _execute("ANALYZE campaigns_message")
        return [
            at_least(
                "planner backfill against an ORM loop",
                loop * orders / took,
                "x",
                150,
                _note(orders, planned, took, loop),
            ),
            at_most("planner idle tick", 1_000 * _median(_tick, 200), "ms", 1, "median of 200"),
            at_most(
                "planner changed order",
                1e6 * _changed(1_000),
                "us",
                50,
                "1,000 changed orders in one tick, ten campaigns",
            ),
            Figure(
                "planner single changed order",
                1_000 * _changed(1),
                "ms",
                note="one changed order in one tick",
            ),
        ]


def _note(orders: int, planned: int, took: float, loop: float) -> str:
    return (
        f"{orders:,} orders x 10 campaigns, {planned:,} rows in {took:.1f} s ({orders / took:,.0f} "
        f"orders/s; loop {1 / loop:,.0f})"
    )


# --- the two ways ---


def _orm_loop(sample: int) -> float:
    """Seconds an order of planning as a loop would, on a sample that is rolled back."""
    campaigns = planning_campaigns()
    with transaction.atomic():
        picked = list(Order.objects.order_by("buyer_key", "pk")[:sample])
        took, _ = _timed(lambda: _plan_all_by_hand(picked, campaigns))
        transaction.set_rollback(True)
    return took / sample


def _plan_all_by_hand(orders: list[Order], campaigns: list[Campaign]) -> None:
    for order in orders:
        _plan_by_hand(order, campaigns)


def _plan_by_hand(order: Order, campaigns: list[Campaign]) -> None:
    for campaign in campaigns:
        if not _fits(order, campaign):
            continue
        if Message.objects.filter(order=order, campaign=campaign).exists():
            continue
        if Suppression.objects.filter(value__in=[order.amazon_order_id, order.buyer_key]).exists():
            continue
        if Message.objects.filter(order=order, is_proactive=True, state__in=[*CONTACTED, "planned"]).exists():
            continue
        _create(order, campaign)


def _fits(order: Order, campaign: Campaign) -> bool:
    wanted = campaign.filters
    return (
        order.status == "SHIPPED"
        and order.marketplace_id in wanted["marketplaces"]
        and order.fulfilment == wanted["fulfilment"]
        and not order.is_replacement
        and order.returned_at is None
        and order.refunded_at is None
        and order.delivered_at is not None
        and order.delivered_at + timedelta(days=30) > NOW
    )


def _create(order: Order, campaign: Campaign) -> None:
    assert order.delivered_at
    earliest = max(order.delivered_at + timedelta(hours=max(campaign.delay_hours, 120)), NOW)
    due_at = next_moment(send_window(campaign), ZONES[order.marketplace_id], earliest)
    if due_at and due_at < order.delivered_at + timedelta(days=30):
        message = Message.objects.create(
            order=order,
            campaign=campaign,
            channel=campaign.channel,
            purpose=campaign.purpose,
            is_proactive=True,
            due_at=due_at,
            expires_at=order.delivered_at + timedelta(days=30),
            evidence="carrier",
        )
        MessageEvent.objects.create(message=message, after="planned")


def _tick() -> None:
    plan_changes(NOW)


def _changed(count: int) -> float:
    """Seconds an order of a tick that finds `count` orders changed, half of them with another delivery."""

    def once() -> float:
        _execute(
            "UPDATE orders_order SET changed_xact = pg_current_xact_id()::text::bigint,"
            " delivered_at = delivered_at + (id % 2) * interval '1 hour'"
            f" WHERE id IN (SELECT id FROM orders_order ORDER BY random() LIMIT {count})"
        )
        return _timed(_tick)[0]

    return statistics.median(once() for _ in range(5)) / count


# --- the world ---


@contextmanager
def _seller() -> Iterator[Seller]:
    seller = provisioning.create_seller(name="Planner bench", slug=f"bench-{uuid4().hex[:10]}")
    try:
        yield seller
    finally:
        connection.set_schema_to_public()  # type: ignore[attr-defined]
        _execute(f'DROP SCHEMA IF EXISTS "{seller.schema_name}" CASCADE')
        seller.delete(force_drop=False)  # type: ignore[no-untyped-call]


def _make_campaigns() -> None:
    """Ten campaigns, each for one marketplace and one way of fulfilment, so that almost every order has
    its one.
    """
    for marketplace in ZONES:
        for fulfilment in ("FBA", "FBM"):
            Campaign.objects.create(
                name=f"{marketplace} {fulfilment}",
                state="active",
                channel="solicitation",
                purpose="review_and_feedback_request",
                trigger="delivered",
                delay_hours=8 * 24,
                window_from=clock(9),
                window_until=clock(17),
                covers_from_at=NOW - timedelta(days=365),
                filters={"marketplaces": [marketplace], "fulfilment": fulfilment},
            )


_ORDERS = """
INSERT INTO orders_order (connection_id, amazon_order_id, source, marketplace_id, status, fulfilment,
    programs, is_business,
    is_replacement, replaces_order_id, has_promotion, item_count, total_minor, currency, ship_country,
        purchased_at, shipped_at,
    delivered_at, refunded_at, unknown_facts, relay_address_sealed, buyer_key, last_updated_at,
        changed_xact, created_at)
SELECT 1, '302-' || lpad((n / 10000000)::text, 7, '0') || '-' || lpad((n %% 10000000)::text, 7, '0'), 'api',
    (%s::text[])[1 + n %% 5], 'SHIPPED', CASE n / 5 %% 2 WHEN 0 THEN 'FBA' ELSE 'FBM' END, '{{}}',
        false, n %% 200 = 0, '', false,
    1, 2490, 'EUR', '', at - interval '3 days', at - interval '2 days', at,
        CASE WHEN n %% 13 = 0 THEN at END, '{{}}', 'sealed',
    md5(n::text), at, pg_current_xact_id()::text::bigint, at
FROM (SELECT n, %s::timestamptz - (n::bigint * 7919 %% 1900000) * interval '1 second' AS at FROM
    generate_series(1, {count}) n) made
"""


def _make_orders(count: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_ORDERS.format(count=count), [list(ZONES), NOW])
        cursor.execute("ANALYZE orders_order")


def _check(planned: int, orders: int) -> None:
    assert 0.85 * orders < planned <= orders, (
        f"{planned} of {orders} planned: the bench measures something else"
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT order_id) FROM campaigns_message")
        assert cursor.fetchone() == (planned, planned)


def _execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def _median(act: Callable[[], object], times: int) -> float:
    return statistics.median(_timed(act)[0] for _ in range(times))


def _timed(act: Callable[[], T]) -> tuple[float, T]:
    """Seconds of work, ours and the database's. Processor time where it can be read, so that other work
    on the machine does not count; the two wait for each other, so on a quiet machine it is the time by
    the clock.
    """
    started, began = time.perf_counter(), _processor_time()
    result = act()
    took, ended = time.perf_counter() - started, _processor_time()
    return (ended - began if began is not None and ended is not None else took), result


def _processor_time() -> float | None:
    assert connection.connection is not None
    backend = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    if not backend.exists():
        return None  # the database runs elsewhere
    return time.process_time() + int(backend.read_text().split()[0]) / 1e9
