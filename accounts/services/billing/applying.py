"""Making our mirror what Stripe's objects are. What was fetched is the truth; order and number of the events do not matter."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.billing.entitlements import Status
from accounts.billing.shapes import InvoiceShape, Snapshot, SubscriptionShape
from accounts.database import connection
from accounts.locks import Lock
from accounts.models import BillingAccount, BillingInvoice, StripeCustomer, StripeEvent, Subscription
from accounts.services import audit
from accounts.services.billing import counting, standing, stripe_api
from accounts.services.billing.stripe_api import Away, Refused

_log = logging.getLogger(__name__)
#: Between two tries of an event that could not be applied: doubled from the first to the last.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=20), timedelta(hours=1)
#: No customer of ours after so many tries: another product's.
GIVEN_UP_AFTER = 10
#: Events of one customer, after which the next task or tick goes on.
MOST_AT_ONCE = 5_000

Fetch = Callable[[str], Snapshot]


def apply_events(customer_id: str, fetch: Fetch | None = None) -> int:
    """Fetch what this customer's waiting events ring about and apply it; how many events that settled. May run twice, and
    beside itself: one fetches, the others find nothing left."""
    found = BillingAccount.objects.select_related("seller", "agency")
    account = found.filter(customer__stripe_id=customer_id).first()
    if account is None:
        _put_off(_waiting(customer_id), "no customer of ours", gives_up=True)
        return 0
    settled = 0
    with one_at_a_time(account):
        # What rings while one is fetched sends no hint of its own (inbox.receive), so look until nothing waits.
        while (waiting := _waiting(customer_id)) and settled < MOST_AT_ONCE:
            try:
                apply_snapshot(account, _fetched(customer_id, fetch))
            except (Away, Refused) as problem:
                _put_off(waiting, str(problem))
                break
            _settle(waiting)
            settled += len(waiting)
    return settled


def refresh(account: BillingAccount, fetch: Fetch | None = None) -> None:
    """Without an event: a person came back from a page of Stripe's, a period ended. Raises Away, Refused."""
    customer = StripeCustomer.objects.filter(account=account).first()
    if customer:
        with one_at_a_time(account):
            apply_snapshot(account, _fetched(customer.stripe_id, fetch))


def look(account: BillingAccount) -> None:
    """After something was done at Stripe. It is done: one that does not answer just now rings later, so nothing is raised."""
    try:
        refresh(account)
    except (Away, Refused) as problem:
        _log.warning("What was just done could not be looked at yet: %s", problem)


def _fetched(customer_id: str, fetch: Fetch | None) -> tuple[Snapshot, datetime]:
    """What there is, and the moment before it was asked for: what came later is not in it."""
    asked_at = timezone.now()
    return (fetch or stripe_api.fetch)(customer_id), asked_at


@contextmanager
def one_at_a_time(account: BillingAccount) -> Iterator[None]:
    """A lock of the database session: an older answer never overwrites a newer one, and no transaction is open meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [Lock.BILLING, account.pk])
    try:
        yield
    finally:
        if not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [Lock.BILLING, account.pk])


def _waiting(customer_id: str) -> list[StripeEvent]:
    return list(StripeEvent.objects.filter(customer_id=customer_id, next_try_at__isnull=False))


def _settle(events: list[StripeEvent]) -> None:
    StripeEvent.objects.filter(pk__in=[e.pk for e in events]).update(
        applied_at=timezone.now(), next_try_at=None, problem=""
    )


def _put_off(events: list[StripeEvent], problem: str, *, gives_up: bool = False) -> None:
    now = timezone.now()
    for event in events:
        event.attempts += 1
        event.problem = problem[:200]
        pause = min(FIRST_PAUSE * 2 ** (event.attempts - 1), LONGEST_PAUSE)
        event.next_try_at = None if gives_up and event.attempts >= GIVEN_UP_AFTER else now + pause
    StripeEvent.objects.bulk_update(events, ["attempts", "problem", "next_try_at"])


def apply_snapshot(account: BillingAccount, fetched: tuple[Snapshot, datetime]) -> None:
    """Overwrite the mirror and let follow what follows. Call it inside `one_at_a_time`."""
    snapshot, at = fetched
    with transaction.atomic():
        if snapshot.customer is None:
            _forget_customer(account, at)
        else:
            StripeCustomer.objects.filter(account=account).update(
                name=snapshot.customer.name[:200], card=snapshot.customer.card, fetched_at=at,
                balance_minor=snapshot.customer.balance_minor, tax_ids=snapshot.customer.tax_ids,
            )  # fmt: skip
        for shape in snapshot.subscriptions:
            _write_subscription(account, shape, snapshot.troubled_since(shape.stripe_id), at)
        for invoice in snapshot.invoices:
            _write_invoice(account, invoice)
        standing.refresh_covered_by(account)
        counting.weigh(account)


def _forget_customer(account: BillingAccount, at: datetime) -> None:
    """Deleted at Stripe, and with it every subscription: the next purchase makes a new one."""
    account.subscriptions.exclude(status__in=[Status.CANCELED, Status.INCOMPLETE_EXPIRED]).update(
        status=Status.CANCELED, ended_at=at, fetched_at=at
    )
    StripeCustomer.objects.filter(account=account).delete()


def _write_subscription(
    account: BillingAccount, shape: SubscriptionShape, troubled_since: datetime | None, at: datetime
) -> None:
    if shape.status is Status.UNKNOWN:
        _log.error("Stripe reports a status of %s that we do not know", shape.stripe_id)
    known = Subscription.objects.filter(stripe_id=shape.stripe_id).first()
    values = {name: getattr(shape, name) for name in _COPIED}
    values |= {
        "account": account,
        "troubled_since": _trouble(shape, known, troubled_since, at),
        "fetched_at": at,
    }
    if known:
        Subscription.objects.filter(pk=known.pk).update(**values)
    else:
        Subscription.objects.create(stripe_id=shape.stripe_id, **values)
    before, after = _in_words(known) if known else "", _in_words(shape)
    if before != after:
        audit.record(
            "billing.at_stripe",
            seller=account.seller,
            agency=account.agency,
            target=shape.step,
            before=before,
            after=after,
        )


def _in_words(found: Subscription | SubscriptionShape) -> str:
    """What an operator wants to see change, for the audit log."""
    size = f"{found.quantity} × {found.interval}ly" + (
        f", {found.extra_seats} seats" if found.extra_seats else ""
    )
    ends = f", ends {found.cancel_at:%-d %b %Y}" if found.cancel_at else ""
    return (
        f"{found.step or 'a price of nobody'}, {size}, {Status(found.status).value.replace('_', ' ')}{ends}"
    )


_COPIED = (
    "status", "step", "interval", "quantity", "extra_seats", "item_id", "seat_item_id", "period_ends_at",
    "trial_ends_at", "cancel_at", "ended_at", "created_at", "discount",
)  # fmt: skip


def _trouble(
    shape: SubscriptionShape, known: Subscription | None, since: datetime | None, at: datetime
) -> datetime | None:
    """Since its oldest open invoice; where none shows, since we first saw it so."""
    if shape.status not in {Status.PAST_DUE, Status.UNPAID, Status.UNKNOWN}:
        return None
    return since or (known.troubled_since if known and known.status == shape.status else None) or at


def _write_invoice(account: BillingAccount, shape: InvoiceShape) -> None:
    values = {
        "account": account, "number": shape.number, "status": shape.status, "total_minor": shape.total_minor,
        "due_minor": shape.due_minor, "currency": shape.currency, "hosted_url": shape.hosted_url,
        "pdf_url": shape.pdf_url, "created_at": shape.created_at,
    }  # fmt: skip
    if not BillingInvoice.objects.filter(stripe_id=shape.stripe_id).update(**values):
        BillingInvoice.objects.create(stripe_id=shape.stripe_id, **values)


def apply_due(limit: int = 200) -> int:
    """Customers whose events wait, as after a lost hint; a tick calls this. The number of customers."""
    now = timezone.now()
    waiting = StripeEvent.objects.filter(next_try_at__lte=now).order_by("next_try_at")
    customers = dict.fromkeys(waiting.values_list("customer_id", flat=True)[:limit])
    for customer_id in customers:
        _apply_quietly(customer_id)
    return len(customers)


def _apply_quietly(customer_id: str) -> None:
    try:
        apply_events(customer_id)
    except Exception:  # noqa: BLE001  # the next customer is not to blame
        _log.exception("Events of a customer could not be applied")
        _put_off(_waiting(customer_id), "our mistake")


def confirm_due(limit: int = 50) -> int:
    """Subscriptions whose period ended and of which nothing was heard since: ask. A tick calls this."""
    now = timezone.now()
    alive = Subscription.objects.filter(status__in=[Status.TRIALING, Status.ACTIVE], period_ends_at__lte=now)
    silent = [s for s in alive.select_related("account")[:limit] if _is_silent(s, now)]
    for subscription in silent:
        try:
            refresh(subscription.account)
        except (Away, Refused):
            continue
    return len(silent)


def _is_silent(subscription: Subscription, now: datetime) -> bool:
    """An answer from after the end is enough; a fresh one that still says the old period (Stripe takes an hour) waits."""
    ended_at = subscription.period_ends_at or now
    return subscription.fetched_at < ended_at or now - subscription.fetched_at > timedelta(hours=1)
