"""What we take from Amazon's JSON, and what we leave."""

from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Any

import pytest

from orders import records
from orders.records import (
    FACT_SETS,
    BadOrder,
    ItemRecord,
    OrderRecord,
    parse_order,
    parse_page,
    relay_addresses,
)
from tests.orders.amazon_json import BAIT, amazon_item, amazon_order, package

ALL = frozenset(FACT_SETS)
ORDER_FIELDS = {
    "amazon_order_id", "purchased_at", "last_updated_at", "marketplace_id", "status", "fulfilment",
    "programs", "is_business", "is_replacement", "replaces_order_id", "has_promotion", "item_count",
    "total_minor", "currency", "ship_country", "shipped_at", "promised_earliest_at", "promised_latest_at",
    "delivered_at", "cancelled_at", "cancel_requested_at", "undeliverable_at", "unknown_facts", "items",
}  # fmt: skip
ITEM_FIELDS = {
    "amazon_item_id",
    "asin",
    "sku",
    "title",
    "quantity",
    "price_minor",
    "currency",
    "is_cancelled",
}


def parse(**changes: Any) -> OrderRecord:
    return parse_order(amazon_order(**changes), ALL)


def fulfilment(**changes: Any) -> dict[str, Any]:
    return {**amazon_order()["fulfillment"], **changes}


def test_only_the_fields_on_the_allow_list_can_be_stored() -> None:
    assert {f.name for f in fields(OrderRecord)} == ORDER_FIELDS
    assert {f.name for f in fields(ItemRecord)} == ITEM_FIELDS


def test_nothing_personal_survives_the_reading() -> None:
    seen = repr(asdict(parse()))
    assert BAIT not in seen
    assert "marketplace.amazon" not in seen


def test_order_is_read_with_times_money_and_items() -> None:
    record = parse()
    assert record.purchased_at == datetime(2026, 11, 1, 8, tzinfo=UTC)
    assert (record.status, record.fulfilment, record.marketplace_id) == ("SHIPPED", "FBM", "A1PA6795UKMFR9")
    assert (record.total_minor, record.currency, record.item_count) == (4980, "EUR", 2)
    assert record.shipped_at == datetime(2026, 11, 2, 15, tzinfo=UTC)
    assert record.promised_latest_at == datetime(2026, 11, 6, 22, 59, 59, tzinfo=UTC)
    assert record.items == (ItemRecord("1", "B0C7GPRS41", "PAD-80", "Felt Desk Pad", 2, 2490, "EUR", False),)
    assert record.unknown_facts == ()


def test_yen_have_no_minor_unit() -> None:
    assert parse(proceeds={"grandTotal": {"amount": "5980", "currencyCode": "JPY"}}).total_minor == 5980


def test_unknown_values_of_enumerations_are_kept_and_unknown_fields_ignored() -> None:
    record = parse(
        programs=["MOON_DELIVERY"],
        fulfillment=fulfilment(fulfillmentStatus="BEAMED", promiseCalculationInputs={}),
    )
    assert record.status == "BEAMED"
    assert record.programs == ("MOON_DELIVERY",)


def test_missing_data_sets_are_unknown_and_never_false() -> None:
    bare = amazon_order(fulfillment=None, packages=None, proceeds=None)
    record = parse_order(bare, frozenset({"CANCELLATION"}))
    assert set(record.unknown_facts) == {"FULFILLMENT", "PACKAGES", "PROCEEDS", "PROMOTION"}
    assert record.status == "UNKNOWN"
    assert record.total_minor is None


def test_fulfilment_that_amazon_leaves_out_unasked_is_unknown_too() -> None:
    assert parse(fulfillment=None).unknown_facts == ("FULFILLMENT",)


@pytest.mark.parametrize(
    ("states", "is_delivered"),
    [
        (["DELIVERED"], True),
        (["DELIVERED", "IN_TRANSIT"], False),
        (["DELIVERED", "CANCELLED"], True),
        (["CANCELLED"], False),
    ],
)
def test_order_is_delivered_when_every_parcel_that_travels_is(states: list[str], is_delivered: bool) -> None:
    record = parse(packages=[package(state) for state in states])
    assert record.delivered_at == (record.last_updated_at if is_delivered else None)


@pytest.mark.parametrize(
    "state", [("UNDELIVERABLE", ""), ("IN_TRANSIT", "REJECTED_BY_BUYER"), ("IN_TRANSIT", "LOST")]
)
def test_lost_or_refused_parcel_makes_the_order_undeliverable(state: tuple[str, str]) -> None:
    assert parse(packages=[package(*state)]).undeliverable_at is not None


def test_fba_order_counts_as_shipped_from_the_update_that_first_says_so() -> None:
    record = parse(packages=None, fulfillment=fulfilment(fulfilledBy="AMAZON"))
    assert record.fulfilment == "FBA"
    assert record.shipped_at == record.last_updated_at


def test_unshipped_order_has_no_shipping_time() -> None:
    assert parse(fulfillment=fulfilment(fulfillmentStatus="PARTIALLY_SHIPPED")).shipped_at is None


def test_replacement_is_known_by_the_order_it_replaces() -> None:
    other = {"orderId": "302-0000000-1111111", "associationType": "REPLACEMENT_ORIGINAL_ID"}
    record = parse(associatedOrders=[other])
    assert record.is_replacement
    assert record.replaces_order_id == "302-0000000-1111111"


def test_buyers_wish_to_cancel_and_a_cancellation_are_told_apart() -> None:
    asked = parse(orderItems=[amazon_item(cancellation={"cancellationRequest": {"requester": "BUYER"}})])
    assert asked.cancel_requested_at is not None
    assert asked.cancelled_at is None
    done = parse(fulfillment=fulfilment(fulfillmentStatus="CANCELLED"))
    assert done.cancelled_at == done.last_updated_at


def test_business_order_and_promotion_are_noticed() -> None:
    record = parse(
        programs=["AMAZON_BUSINESS"],
        orderItems=[amazon_item(promotion={"breakdowns": [{"promotionId": "P"}]})],
    )
    assert record.is_business
    assert record.has_promotion


def test_marketplace_is_found_by_name_where_the_id_is_missing() -> None:
    assert (
        parse(salesChannel={"channelName": "AMAZON", "marketplaceName": "Amazon.co.jp"}).marketplace_id
        == "A1VC38T7YXB528"
    )


def test_characters_the_database_cannot_hold_are_taken_out() -> None:
    item = amazon_item()
    item["product"]["title"] = "A\x00B \ud83d"
    assert parse(orderItems=[item]).items[0].title == "AB ?"


def test_bad_order_is_named_with_its_field_and_does_not_hold_up_the_others() -> None:
    good, problems = parse_page(
        [amazon_order("1"), amazon_order("2", lastUpdatedTime="soon"), amazon_order("3")], ALL
    )
    assert [record.amazon_order_id for record in good] == ["1", "3"]
    assert problems == ["Order 2: ValueError Invalid isoformat string: 'soon'"]


@pytest.mark.parametrize(
    "broken", [{"orderId": None}, {"orderItems": [{"quantityOrdered": 1}]}, {"createdTime": None}]
)
def test_order_without_what_no_order_lacks_is_bad(broken: dict[str, Any]) -> None:
    with pytest.raises(BadOrder):
        parse(**broken)


def test_relay_addresses_are_taken_for_merchant_fulfilled_orders_only() -> None:
    fba = amazon_order("2", fulfillment=fulfilment(fulfilledBy="AMAZON"))
    assert relay_addresses([amazon_order("1"), fba, amazon_order("3", buyer=None)]) == {
        "1": "abc123@marketplace.amazon.de"
    }


def test_text_is_bounded() -> None:
    assert records.text("x" * 500, 40) == "x" * 40
