"""Whatever order Stripe's events come in and however often each: the entitlement is what Stripe says now.

All 5,040 orders are in `./run bench billing`; here every 84th, and one burst.
"""

import itertools
from typing import Any

import pytest
from celery import current_app

from accounts.models import BillingAccount, SellerEntitlement, StripeCustomer, StripeEvent
from accounts.services.billing import applying, inbox
from tests.accounts.billing import lives
from tests.support.stripe import SECRET

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_hints(sold: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current_app, "send_task", lambda *args, **options: None)


@pytest.fixture
def customer(account: BillingAccount) -> str:
    return StripeCustomer.objects.create(account=account, stripe_id="cus_life").stripe_id


def ring(customer: str, life: str, stage: int) -> None:
    body = lives.body_of(customer, life, stage)
    inbox.receive(body, lives.signed(body, SECRET))


def test_every_84th_order_of_a_seven_event_life_each_event_up_to_three_times(customer, account):
    tried = 0
    for number, order in enumerate(itertools.islice(lives.orders(), 0, None, 84)):
        furthest = 0
        for stage in lives.deliveries(order, number):
            furthest = max(furthest, stage)
            ring(customer, str(number), stage)
            applying.apply_events(customer, lambda c, s=furthest: lives.snapshot(c, s))
            # Where an event was known already nothing is fetched, and nothing is any different.
            assert SellerEntitlement.objects.get(payer=account).standing == lives.LIFE[furthest][2], (
                order,
                stage,
            )
        assert SellerEntitlement.objects.get(payer=account).standing == lives.LIFE[-1][2]
        tried += 1
    assert tried == 60
    assert StripeEvent.objects.count() == 60 * 7
    assert not StripeEvent.objects.filter(applied_at=None).exists()


def test_events_that_all_came_before_anything_was_fetched_cost_one_fetch(customer, account):
    for stage in (6, 0, 3, 5, 1, 4, 2, 3, 6):
        ring(customer, "late", stage)
    fetched: list[Any] = []

    def fetch(customer: str) -> Any:
        fetched.append(customer)
        return lives.snapshot(customer, 6)

    assert applying.apply_events(customer, fetch) == 7
    assert applying.apply_events(customer, fetch) == 0
    assert fetched == [customer]
    assert SellerEntitlement.objects.get(payer=account).standing == "free"


def test_what_rings_while_it_is_fetched_is_applied_by_the_same_task(customer, account):
    ring(customer, "one", 1)
    fetched: list[int] = []

    def fetch(customer: str) -> Any:
        """The bell rings again while Stripe answers, twice."""
        fetched.append(len(fetched) + 1)
        if len(fetched) < 3:
            ring(customer, "two", 1 + len(fetched))
        return lives.snapshot(customer, len(fetched))

    assert applying.apply_events(customer, fetch) == 3
    assert (fetched, StripeEvent.objects.filter(applied_at=None).count()) == ([1, 2, 3], 0)
    assert SellerEntitlement.objects.get(payer=account).standing == lives.LIFE[3][2]


def test_a_burst_of_a_thousand_loses_none_and_applies_none_twice(customer, account):
    bodies = [lives.body_of(customer, str(number), 2) for number in range(1_000)]
    for body in bodies + bodies[:200]:
        inbox.receive(body, lives.signed(body, SECRET))
    assert StripeEvent.objects.count() == 1_000
    assert applying.apply_events(customer, lambda c: lives.snapshot(c, 2)) == 1_000
    assert applying.apply_events(customer, lambda c: pytest.fail("fetched again")) == 0
    assert not StripeEvent.objects.filter(applied_at=None).exists()
