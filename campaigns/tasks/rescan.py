"""The edge to Celery for re-scans: a few sellers, a few versions at a time, with room for what is due in between."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from celery import shared_task
from django.utils import timezone

from accounts import due
from accounts.models import Seller
from accounts.tenancy import SellerGone, seller_context
from campaigns.services import rescan
from compliance.services import rescanning

_LEASE = timedelta(minutes=12)  # longer than Celery's hard time limit
#: Between two batches of one seller.
PAUSE = timedelta(seconds=2)
#: While new code is rolled out an old process may be handed the work: it leaves it to the others.
LEAVE_TO_OTHERS = timedelta(seconds=30)


def register_kinds() -> None:
    due.register(due.Kind(rescanning.KIND, "campaigns.tasks.rescan", _LEASE, chunk=5, mend=lost_scans))


@shared_task(name="campaigns.tasks.rescan")
def rescan_texts(leases: Sequence[Sequence[object]]) -> None:
    due.work_through(rescanning.KIND, leases, _rescan)


def _rescan(seller: Seller) -> datetime | None:
    now = timezone.now()
    if not rescanning.is_announced():
        return now + LEAVE_TO_OTHERS
    rescan.rescan(seller, now)
    return now + PAUSE if rescan.is_left() else None


def lost_scans() -> Iterator[tuple[int, datetime]]:
    """Sellers with something live the announced pack has not seen: approved while the pack changed, or its entry was lost."""
    if not rescanning.is_announced():
        return
    for seller in Seller.objects.filter(state=Seller.State.READY).order_by("pk").iterator():
        try:
            with seller_context(seller):
                is_left = rescan.is_left()
        except SellerGone:
            continue
        if is_left:
            yield seller.pk, timezone.now()
