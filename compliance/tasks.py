"""The desk's tick: draw what is audited, speak of what is nearly due and what is late."""

from celery import shared_task
from django.utils import timezone

from compliance.services import audits, reminders


@shared_task(name="compliance.tasks.watch_desk")
def watch_desk() -> None:
    now = timezone.now()
    audits.draw(now)
    reminders.remind(now)
