"""The kinds of due work that orders does, and how a lost entry of the index is found again."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.utils import timezone

from accounts import due
from accounts.models import Connection, Seller, SellerDue

#: Longer than Celery's time limit, so that a lease outlives the worker that holds it.
_LEASE = timedelta(minutes=12)


def register() -> None:
    due.register(due.Kind("orders.sync", "orders.tasks.sync", _LEASE, chunk=5, mend=_lost("orders.sync")))
    due.register(
        due.Kind("orders.reports", "orders.tasks.read_reports", _LEASE, chunk=5, mend=_lost("orders.reports"))
    )
    due.register(due.Kind("orders.import", "orders.tasks.import_file", _LEASE, chunk=1))


def _lost(kind: str) -> Callable[[], due.Pairs]:
    return lambda: missing(kind)


def missing(kind: str) -> list[tuple[int, datetime]]:
    """Sellers with a usable connection whom the index does not know: due now. Reads public tables only, no schema."""
    usable = (Connection.Health.HEALTHY, Connection.Health.THROTTLED)
    known = SellerDue.objects.filter(kind=kind, ready_at__isnull=False).values("seller_id")
    links = Connection.objects.filter(health__in=usable, seller__state=Seller.State.READY)
    lost = links.exclude(seller_id__in=known).values_list("seller_id", flat=True).distinct()
    now = timezone.now()
    return [(seller_id, now) for seller_id in lost]
