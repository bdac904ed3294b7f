"""What was never delivered: once a night Stripe's list of events is read, and every customer is compared."""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Max
from django.utils import timezone

from accounts.models import BillingAccount, StripeEvent
from accounts.services.billing import applying, following, inbox
from accounts.services.billing.stripe_api import Away, Refused, is_set_up, speaking

_log = logging.getLogger(__name__)
#: Stripe keeps its list for 30 days.
LONGEST = timedelta(days=29)
OVERLAP = timedelta(days=1)


_DONE, _NIGHT = "billing:swept", timedelta(hours=23)


def sweep_nightly() -> int:
    """Once a night, and every hour until Stripe answers; a tick calls this. A cache that is lost costs one sweep more."""
    if not cache.add(_DONE, 1, timeout=_NIGHT.total_seconds()):
        return 0
    try:
        return sweep()
    except Exception as problem:
        cache.delete(_DONE)
        if not isinstance(problem, Away):
            raise
        _log.warning("Stripe could not be swept; it is tried again in an hour")
        return 0


def sweep() -> int:
    """Store and apply the events that no webhook brought; how many those were. May run twice."""
    if not is_set_up():
        return 0
    missed = 0
    for page in _pages(_since()):
        events = [inbox.shaped(one.to_dict()) for one in page if one.type in inbox.KINDS]
        missed += inbox.store([e for e in events if e.customer_id], StripeEvent.CameBy.SWEEP)
    if missed:
        _log.warning("%s Stripe events had not been delivered", missed)
        StripeEvent.objects.filter(
            came_by=StripeEvent.CameBy.SWEEP, attempts=0, next_try_at__isnull=False
        ).update(next_try_at=timezone.now())
        applying.apply_due(limit=10_000)
    compare()
    return missed


def _since() -> datetime:
    """A day before the newest that is known; events may be days late."""
    newest = StripeEvent.objects.aggregate(at=Max("created_at"))["at"]
    earliest = timezone.now() - LONGEST
    return max(earliest, newest - OVERLAP) if newest else earliest


def _pages(since: datetime) -> Any:
    after: dict[str, str] = {}
    while True:
        with speaking() as api:
            page = api.events.list({"created": {"gte": int(since.timestamp())}, "limit": 100, **after})
        yield page.data
        if not page.has_more or not page.data:
            return
        after = {"starting_after": page.data[-1].id}


def compare() -> int:
    """Every account with a customer, against Stripe's own word; how many were looked at. One that fails stops no other."""
    done = 0
    for account in (
        BillingAccount.objects.filter(customer__isnull=False)
        .select_related("seller", "agency")
        .order_by("pk")
        .iterator()
    ):
        try:
            applying.refresh(account)
            following.follow(account)
            done += 1
        except Away:
            break
        except Refused as problem:
            _log.warning("An account could not be compared with Stripe: %s", problem)
    return done
