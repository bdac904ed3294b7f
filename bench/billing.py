"""Every order of the seven events of a subscription's life, each delivered one to three times. Rows are committed, as in life.

The door itself, alone and in a burst: bench/webhook.py."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.cache import cache
from django.test import override_settings

from accounts.models import BillingAccount, Seller, SellerEntitlement, StripeCustomer, StripeEvent
from accounts.services import provisioning, schemas
from accounts.services.billing import applying, inbox
from bench.figures import Figure, at_least
from tests.accounts.billing import lives

SECRET = "whsec_bench"  # noqa: S105
SELLS = {"STRIPE_SECRET_KEY": "sk_test_bench", "STRIPE_WEBHOOK_SECRET": SECRET}


def run(small: bool = False) -> list[Figure]:
    with override_settings(**SELLS), customers(1) as accounts:
        right, tried, seconds = _orders(accounts[0], every=84 if small else 1)
    told = f"{tried} orders of seven events, each one to three times; {seconds:.0f} s"
    return [at_least("billing: entitlement right, of all orders tried", 100 * right / tried, "%", 100, told)]


@contextmanager
def customers(n: int) -> Iterator[list[BillingAccount]]:
    sellers = [provisioning.create_seller(f"Bench {k}", f"bench-billing-{k}") for k in range(n)]
    accounts = list(BillingAccount.objects.filter(seller__in=sellers).order_by("pk"))
    BillingAccount.objects.filter(pk__in=[a.pk for a in accounts]).update(trial_ends_at=None)
    for account in accounts:
        account.trial_ends_at = None
        StripeCustomer.objects.create(account=account, stripe_id=f"cus_bench{account.pk}")
    try:
        yield accounts
    finally:
        StripeEvent.objects.filter(customer_id__startswith="cus_bench").delete()
        for seller in Seller.objects.filter(slug__startswith="bench-billing-"):
            schemas.drop(seller.schema_name)
            seller.delete(force_drop=False)
        cache.clear()


def _orders(account: BillingAccount, every: int) -> tuple[int, int, float]:
    """Orders in which the entitlement was right after every single delivery; orders tried; seconds."""
    customer, started, right, tried = account.customer.stripe_id, time.monotonic(), 0, 0
    for number, order in enumerate(lives.orders()):
        if number % every:
            continue
        tried += 1
        right += _is_right(account, customer, order, number)
        StripeEvent.objects.filter(customer_id=customer).delete()
    return right, tried, time.monotonic() - started


def _is_right(account: BillingAccount, customer: str, order: tuple[int, ...], number: int) -> bool:
    furthest = 0
    for stage in lives.deliveries(order, number):
        furthest = max(furthest, stage)
        body = lives.body_of(customer, f"{customer}{number}", stage)
        event = inbox._genuine(body, lives.signed(body, SECRET))
        inbox.store([event], StripeEvent.CameBy.WEBHOOK)
        applying.apply_events(customer, lambda c, s=furthest: lives.snapshot(c, s))
        if SellerEntitlement.objects.get(payer=account).standing != lives.LIFE[furthest][2]:
            return False
    return not StripeEvent.objects.filter(customer_id=customer, applied_at=None).exists()
