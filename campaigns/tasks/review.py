"""One more door to `services.verdicts.read_verdicts`: what reviewers decided becomes versions that may send."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from celery import shared_task
from django.utils import timezone

from accounts import due
from accounts.models import Seller
from campaigns.services import one_off, sweep, targeting_review, verdicts
from compliance import selectors as reviews

KIND = "cases.decided"
#: Reasons of held messages that a verdict may end.
WAITED_FOR_A_VERDICT = ("version_not_approved", "version_paused", "text_needs_review")
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
    """Versions, targeting and one-offs; then what waited for them is looked at again at once and not at its next look."""
    now = timezone.now()
    verdicts.read_verdicts(now)
    targeting_review.read_verdicts()
    one_off.read_verdicts(now)
    sweep.release_held(WAITED_FOR_A_VERDICT)
