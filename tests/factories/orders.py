"""Small makers of orders, in whatever schema is entered. Each gives a plain, sendable order unless told
otherwise.
"""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from django.db import connection

from orders.models import Order, OrderItem

DE = "A1PA6795UKMFR9"
US = "ATVPDKIKX0DER"
GB = "A1F83G8C2ARO7P"
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)  # a Monday

_numbers = count(1)


def amazon_order_id(number: int | None = None) -> str:
    number = next(_numbers) if number is None else number
    return f"302-{number // 10**7 % 10**7:07d}-{number % 10**7:07d}"


def current_xact() -> int:
    """What `orders` writes into `changed_xact`: the writing transaction's own number."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        return int(cursor.fetchone()[0])


def make_order(*, items: list[dict[str, Any]] | None = None, **fields: Any) -> Order:
    """A shipped order of amazon.de, bought ten days before NOW, delivered eight days later as the carrier
    says.

    `items` are fields of OrderItem; one item by default.
    """
    bought = fields.get("purchased_at", NOW - timedelta(days=10))
    defaults: dict[str, Any] = {
        "connection_id": 1,
        "amazon_order_id": amazon_order_id(),
        "marketplace_id": DE,
        "status": Order.Status.SHIPPED,
        "fulfilment": Order.Fulfilment.FBM,
        "item_count": 1,
        "total_minor": 2_490,
        "currency": "EUR",
        "purchased_at": bought,
        "shipped_at": bought + timedelta(days=1),
        "delivered_at": bought + timedelta(days=8),
        "relay_address_sealed": "sealed",
        "buyer_key": "",
        "last_updated_at": bought + timedelta(days=8),
        "changed_xact": current_xact(),
    }
    order = Order.objects.create(**{**defaults, **fields})
    for item in [{}] if items is None else items:
        make_item(order, **item)
    return order


def make_item(order: Order, **fields: Any) -> OrderItem:
    defaults = {
        "amazon_item_id": f"{next(_numbers):014d}",
        "asin": "B0C7GPRS41",
        "sku": "PAD-80-CH",
        "title": "Felt Desk Pad 80 x 40 cm, Charcoal",
        "quantity": 1,
        "price_minor": 2_490,
        "currency": "EUR",
    }
    return OrderItem.objects.create(order=order, **{**defaults, **fields})


def change_order(order: Order, **fields: Any) -> Order:
    """Change an order as a sync would: the planner sees it."""
    Order.objects.filter(pk=order.pk).update(changed_xact=current_xact(), **fields)
    order.refresh_from_db()
    return order
