"""A page of orders goes in once, the newer update wins, and nothing told is lost to silence."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, connections

from accounts import sealing
from accounts.models import Seller, SellerDue
from accounts.services.resealing import Column
from accounts.tenancy import seller_context
from orders.models import Order, OrderItem
from orders.records import ItemRecord, OrderRecord
from orders.services.upsert import Upserted, buyer_key, open_address, upsert_page

AT = datetime(2026, 11, 3, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
DE = "A1PA6795UKMFR9"


def record(number: str = "302-1", **facts: Any) -> OrderRecord:
    defaults: dict[str, Any] = {
        "purchased_at": AT - 48 * HOUR, "last_updated_at": AT, "marketplace_id": DE, "status": "SHIPPED",
        "fulfilment": "FBM", "item_count": 1, "total_minor": 2490, "currency": "EUR",
        "items": (ItemRecord("1", "B01", "SKU", "Pad", 1, 2490, "EUR"),),
    }  # fmt: skip
    return OrderRecord(number, **{**defaults, **facts})


def stored(number: str = "302-1") -> Order:
    return Order.objects.get(amazon_order_id=number)


def due_of(seller: Seller) -> list[str]:
    return list(SellerDue.objects.filter(seller=seller).values_list("kind", flat=True))


def test_new_orders_are_stored_with_their_items(seller: Seller) -> None:
    assert upsert_page(7, [record("1"), record("2")]) == Upserted(new=2)
    order = stored("1")
    assert (order.connection_id, order.source, order.total_minor, order.status) == (7, "api", 2490, "SHIPPED")
    assert list(order.items.values_list("amazon_item_id", "title", "price_minor")) == [("1", "Pad", 2490)]


def test_unchanged_page_writes_nothing_and_plans_nothing(seller: Seller) -> None:
    upsert_page(7, [record()])
    before = (stored().changed_xact, OrderItem.objects.get().pk)
    SellerDue.objects.all().delete()
    assert upsert_page(7, [record()]) == Upserted(same=1)
    assert (stored().changed_xact, OrderItem.objects.get().pk) == before
    assert due_of(seller) == []


def test_change_lowers_the_due_index(seller: Seller) -> None:
    upsert_page(7, [record()])
    assert due_of(seller) == ["orders.changed"]


def test_newer_update_wins_in_whatever_order_they_arrive(seller: Seller) -> None:
    upsert_page(7, [record(status="SHIPPED", last_updated_at=AT + HOUR)])
    assert upsert_page(7, [record(status="UNSHIPPED")]) == Upserted(same=1)
    assert stored().status == "SHIPPED"
    assert upsert_page(7, [record(status="CANCELLED", last_updated_at=AT + 2 * HOUR)]) == Upserted(changed=1)
    assert stored().status == "CANCELLED"


def test_same_order_twice_in_a_page_is_taken_once(seller: Seller) -> None:
    pages = [record(status="SHIPPED", last_updated_at=AT + HOUR), record(status="UNSHIPPED")]
    assert upsert_page(7, pages) == Upserted(new=1)
    assert stored().status == "SHIPPED"


def test_items_of_a_changed_order_are_replaced(seller: Seller) -> None:
    items = (ItemRecord("1", title="Pad"), ItemRecord("2", title="Tray"))
    upsert_page(7, [record(items=items)])
    kept = OrderItem.objects.get(amazon_item_id="2").pk
    items = (ItemRecord("2", title="Pen tray"), ItemRecord("3", title="Cup"))
    upsert_page(7, [record(items=items, last_updated_at=AT + HOUR)])
    assert dict(stored().items.values_list("amazon_item_id", "title")) == {"2": "Pen tray", "3": "Cup"}
    assert OrderItem.objects.get(amazon_item_id="2").pk == kept


def test_items_of_other_orders_stay(seller: Seller) -> None:
    upsert_page(7, [record("1"), record("2")])
    upsert_page(7, [record("1", items=(), last_updated_at=AT + HOUR)])
    assert stored("1").items.count() == 0
    assert stored("2").items.count() == 1


def test_first_sighting_of_what_happened_stays(seller: Seller) -> None:
    upsert_page(7, [record(delivered_at=AT, shipped_at=AT - HOUR, cancelled_at=AT, cancel_requested_at=AT)])
    later = AT + 5 * HOUR
    upsert_page(
        7,
        [
            record(
                delivered_at=later,
                shipped_at=later,
                cancelled_at=later,
                cancel_requested_at=later,
                last_updated_at=later,
            )
        ],
    )
    order = stored()
    assert (order.delivered_at, order.shipped_at, order.cancelled_at, order.cancel_requested_at) == (
        AT,
        AT - HOUR,
        AT,
        AT,
    )


def test_silence_wipes_out_nothing_that_was_told(seller: Seller) -> None:
    upsert_page(7, [record(promised_latest_at=AT, delivered_at=AT, has_promotion=True)])
    Order.objects.update(estimated_arrival_at=AT, returned_at=AT, feedback_at=AT)
    bare = record(
        last_updated_at=AT + HOUR, status="UNKNOWN", fulfilment="", marketplace_id="", total_minor=None,
        currency="", unknown_facts=("FULFILLMENT", "PROCEEDS", "PROMOTION"),
    )  # fmt: skip
    assert upsert_page(7, [bare]) == Upserted(changed=1)
    order = stored()
    assert (order.status, order.fulfilment, order.marketplace_id, order.total_minor) == (
        "SHIPPED",
        "FBM",
        DE,
        2490,
    )
    assert (order.promised_latest_at, order.delivered_at, order.has_promotion) == (AT, AT, True)
    assert (order.estimated_arrival_at, order.returned_at, order.feedback_at) == (AT, AT, AT)
    assert order.unknown_facts == ["FULFILLMENT", "PROCEEDS", "PROMOTION"]


def test_same_update_told_more_fully_is_taken(seller: Seller) -> None:
    upsert_page(7, [record(unknown_facts=("FULFILLMENT",), status="UNKNOWN")])
    assert upsert_page(7, [record()]) == Upserted(changed=1)
    assert (stored().status, stored().unknown_facts) == ("SHIPPED", [])


def test_parcel_that_arrives_after_all_is_not_undeliverable(seller: Seller) -> None:
    upsert_page(7, [record(undeliverable_at=AT)])
    upsert_page(7, [record(delivered_at=AT + HOUR, last_updated_at=AT + HOUR)])
    assert stored().undeliverable_at is None


def test_api_takes_over_an_order_known_from_a_file(seller: Seller) -> None:
    upsert_page(None, [record(items=(ItemRecord("SKU", title="Pad"),), ship_country="DE")], source="file")
    assert upsert_page(7, [record()]) == Upserted(changed=1)
    order = stored()
    assert (order.connection_id, order.source, order.ship_country) == (7, "api", "DE")
    assert [item.amazon_item_id for item in order.items.all()] == ["1"]


def test_older_file_does_not_overwrite_what_the_api_said(seller: Seller) -> None:
    upsert_page(7, [record(status="SHIPPED")])
    old = record(status="UNSHIPPED", last_updated_at=AT - HOUR, total_minor=1, items=(ItemRecord("SKU"),))
    assert upsert_page(None, [old], source="file") == Upserted(same=1)
    assert (stored().status, stored().total_minor, stored().connection_id) == ("SHIPPED", 2490, 7)


def test_newer_file_tells_the_status_but_leaves_the_rest_to_the_api(seller: Seller) -> None:
    upsert_page(7, [record()])
    newer = record(
        status="CANCELLED",
        cancelled_at=AT + HOUR,
        last_updated_at=AT + HOUR,
        total_minor=1,
        items=(ItemRecord("SKU"),),
    )
    assert upsert_page(None, [newer], source="file") == Upserted(changed=1)
    assert upsert_page(None, [newer], source="file") == Upserted(same=1)
    order = stored()
    assert (order.status, order.total_minor, order.last_updated_at) == ("CANCELLED", 2490, AT)
    assert [item.amazon_item_id for item in order.items.all()] == ["1"]


def test_relay_address_is_sealed_and_hashed_and_never_stored_in_the_clear(seller: Seller) -> None:
    upsert_page(
        7, [record("1"), record("2", fulfilment="FBA")], relay_addresses={"1": "A@x.de", "2": "b@x.de"}
    )
    order = stored("1")
    assert "x.de" not in order.relay_address_sealed
    assert open_address(order) == "A@x.de"
    assert order.buyer_key == buyer_key("a@X.de")
    assert stored("2").relay_address_sealed == ""


def test_sealed_address_is_bound_to_the_cell_that_a_rotation_of_keys_looks_in(seller: Seller) -> None:
    upsert_page(7, [record()], relay_addresses={"302-1": "a@x.de"})
    order = stored()
    cell = Column(Order, "relay_address_sealed").cell(order.pk)
    assert sealing.open_sealed(order.relay_address_sealed, cell) == "a@x.de"


def test_forgotten_address_stays_forgotten(seller: Seller) -> None:
    upsert_page(7, [record()], relay_addresses={"302-1": "a@x.de"})
    Order.objects.update(relay_address_sealed="", forgotten_at=AT)
    upsert_page(7, [record(last_updated_at=AT + HOUR)], relay_addresses={"302-1": "a@x.de"})
    assert stored().relay_address_sealed == ""


def test_change_is_numbered_by_the_writing_transaction(seller: Seller) -> None:
    upsert_page(7, [record()])
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        assert stored().changed_xact == cursor.fetchone()[0]


def test_two_workers_with_the_same_pages_neither_lock_up_nor_duplicate(
    live_seller: Seller, django_db_blocker: Any
) -> None:
    there = [record(str(n)) for n in range(60)]
    back = [replace(one, last_updated_at=AT + HOUR) for one in reversed(there)]
    with django_db_blocker.unblock():
        both = [_in_thread(live_seller, page, django_db_blocker) for page in (there, back)]
        for thread in both:
            thread.join(60)
        assert Order.objects.count() == 60
        assert OrderItem.objects.count() == 60
        assert set(Order.objects.values_list("last_updated_at", flat=True)) == {AT + HOUR}


def _in_thread(seller: Seller, page: list[OrderRecord], blocker: Any) -> threading.Thread:
    def work() -> None:
        with blocker.unblock(), seller_context(seller):
            for _ in range(5):
                upsert_page(7, page)
        connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_seller_only_ever_writes_in_its_own_schema(rival: Seller, seller: Seller) -> None:
    upsert_page(7, [record()])
    with seller_context(rival):
        assert Order.objects.count() == 0
