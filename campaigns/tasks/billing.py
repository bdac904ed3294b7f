"""The edge to Celery for what billing wants: held messages that may go on, and orders that count."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from celery import shared_task
from django.utils import timezone

from accounts import due
from accounts.models import SellerDue
from campaigns.services import release, usage

_LEASE = timedelta(minutes=12)  # longer than Celery's hard time limit


def register_kinds() -> None:
    due.register(due.Kind(release.KIND, "campaigns.tasks.release_held", _LEASE, chunk=50))
    due.register(due.Kind(usage.KIND, "campaigns.tasks.count_usage", _LEASE, chunk=50, mend=senders))


@shared_task(name="campaigns.tasks.release_held")
def release_held(leases: Sequence[Sequence[object]]) -> None:
    due.work_through(release.KIND, leases, release.release)


@shared_task(name="campaigns.tasks.count_usage")
def count_usage(leases: Sequence[Sequence[object]]) -> None:
    due.work_through(usage.KIND, leases, usage.count)


def senders() -> Iterator[tuple[int, datetime]]:
    """Sellers with sending work now or lately: their counts may have moved."""
    soon = timezone.now() + usage.SOON
    rows = SellerDue.objects.filter(kind="messages.due", ready_at__lte=soon + timedelta(days=1))
    for seller_id in rows.values_list("seller_id", flat=True):
        yield seller_id, soon
