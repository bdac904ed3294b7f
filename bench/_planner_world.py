"""What the planner's bench plans: a seller of its own with ten campaigns and as many orders as asked for."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from datetime import time as clock
from uuid import uuid4

from django.db import connection

from accounts.models import Seller
from accounts.services import provisioning
from campaigns.models import Campaign

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
ZONES = {
    "A1PA6795UKMFR9": "Europe/Berlin",
    "ATVPDKIKX0DER": "America/Los_Angeles",
    "A1F83G8C2ARO7P": "Europe/London",
    "A13V1IB3VIYZZH": "Europe/Paris",
    "APJ6JRA9NG5V4": "Europe/Rome",
}

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


@contextmanager
def seller() -> Iterator[Seller]:
    """Dropped afterwards, with everything it has."""
    made = provisioning.create_seller(name="Planner bench", slug=f"bench-{uuid4().hex[:10]}")
    try:
        yield made
    finally:
        connection.set_schema_to_public()  # type: ignore[attr-defined]
        execute(f'DROP SCHEMA IF EXISTS "{made.schema_name}" CASCADE')
        made.delete(force_drop=False)  # type: ignore[no-untyped-call]


def make_campaigns() -> None:
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


def make_orders(count: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_ORDERS.format(count=count), [list(ZONES), NOW])
        cursor.execute("ANALYZE orders_order")


def change_orders(count: int) -> None:
    """Half of them, picked at random, have another delivery."""
    execute(
        "UPDATE orders_order SET changed_xact = pg_current_xact_id()::text::bigint,"
        " delivered_at = delivered_at + (id % 2) * interval '1 hour'"
        f" WHERE id IN (SELECT id FROM orders_order ORDER BY random() LIMIT {count})"
    )


def forget_plans() -> None:
    """As if nothing had been planned yet; and no checkpoint of earlier work falls into what is measured."""
    execute("TRUNCATE campaigns_message, campaigns_messageevent, campaigns_plancursor")
    execute("CHECKPOINT")


def execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
