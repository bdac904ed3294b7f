"""One more door to `services.templates.read_verdicts`: what reviewers decided becomes versions that may send."""

from celery import shared_task
from django.utils import timezone

from accounts import due
from accounts.models import Seller
from campaigns.services import templates

KIND = "cases.decided"


@shared_task(name="campaigns.tasks.read_verdicts")
def read_verdicts(leases: list[tuple[int, str]]) -> None:
    due.work_through(KIND, leases, _read)


def _read(seller: Seller) -> None:
    templates.read_verdicts(timezone.now())
