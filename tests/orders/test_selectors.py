"""Finding orders, and telling one order's story."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Seller
from accounts.paging import page_of
from orders import selectors
from orders.models import Order, OrderImport, SyncCursor
from orders.selectors import Filters
from orders.services.upsert import _SEALED_CELL, sealing
from tests.factories.orders import DE, NOW, US, make_order

DAY = timedelta(days=1)


def found(**filters: Any) -> set[int]:
    return set(selectors.search(Filters(**filters)).values_list("pk", flat=True))


@pytest.mark.parametrize(
    "text", ["302-55", "B0AAAAAAAA", "b0aaaaaaaa", "SKU 7", "sku 7", "oak table", "TABLE small"]
)
def test_order_is_found_by_number_asin_sku_or_words(seller: Seller, text: str) -> None:
    wanted = make_order(
        amazon_order_id="302-5555555-1111111",
        items=[{"asin": "B0AAAAAAAA", "sku": "SKU 7", "title": "Small table of oak"}],
    )
    make_order()
    assert found(text=text) == {wanted.pk}


def test_filters_narrow(seller: Seller) -> None:
    german = make_order(marketplace_id=DE, fulfilment="FBM", status="SHIPPED")
    american = make_order(marketplace_id=US, fulfilment="FBA", status="CANCELLED", purchased_at=NOW - 3 * DAY)
    assert found(marketplace_id=US) == found(fulfilment="FBA") == found(status="CANCELLED") == {american.pk}
    assert found(purchased_from_at=NOW - 4 * DAY) == {american.pk}
    assert found(purchased_until_at=NOW - 4 * DAY) == {german.pk}
    assert found() == {german.pk, american.pk}


def test_pages_go_through_every_order_once_newest_first(seller: Seller) -> None:
    made = [make_order(purchased_at=NOW - (n // 2) * DAY).pk for n in range(9)]
    seen: list[Order] = []
    after = ""
    while True:
        page = page_of(selectors.search(Filters()), "purchased_at", {"after": after}, size=4)
        seen += page.items
        after = page.older
        if not after:
            break
    assert sorted(order.pk for order in seen) == sorted(made)
    assert [order.purchased_at for order in seen] == sorted(
        (order.purchased_at for order in seen), reverse=True
    )


@pytest.mark.parametrize("after", ["nonsense", "2026-13-01~1", "2026-11-01T00:00:00~1", "~"])
def test_unreadable_place_gives_the_first_page(seller: Seller, after: str) -> None:
    make_order()
    assert len(page_of(selectors.search(Filters()), "purchased_at", {"after": after}).items) == 1


def test_timeline_tells_what_happened_in_order_and_what_is_only_estimated(seller: Seller) -> None:
    order = make_order(
        purchased_at=NOW - 9 * DAY, shipped_at=NOW - 8 * DAY, delivered_at=None,
        estimated_arrival_at=NOW - 5 * DAY, returned_at=NOW - 2 * DAY, feedback_at=NOW - DAY,
        feedback_rating=2,
    )  # fmt: skip
    events = selectors.timeline(order)
    assert [event.kind for event in events] == [
        "placed",
        "shipped",
        "estimated_arrival",
        "returned",
        "feedback",
    ]
    assert [event.is_estimate for event in events] == [False, False, True, False, False]
    assert events[-1].sentence == "The buyer left seller feedback of 2 out of 5."


def test_facts_are_the_orders(seller: Seller) -> None:
    order = make_order(unknown_facts=["PACKAGES"], programs=["PRIME"], items=[{"sku": "A"}, {"sku": "B"}])
    facts = selectors.facts_of(order)
    assert [item.sku for item in facts.items] == ["A", "B"]
    assert (facts.unknown_facts, facts.programs) == (frozenset({"PACKAGES"}), ("PRIME",))
    assert facts.purchased_at == order.purchased_at


def test_relay_address_is_opened_or_none(seller: Seller) -> None:
    order = make_order(relay_address_sealed="")
    assert selectors.relay_address(order) is None
    order.relay_address_sealed = sealing.seal("a@marketplace.amazon.de", _SEALED_CELL.format(order.pk))
    assert selectors.relay_address(order) == "a@marketplace.amazon.de"


@pytest.mark.parametrize(
    ("cursor", "words"),
    [
        ({}, "The orders of the last 30 days will be read first."),
        ({"pages_read": 3, "orders_seen": 300, "page_token": "t"}, "300 orders so far"),
        ({"complete_until_at": NOW}, "Orders are complete until 23 November 2026, 10:00 UTC."),
        ({"complete_until_at": NOW, "page_token": "t", "pages_read": 1}, "one page so far"),
        (
            {"complete_until_at": NOW, "failures": 1, "last_error": "Amazon could not answer."},
            "The last attempt failed: Amazon could",
        ),
        (
            {"complete_until_at": NOW, "refused_data": ["PACKAGES", "BUYER"]},
            "does not tell us parcels, relay addresses now",
        ),
    ],
)
def test_progress_is_told_in_words(seller: Seller, cursor: dict[str, Any], words: str) -> None:
    SyncCursor.objects.create(connection_id=1, **cursor)
    assert words in selectors.sync_words(1)
    assert selectors.sync_status(2).is_first_read


def test_progress_of_an_import_is_a_percentage(seller: Seller) -> None:
    half = OrderImport(size_bytes=200, bytes_read=100, state="running")
    assert selectors.import_progress(half) == 50
    assert selectors.import_progress(OrderImport(size_bytes=0, bytes_read=0, state="waiting")) == 0
    assert selectors.import_progress(OrderImport(size_bytes=9, bytes_read=9, state="done")) == 100


def test_only_marketplaces_with_orders_are_offered(seller: Seller) -> None:
    make_order(marketplace_id=DE)
    make_order(marketplace_id="")
    assert selectors.marketplaces() == [DE]
    assert selectors.find(Order.objects.first().amazon_order_id) is not None
    assert selectors.find("302-0") is None
