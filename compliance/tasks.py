"""The ticks: the desk's audits, reminders and figures, and whether the rule pack has changed."""

from celery import shared_task
from django.utils import timezone

from compliance.services import audits, figures, reminders, rescanning


@shared_task(name="compliance.tasks.watch_desk")
def watch_desk() -> None:
    now = timezone.now()
    audits.draw(now)
    reminders.remind(now)
    figures.roll_up(now)


@shared_task(name="compliance.tasks.notice_rule_pack")
def notice_rule_pack() -> None:
    """Call up live texts when the rules have changed. Cheap when they have not."""
    rescanning.notice(timezone.now())
