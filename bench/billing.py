"""Stripe's events: every order of a seven-event life, how fast the door answers, and a burst. Rows are committed, as in life."""

import statistics
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.test import Client, override_settings

from accounts.models import BillingAccount, Seller, SellerEntitlement, StripeCustomer, StripeEvent
from accounts.services import provisioning, schemas
from accounts.services.billing import applying, inbox
from bench.figures import Figure, at_least, at_most
from tests.accounts.billing import lives

SECRET = "whsec_bench"  # noqa: S105
URL = "/stripe/webhook"
_SELLS = {"STRIPE_SECRET_KEY": "sk_test_bench", "STRIPE_WEBHOOK_SECRET": SECRET}


def run(small: bool = False) -> list[Figure]:
    with override_settings(**_SELLS), _customers(20) as accounts:
        right, tried, seconds = _orders(accounts[0], every=84 if small else 1)
        one = _answers(accounts, 100 if small else 500)
        burst, stored, applied_twice = _burst(accounts, 200 if small else 1_000)
    told = f"{tried} orders of seven events, each one to three times; {seconds:.0f} s"
    return [
        at_least("billing: entitlement right, of all orders tried", 100 * right / tried, "%", 100, told),
        at_most("billing: webhook's answer, 99th percentile", one, "ms", 50, "whole request, new event, hint to the broker"),
        at_most("billing: webhook's answer in a burst, 99th percentile", burst, "ms", 50, "8 at once; server time"),
        at_least("billing: events of the burst stored", stored, "%", 100),
        at_most("billing: events of the burst applied twice", applied_twice, "events", 0),
    ]  # fmt: skip


@contextmanager
def _customers(n: int) -> Iterator[list[BillingAccount]]:
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


def _answers(accounts: list[BillingAccount], n: int) -> float:
    client = Client()
    for k in range(20):  # imports, the first connection
        _posted(client, accounts[0], f"warm{k}")
    taken = [_posted(client, accounts[k % len(accounts)], f"one{k}") for k in range(n)]
    return _percentile(taken)


def _posted(client: Client, account: BillingAccount, life: str) -> float:
    """Milliseconds."""
    body = lives.body_of(account.customer.stripe_id, life, 2)
    headers = {"stripe-signature": lives.signed(body, SECRET)}
    started = time.perf_counter()
    answer = client.post(URL, body, content_type="application/json", headers=headers)
    if answer.status_code != 200:
        raise AssertionError(f"answered {answer.status_code} {answer.content!r}")
    return (time.perf_counter() - started) * 1e3


def _percentile(taken: list[float]) -> float:
    return statistics.quantiles(taken, n=100)[98]


def _burst(accounts: list[BillingAccount], n: int) -> tuple[float, float, int]:
    """Posted by eight at once, a tenth of them twice, while workers apply."""
    jobs = [(accounts[k % len(accounts)], f"burst{k}") for k in range(n)]
    local, applied = threading.local(), []

    def post(job: tuple[BillingAccount, str]) -> float:
        if not hasattr(local, "client"):
            local.client = Client()
        return _posted(local.client, *job)

    with ThreadPoolExecutor(8, initializer=_own_connection) as pool:
        list(
            pool.map(post, [(accounts[0], f"first{k}") for k in range(64)])
        )  # each thread's first connection
        taken = list(pool.map(post, jobs + jobs[: n // 10]))
        for account in accounts:
            customer = account.customer.stripe_id
            applied += [future.result() for future in [pool.submit(_apply, customer) for _ in range(3)]]
        list(pool.map(lambda _: connection.close(), range(32)))
    stored = StripeEvent.objects.filter(event_id__startswith="evt_burst").count()
    ours = StripeEvent.objects.filter(customer_id__in=[a.customer.stripe_id for a in accounts])
    twice = max(0, sum(applied) - ours.count())
    if ours.filter(applied_at=None).exists():
        raise AssertionError("an event was left unapplied")
    return _percentile(taken), 100 * stored / n, twice


def _own_connection() -> None:
    connection.set_schema_to_public()  # type: ignore[attr-defined]


def _apply(customer: str) -> Any:
    return applying.apply_events(customer, lambda c: lives.snapshot(c, 2))
