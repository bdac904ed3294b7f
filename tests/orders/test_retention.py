"""Buyers' addresses are forgotten on time, and what must outlive them does."""

from datetime import timedelta

import pytest

from accounts.models import Connection, Seller
from accounts.tenancy import seller_context
from orders.models import Order
from orders.services import retention
from tests.factories.orders import NOW, make_order

DAY = timedelta(days=1)
NEVER = {"delivered_at": None, "promised_latest_at": None}


@pytest.mark.parametrize(
    ("known", "is_forgotten"),
    [
        ({"delivered_at": NOW - 31 * DAY}, True),
        ({"delivered_at": NOW - 31 * DAY, "promised_latest_at": NOW - 20 * DAY}, True),
        ({"delivered_at": NOW - 29 * DAY, "promised_latest_at": NOW - 35 * DAY}, False),
        ({"delivered_at": NOW - 29 * DAY, "purchased_at": NOW - 50 * DAY}, False),
        ({**NEVER, "promised_latest_at": NOW - 31 * DAY}, True),
        ({**NEVER, "promised_latest_at": NOW - 29 * DAY, "purchased_at": NOW - 50 * DAY}, False),
        ({**NEVER, "purchased_at": NOW - 31 * DAY}, True),
        ({**NEVER, "purchased_at": NOW - 29 * DAY}, False),
    ],
)
def test_thirty_days_count_from_delivery_else_promise_else_order(
    seller: Seller, known: dict[str, object], is_forgotten: bool
) -> None:
    order = make_order(**{"purchased_at": NOW - 40 * DAY, "buyer_key": "k" * 64, **known})
    assert retention.forget(NOW) == int(is_forgotten)
    order.refresh_from_db()
    assert (order.relay_address_sealed == "") is is_forgotten
    assert (order.forgotten_at == NOW) is is_forgotten
    assert order.buyer_key == "k" * 64


def test_order_without_an_address_is_left_alone(seller: Seller) -> None:
    make_order(purchased_at=NOW - 90 * DAY, delivered_at=NOW - 80 * DAY, relay_address_sealed="")
    assert retention.forget(NOW) == 0
    assert Order.objects.get().forgotten_at is None


def test_every_connected_seller_is_gone_through(rival: Seller, seller: Seller) -> None:
    for owner in (seller, rival):
        Connection.objects.create(
            seller=owner, region="EU", selling_partner_id=f"A{owner.pk}", authorised_at=NOW
        )
        with seller_context(owner):
            make_order(purchased_at=NOW - 900 * DAY, delivered_at=NOW - 899 * DAY)
    assert retention.forget_everywhere() == 2
