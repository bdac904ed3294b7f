"""What those who pay are told, each thing once."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from accounts.billing.entitlements import GRACE, WORDS, Status, Why
from accounts.billing.plans import Step
from accounts.models import BillingAccount, BillingNotice, Seller, Subscription, User
from accounts.roles import Role
from accounts.services import mail, people

#: Days before the end of a trial at which it is told.
TRIAL_DAYS = (7, 3, 1)


def payers_of(account: BillingAccount) -> list[str]:
    """The addresses of those who answer for an account."""
    if account.seller:
        return people.owners(account.seller)
    owners = User.objects.filter(
        is_active=True, memberships__agency=account.agency, memberships__role=Role.AGENCY_OWNER
    )
    return sorted(set(owners.values_list("email", flat=True)))


def page_of(account: BillingAccount) -> str:
    """The address of an account's billing page."""
    kind = "seller" if account.seller_id else "agency"
    name = "billing" if account.seller_id else "agency_billing"
    return settings.SITE_URL.rstrip("/") + reverse(name, kwargs={kind: account.place.slug})


def first_time(account: BillingAccount, kind: str, about: str) -> bool:
    """Whether this was never told before; from now on it was. Part of the caller's transaction."""
    return BillingNotice.objects.get_or_create(account=account, kind=kind, about=about)[1]


def _mail(name: str, account: BillingAccount, **context: Any) -> None:
    mail.send(
        name, payers_of(account), account=account, place=account.place, page=page_of(account), **context
    )


def held(account: BillingAccount, sellers: Sequence[Seller], why: Why) -> None:
    if settings.STRIPE_SECRET_KEY:
        _mail("billing_held", account, sellers=sellers, words=WORDS[why])


def resumed(account: BillingAccount, sellers: Sequence[Seller]) -> None:
    if settings.STRIPE_SECRET_KEY:
        _mail("billing_resumed", account, sellers=sellers)


def payer_changed(own: BillingAccount, payer: BillingAccount) -> None:
    """To those who answer for the seller of `own`."""
    if settings.STRIPE_SECRET_KEY:
        _mail("billing_payer", own, payer=payer, is_own=own.pk == payer.pk)


def usage(
    account: BillingAccount,
    month: str,
    percent: int,
    counted: int,
    step: Step,
    limit: int,
    larger: Step | None,
) -> None:
    """At 80 and at 100 percent of the step; once each a month and step."""
    with transaction.atomic():
        if first_time(account, f"usage_{percent}", f"{month} {step.code} {limit}"):
            _mail(
                f"billing_usage_{percent}",
                account,
                month=month,
                counted=counted,
                step=step,
                limit=limit,
                larger=larger,
            )


def tell_due() -> int:
    """Trials that end soon, payments that failed. May run as often as one likes; the number told."""
    if not settings.STRIPE_SECRET_KEY:
        return 0
    now = timezone.now()
    return sum(_trial_ends(account, now) for account in _ending_trials(now)) + sum(
        _payment_failed(subscription, now) for subscription in _in_grace(now)
    )


def _ending_trials(now: datetime) -> Iterable[BillingAccount]:
    soon = BillingAccount.objects.filter(
        trial_ends_at__gt=now, trial_ends_at__lte=now + timedelta(days=max(TRIAL_DAYS)), covered__isnull=False
    )
    bought = Subscription.objects.filter(status__in=[Status.TRIALING, Status.ACTIVE])
    soon = soon.exclude(comped_until__gte=F("trial_ends_at"))
    return soon.exclude(subscriptions__in=bought).select_related("seller", "agency").distinct()


def _trial_ends(account: BillingAccount, now: datetime) -> bool:
    ends_at = account.trial_ends_at or now
    days = min(step for step in TRIAL_DAYS if ends_at - now <= timedelta(days=step))
    with transaction.atomic():
        if not first_time(account, f"trial_{days}", f"{ends_at:%Y-%m-%d}"):
            return False
        _mail("billing_trial_ends", account, ends_at=ends_at)
    return True


def _in_grace(now: datetime) -> Iterable[Subscription]:
    failed = Subscription.objects.filter(
        status=Status.PAST_DUE, troubled_since__gt=now - GRACE, troubled_since__lte=now
    )
    for given in ("account__comped_until__gt", "account__trial_ends_at__gt"):  # then nothing waits after it
        failed = failed.exclude(**{given: now})
    return failed.select_related("account__seller", "account__agency")


def _payment_failed(subscription: Subscription, now: datetime) -> bool:
    """Once a day while the grace runs."""
    since = subscription.troubled_since or now
    with transaction.atomic():
        about = f"{subscription.stripe_id} {now:%Y-%m-%d}"
        if not first_time(subscription.account, "payment_failed", about):
            return False
        _mail("billing_payment_failed", subscription.account, since=since, ends_at=since + GRACE)
    return True
