"""One more door to `services.templates.read_verdicts`: what reviewers decided becomes versions that may send."""

from celery import shared_task
from django.utils import timezone

from accounts import due
from accounts.tenancy import seller_context
from campaigns.services import templates

KIND = "cases.decided"


@shared_task(name="campaigns.tasks.read_verdicts")
def read_verdicts(leases: list[tuple[int, str]]) -> None:
    for seller_id, token in leases:
        with seller_context(seller_id):
            templates.read_verdicts(timezone.now())
        due.finish(due.Lease(seller_id, KIND, token), None)
