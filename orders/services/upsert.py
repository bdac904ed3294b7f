"""Writing what Amazon says: one set-based statement for a page of orders and their items.

An unchanged order is neither written nor noticed: re-reading costs no dead rows and plans nothing anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection, transaction
from django.utils import timezone

from accounts import due, sealing
from accounts.locks import Lock
from accounts.tenancy import current_seller
from orders.models import Order
from orders.records import OrderRecord

CHANGED = "orders.changed"
_SEALED_CELL = "orders_order.relay_address_sealed.{}"


@dataclass(frozen=True)
class Upserted:
    """How many orders of a page were new, changed, or known already."""

    new: int = 0
    changed: int = 0
    same: int = 0

    def __add__(self, other: "Upserted") -> "Upserted":
        return Upserted(self.new + other.new, self.changed + other.changed, self.same + other.same)


# What a page holds: the column names are OrderRecord's and the table's.
_COLUMNS = {
    "marketplace_id": "text", "status": "text", "fulfilment": "text", "programs": "text[]",
    "is_business": "bool", "is_replacement": "bool", "replaces_order_id": "text", "has_promotion": "bool",
    "item_count": "int", "total_minor": "bigint", "currency": "text", "ship_country": "text",
    "purchased_at": "timestamptz", "shipped_at": "timestamptz", "promised_earliest_at": "timestamptz",
    "promised_latest_at": "timestamptz", "delivered_at": "timestamptz", "cancelled_at": "timestamptz",
    "cancel_requested_at": "timestamptz", "undeliverable_at": "timestamptz", "unknown_facts": "text[]",
    "last_updated_at": "timestamptz",
}  # fmt: skip
_ITEM_COLUMNS = {
    "asin": "text", "sku": "text", "title": "text", "quantity": "int", "price_minor": "bigint",
    "currency": "text", "is_cancelled": "bool",
}  # fmt: skip

# Sorted by order id, so that two workers with the same page wait for each other instead of dead-locking.
_STATEMENT = """
WITH page AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%(page)s::jsonb) AS page (amazon_order_id text, {typed}, items jsonb)
), stored AS (
    INSERT INTO orders_order AS known
        (connection_id, source, amazon_order_id, {columns}, changed_xact, created_at)
    SELECT %(connection_id)s, %(source)s, amazon_order_id, {columns},
        pg_current_xact_id()::text::bigint, now()
    FROM page ORDER BY amazon_order_id
    ON CONFLICT (amazon_order_id) DO UPDATE SET {update} WHERE {newer}
    RETURNING known.id, known.amazon_order_id, known.source, known.xmax = 0 AS is_new
), lines AS MATERIALIZED (
    SELECT stored.id AS order_id, stored.is_new, item.*
    FROM stored JOIN page USING (amazon_order_id)
    CROSS JOIN LATERAL jsonb_to_recordset(page.items) AS item (amazon_item_id text, {item_typed})
    WHERE stored.source = %(source)s
), gone AS (
    DELETE FROM orders_orderitem AS item USING stored
    WHERE item.order_id = stored.id AND NOT stored.is_new AND stored.source = %(source)s
      AND NOT EXISTS (SELECT FROM lines
          WHERE lines.order_id = item.order_id AND lines.amazon_item_id = item.amazon_item_id)
), put AS (
    INSERT INTO orders_orderitem (order_id, amazon_item_id, {item_columns})
    SELECT order_id, amazon_item_id, {item_columns} FROM lines
    ON CONFLICT (order_id, amazon_item_id) DO UPDATE SET {item_update}
)
SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM stored
"""

# Amazon's API is the better witness than a file, however old, and one that tells more is better than one that
# tells less.
_API_NEWER = """
known.last_updated_at < excluded.last_updated_at OR (known.last_updated_at = excluded.last_updated_at AND
    (known.source = 'file' OR cardinality(excluded.unknown_facts) < cardinality(known.unknown_facts)))
"""
# "Not told" never wipes out what was told; what happened keeps the moment of its first sighting.
_API_UPDATE = """
    connection_id = excluded.connection_id, source = excluded.source,
    marketplace_id = coalesce(nullif(excluded.marketplace_id, ''), known.marketplace_id),
    status = CASE WHEN excluded.status = 'UNKNOWN' THEN known.status ELSE excluded.status END,
    fulfilment = coalesce(nullif(excluded.fulfilment, ''), known.fulfilment),
    programs = excluded.programs, is_business = excluded.is_business,
    is_replacement = excluded.is_replacement, replaces_order_id = excluded.replaces_order_id,
    has_promotion = CASE WHEN 'PROMOTION' = ANY (excluded.unknown_facts)
                         THEN known.has_promotion ELSE excluded.has_promotion END,
    item_count = excluded.item_count,
    total_minor = coalesce(excluded.total_minor, known.total_minor),
    currency = coalesce(nullif(excluded.currency, ''), known.currency),
    purchased_at = excluded.purchased_at,
    promised_earliest_at = coalesce(excluded.promised_earliest_at, known.promised_earliest_at),
    promised_latest_at = coalesce(excluded.promised_latest_at, known.promised_latest_at),
    shipped_at = coalesce(known.shipped_at, excluded.shipped_at),
    delivered_at = coalesce(known.delivered_at, excluded.delivered_at),
    cancelled_at = coalesce(known.cancelled_at, excluded.cancelled_at),
    cancel_requested_at = coalesce(known.cancel_requested_at, excluded.cancel_requested_at),
    undeliverable_at = CASE WHEN excluded.delivered_at IS NULL OR excluded.undeliverable_at IS NOT NULL
                            THEN coalesce(known.undeliverable_at, excluded.undeliverable_at) END,
    unknown_facts = excluded.unknown_facts,
    last_updated_at = excluded.last_updated_at, changed_xact = excluded.changed_xact
"""

# A file may tell of an order the API told of: then only a later status and the country count, and the time
# stays the API's, so that the API's own word on that update is still taken.
_FILE_NEWER = """
CASE WHEN known.source = 'file' THEN known.last_updated_at < excluded.last_updated_at
ELSE (known.last_updated_at < excluded.last_updated_at AND known.status <> excluded.status)
  OR (known.ship_country = '' AND excluded.ship_country <> '') END
"""
_FILE_ONLY = (
    "marketplace_id", "fulfilment", "is_business", "has_promotion", "item_count", "total_minor", "currency",
    "purchased_at", "last_updated_at",
)  # fmt: skip
_FILE_UPDATE = (
    ",\n".join(
        f"    {name} = CASE WHEN known.source = 'file' THEN excluded.{name} ELSE known.{name} END"
        for name in _FILE_ONLY
    )
    + """,
    status = CASE WHEN known.last_updated_at < excluded.last_updated_at
                  THEN excluded.status ELSE known.status END,
    ship_country = coalesce(nullif(excluded.ship_country, ''), known.ship_country),
    cancelled_at = coalesce(known.cancelled_at, excluded.cancelled_at),
    undeliverable_at = coalesce(known.undeliverable_at, excluded.undeliverable_at),
    changed_xact = excluded.changed_xact
"""
)


def _compose(update: str, newer: str) -> str:
    return _STATEMENT.format(
        typed=", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items()),
        columns=", ".join(_COLUMNS),
        item_typed=", ".join(f"{name} {kind}" for name, kind in _ITEM_COLUMNS.items()),
        item_columns=", ".join(_ITEM_COLUMNS),
        item_update=", ".join(f"{name} = excluded.{name}" for name in _ITEM_COLUMNS),
        update=update,
        newer=newer,
    )


_STATEMENTS = {"api": _compose(_API_UPDATE, _API_NEWER), "file": _compose(_FILE_UPDATE, _FILE_NEWER)}


def upsert_page(
    connection_id: int | None,
    records: Sequence[OrderRecord],
    *,
    source: str = "api",
    relay_addresses: Mapping[str, str] | None = None,
) -> Upserted:
    """Store a page in the entered seller's schema, in the caller's transaction or one of its own. May run twice.

    The newer update of an order wins, whatever the order of arrival. Lowers the due index ("orders.changed")
    in the same transaction where anything changed. `relay_addresses` by order id are sealed, and hashed into
    `buyer_key`.
    """
    newest = _newest(records)
    if not newest:
        return Upserted()
    with transaction.atomic():
        new, changed = _write(connection_id, source, orjson.dumps(list(newest.values())).decode())
        sealed = _seal_addresses({k: v for k, v in (relay_addresses or {}).items() if k in newest})
        if new or changed or sealed:
            due.lower(current_seller().pk, CHANGED, timezone.now())
    return Upserted(new, changed, len(newest) - new - changed)


def _newest(records: Sequence[OrderRecord]) -> dict[str, OrderRecord]:
    """One record an order: a page may hold the same order twice."""
    found: dict[str, OrderRecord] = {}
    for record in records:
        known = found.get(record.amazon_order_id)
        if known is None or known.last_updated_at <= record.last_updated_at:
            found[record.amazon_order_id] = record
    return found


def take_turn(cursor: Any) -> None:
    """Wait until nobody else writes this seller's orders, and keep them waiting until this transaction ends.

    A statement only sees, and so only replaces, the items that are committed before it begins; and writers that
    go through the orders in different ways would lock each other up.
    """
    cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [Lock.ORDERS, current_seller().pk])


def _write(connection_id: int | None, source: str, page: str) -> tuple[int, int]:
    with connection.cursor() as cursor:
        take_turn(cursor)
        values = {"connection_id": connection_id, "source": source, "page": page}
        cursor.execute(_STATEMENTS[source], values)
        new, changed = cursor.fetchone()
        return new, changed


def _seal_addresses(addresses: Mapping[str, str]) -> int:
    """Keep the addresses of orders that have none yet, unless they were forgotten: what is forgotten stays so."""
    if not addresses:
        return 0
    wanted = Order.objects.filter(
        amazon_order_id__in=addresses,
        relay_address_sealed="",
        forgotten_at=None,
        fulfilment=Order.Fulfilment.FBM,
    )
    rows = [
        (pk, *_hidden(pk, addresses[number])) for pk, number in wanted.values_list("pk", "amazon_order_id")
    ]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_KEEP_SEALED, [list(column) for column in zip(*rows, strict=True)])
    return len(rows)


_KEEP_SEALED = """
UPDATE orders_order SET relay_address_sealed = given.sealed, buyer_key = given.buyer_key,
       changed_xact = pg_current_xact_id()::text::bigint
FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS given (id, sealed, buyer_key)
WHERE orders_order.id = given.id
"""


def _hidden(pk: int, address: str) -> tuple[str, str]:
    return sealing.seal(address, _SEALED_CELL.format(pk)), buyer_key(address)


def buyer_key(address: str) -> str:
    """The same for the same buyer of this installation, and nothing can be read from it."""
    return sealing.keyed_hash(address.strip().lower(), "buyer")


def open_address(order: Order) -> str:
    """The relay address. Raises accounts.sealing.SealingError."""
    return sealing.open_sealed(order.relay_address_sealed, _SEALED_CELL.format(order.pk))
