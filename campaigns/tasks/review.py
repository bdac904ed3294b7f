"""One more door to `services.templates.read_verdicts`: what reviewers decided becomes versions that may send."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from celery import shared_task
from django.utils import timezone

from accounts import due
from accounts.models import Seller
from campaigns.services import targeting_review, templates
from compliance import selectors as reviews

KIND = "cases.decided"
_LEASE = timedelta(minutes=12)  # longer than Celery's hard time limit
_LOOK_BACK = timedelta(days=2)  # the index is mended far more often


def register_kinds() -> None:
    due.register(due.Kind(KIND, "campaigns.tasks.read_verdicts", _LEASE, chunk=50, mend=lost_verdicts))


@shared_task(name="campaigns.tasks.read_verdicts")
def read_verdicts(leases: Sequence[Sequence[object]]) -> None:
    due.work_through(KIND, leases, _read)


def lost_verdicts() -> list[tuple[int, datetime]]:
    """Sellers with a fresh verdict: reading it twice does nothing."""
    now = timezone.now()
    return [(seller_id, now) for seller_id in reviews.sellers_decided_since(now - _LOOK_BACK)]


def _read(seller: Seller) -> None:
    templates.read_verdicts(timezone.now())
    targeting_review.read_verdicts()
