"""A sandbox that plays Stripe for the whole folder, with the plans on sale; rolled-back rows, and a fresh stand-in each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from accounts.billing import plans
from accounts.models import BillingAccount, PlanPrice, Seller, SellerEntitlement, StripeCustomer
from accounts.roles import Role
from accounts.services.billing import applying, buying, catalogue, opening, standing
from tests.accounts.makers import make_member
from tests.support.sandbox import SandboxControl, running_sandbox
from tests.support.stripe import GOOD, KEY, SECRET, Stand


@pytest.fixture(scope="package")
def box() -> Iterator[SandboxControl]:
    with running_sandbox() as started:
        yield started


@pytest.fixture
def sold(settings: Any) -> None:
    """This installation sells; nothing is asked of Stripe."""
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = KEY, SECRET


@pytest.fixture
def stand(box: SandboxControl, settings: Any, sold: None, db: None) -> Iterator[Stand]:
    found = Stand(box)
    settings.STRIPE_BASE_URL = found.url
    found.reset(keep_prices=True)
    box.set_clock(_now())
    cache.delete("billing:stripe-away-since")
    _put_on_sale(found)
    yield found
    found.reset(keep_prices=True)
    cache.delete("billing:stripe-away-since")


def _put_on_sale(stand: Stand) -> None:
    """`sync_plans`, in a hundredth of its time where an earlier test has done it."""
    prices = [p for p in stand.objects("price") if p["active"] and p["lookup_key"]]
    if len(prices) != len(plans.sold()):
        stand.reset()
        list(catalogue.sync())
        return
    PlanPrice.objects.bulk_create(
        PlanPrice(
            lookup_key=p["lookup_key"],
            stripe_price_id=p["id"],
            stripe_product_id=p["product"],
            synced_at=timezone.now(),
        )
        for p in prices
    )


def _now() -> str:
    return timezone.now().isoformat(timespec="seconds").replace("+00:00", "Z")


@pytest.fixture
def shop(db: None) -> Seller:
    """acme, in public, with an account whose trial is over."""
    found = Seller.objects.get(slug="acme")
    account = opening.open_seller(found)
    end_trial(account)
    return found


@pytest.fixture
def owner(shop: Seller) -> Any:
    return make_member(Role.SELLER_OWNER, shop)


@pytest.fixture
def account(shop: Seller) -> BillingAccount:
    return BillingAccount.objects.get(seller=shop)


def end_trial(account: BillingAccount) -> None:
    BillingAccount.objects.filter(pk=account.pk).update(trial_ends_at=None)
    account.refresh_from_db()
    standing.refresh_covered_by(account)


def row_of(seller: Seller) -> SellerEntitlement:
    return SellerEntitlement.objects.get(seller=seller)


def buy(stand: Stand, account: BillingAccount, actor: Any, code: str = "solo-500", number: str = GOOD) -> Any:
    """Through the checkout page, then looked up; the subscription."""
    step = buying.step_to_buy(account, code)
    url = buying.checkout(account, step, plans.Interval.MONTH, actor, "http://127.0.0.1:9/")
    answer = stand.pay_checkout(url, number)
    assert answer.status_code == 303, answer.text
    applying.refresh(account)
    return account.subscriptions.get()


def customer_id(account: BillingAccount) -> str:
    return str(StripeCustomer.objects.get(account=account).stripe_id)
