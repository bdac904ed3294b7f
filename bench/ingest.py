"""How fast a page of 100 orders (two items each) is stored, against raw COPY of the same rows and Django's bulk_create.

The three take turns within each round, into the same tables with the same indexes, one transaction a page;
each round checks that the same rows came out. Judged by the median of the rounds' ratios, so that a busy
machine does not decide.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction

from accounts.services import provisioning
from accounts.tenancy import seller_context
from bench.figures import Figure, at_least
from orders.models import Order, OrderItem
from orders.records import ItemRecord, OrderRecord, parse_page
from orders.services.upsert import upsert_page

PAGE = 100
BOUGHT_AT = datetime(2026, 11, 1, tzinfo=UTC)
_ITEM_FIELDS = (
    "amazon_item_id",
    "asin",
    "sku",
    "title",
    "quantity",
    "price_minor",
    "currency",
    "is_cancelled",
)
_FIELDS = (
    "amazon_order_id", "marketplace_id", "status", "fulfilment", "programs", "is_business", "is_replacement",
    "replaces_order_id", "has_promotion", "item_count", "total_minor", "currency", "ship_country",
    "purchased_at", "shipped_at", "promised_earliest_at", "promised_latest_at", "delivered_at",
    "cancelled_at", "cancel_requested_at", "undeliverable_at", "unknown_facts", "last_updated_at",
)  # fmt: skip

Pages = list[list[OrderRecord]]


def run(small: bool = False) -> list[Figure]:
    count, rounds = (10, 3) if small else (50, 7)
    pages = [[_record(page * PAGE + n) for n in range(PAGE)] for page in range(count)]
    with _own_database() as seller, seller_context(seller):
        _once(_by_product, pages[:2])  # plans, caches and the first schema look-ups are nobody's
        taken = [_round(pages, turn) for turn in range(rounds)]
    return _figures(taken, count * PAGE)


def _figures(taken: list[dict[str, float]], orders: int) -> list[Figure]:
    rate = {name: orders / statistics.median(one[name] for one in taken) for name in taken[0]}
    rates = (
        f"product {rate['product']:,.0f} orders/s, COPY {rate['copy']:,.0f}, bulk_create {rate['bulk']:,.0f}"
    )
    return [
        at_least("ingest: product against raw COPY", _ratio(taken, "copy", "product"), "x", 0.4, rates),
        at_least("ingest: product against bulk_create", _ratio(taken, "bulk", "product"), "x", 2.0),
        at_least("ingest: unchanged page against a fresh one", _ratio(taken, "product", "again"), "x", 1.5,
                 f"{rate['again']:,.0f} orders/s"),
        Figure("ingest: product against one COPY of everything", _ratio(taken, "whole", "product"), "x",
               note="no upsert, one transaction"),
        Figure("ingest: reading Amazon's JSON", _parsing_rate(), "orders/s"),
    ]  # fmt: skip


def _ratio(taken: list[dict[str, float]], slow: str, fast: str) -> float:
    return statistics.median(one[slow] / one[fast] for one in taken)


def _round(pages: Pages, turn: int) -> dict[str, float]:
    """Seconds of each way; who begins changes every round."""
    ways: list[tuple[str, Callable[[list[OrderRecord], int], Any]]] = [
        ("product", _by_product), ("copy", _by_copy), ("bulk", _by_bulk_create),
    ]  # fmt: skip
    ways = ways[turn % 3 :] + ways[: turn % 3]
    taken = {"whole": _once(_by_copy, [[record for page in pages for record in page]])}
    for name, way in ways:
        taken[name] = _once(way, pages)
        if name == "product":
            taken["again"] = _timed(way, pages)
            _check(pages)
    return taken


def _once(way: Callable[[list[OrderRecord], int], Any], pages: Pages) -> float:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE orders_order, orders_orderitem RESTART IDENTITY CASCADE")
        cursor.execute("CHECKPOINT")
    seconds = _timed(way, pages)
    _check(pages)
    return seconds


def _timed(way: Callable[[list[OrderRecord], int], Any], pages: Pages) -> float:
    started = time.perf_counter()
    for index, page in enumerate(pages):
        way(page, index * PAGE)
    return time.perf_counter() - started


def _check(pages: Pages) -> None:
    count = sum(len(page) for page in pages)
    assert Order.objects.count() == count, "an order is missing or there twice"
    assert OrderItem.objects.count() == 2 * count, "an item is missing or there twice"


# -- the three ways


def _by_product(page: list[OrderRecord], first: int) -> None:
    upsert_page(1, page)


def _by_copy(page: list[OrderRecord], first: int) -> None:
    """The ceiling: no upsert, ids known beforehand."""
    with transaction.atomic(), connection.cursor() as cursor:
        names = ("id", "connection_id", "source", "changed_xact", "estimated_arrival_at", *_FIELDS)
        with cursor.copy(f"COPY orders_order ({', '.join(names)}) FROM STDIN") as copy:
            for n, record in enumerate(page):
                told = [_plain(getattr(record, name)) for name in _FIELDS]
                copy.write_row((first + n + 1, 1, "api", 1, None, *told))
        with cursor.copy(f"COPY orders_orderitem (order_id, {', '.join(_ITEM_FIELDS)}) FROM STDIN") as copy:
            for n, record in enumerate(page):
                for item in record.items:
                    copy.write_row((first + n + 1, *(getattr(item, name) for name in _ITEM_FIELDS)))


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _by_bulk_create(page: list[OrderRecord], first: int) -> None:
    with transaction.atomic():
        orders = [Order(connection_id=1, changed_xact=1, **_told(record)) for record in page]
        Order.objects.bulk_create(
            orders, update_conflicts=True, unique_fields=["amazon_order_id"], update_fields=list(_FIELDS[1:])
        )
        items = [
            OrderItem(order_id=order.pk, **{name: getattr(item, name) for name in _ITEM_FIELDS})
            for order, record in zip(orders, page, strict=True)
            for item in record.items
        ]
        OrderItem.objects.bulk_create(
            items,
            update_conflicts=True,
            unique_fields=["order", "amazon_item_id"],
            update_fields=list(_ITEM_FIELDS[1:]),
        )


def _told(record: OrderRecord) -> dict[str, Any]:
    return {name: _plain(getattr(record, name)) for name in _FIELDS}


# -- what is stored


def _record(n: int) -> OrderRecord:
    bought_at = BOUGHT_AT + timedelta(seconds=n)
    return OrderRecord(
        amazon_order_id=f"302-{n // 10**7:07d}-{n * 7919 % 10**7:07d}",
        purchased_at=bought_at,
        last_updated_at=bought_at + timedelta(days=3),
        marketplace_id="A1PA6795UKMFR9",
        status="SHIPPED",
        fulfilment="FBM",
        programs=("PRIME",),
        item_count=3,
        total_minor=7_470,
        currency="EUR",
        shipped_at=bought_at + timedelta(days=1),
        promised_earliest_at=bought_at + timedelta(days=2),
        promised_latest_at=bought_at + timedelta(days=5),
        items=(_item(n, 1), _item(n, 2)),
    )


def _item(n: int, number: int) -> ItemRecord:
    title = f"Felt Desk Pad 80 x 40 cm, Charcoal, pack of {number}"
    return ItemRecord(
        f"{n:012d}{number}", f"B0C7GPR{n % 900:03d}", f"PAD-{n % 900}", title, number, 2_490, "EUR"
    )


def _parsing_rate() -> float:
    told = [_as_amazon(n) for n in range(PAGE)]
    included = ("FULFILLMENT", "PACKAGES", "CANCELLATION", "PROCEEDS", "PROMOTION")
    started = time.perf_counter()
    for _ in range(50):
        parse_page(told, included)
    return 50 * PAGE / (time.perf_counter() - started)


def _as_amazon(n: int) -> dict[str, Any]:
    price = {"amount": "24.90", "currencyCode": "EUR"}
    item = {
        "quantityOrdered": 1,
        "product": {"asin": "B0C7GPRS41", "title": "Pad", "sellerSku": "PAD", "price": {"unitPrice": price}},
    }
    return {
        "orderId": f"302-0000000-{n:07d}", "createdTime": "2026-11-01T08:00:00Z",
        "lastUpdatedTime": "2026-11-03T09:00:00Z", "programs": ["PRIME"],
        "salesChannel": {"channelName": "AMAZON", "marketplaceId": "A1PA6795UKMFR9"},
        "proceeds": {"grandTotal": price}, "fulfillment": { "fulfillmentStatus": "SHIPPED",
        "fulfilledBy": "MERCHANT", "deliverByWindow": {"earliestDateTime": "2026-11-04T00:00:00Z",
        "latestDateTime": "2026-11-06T22:59:59Z"}, }, "orderItems": [{**item, "orderItemId": "1"}, {**item,
        "orderItemId": "2"}], "packages": [{"packageReferenceId": "1",
        "packageStatus": {"status": "IN_TRANSIT"}, "shipTime": "2026-11-02T15:00:00Z"}],
    }  # fmt: skip


@contextmanager
def _own_database() -> Iterator[Any]:
    """A database made for this run beside the configured one, and dropped afterwards."""
    usual = connection.settings_dict["NAME"]
    name = f"bench_ingest_{time.time_ns() % 10**9}"
    _outside(f'CREATE DATABASE "{name}"')
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        call_command("migrate_schemas", "--shared", verbosity=0)
        yield provisioning.create_seller("Bench", "bench")
    finally:
        connection.close()
        connection.settings_dict["NAME"] = usual
        _outside(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _outside(sql: str) -> None:
    """On the maintenance database, so that the configured one need not exist."""
    import psycopg

    facts = connection.settings_dict
    where = {
        "host": facts["HOST"],
        "port": facts["PORT"],
        "user": facts["USER"],
        "password": facts["PASSWORD"],
    }
    with psycopg.connect(**where, dbname="postgres", autocommit=True) as session:
        session.execute(sql)
