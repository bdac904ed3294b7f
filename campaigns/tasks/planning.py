"""The edge to Celery for planning. Each task may run twice, late, or never: orders wait behind the
cursor, edits behind their revision.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from celery import shared_task
from django.utils import timezone

from accounts import due
from accounts.models import Seller
from accounts.tenancy import SellerGone, seller_context
from campaigns.domain.conditions.standing import PLANNING
from campaigns.models import Campaign
from campaigns.services import lifecycle, plan, plan_cursor

Leases = Sequence[Sequence[object]]
CHANGED = "orders.changed"
#: Longer than Celery's hard time limit, so that a lease outlives the worker that holds it.
_LEASE = timedelta(minutes=12)
#: A writer that is still open holds the reading line back; its rows are looked for again so soon.
_LOOK_AGAIN = timedelta(seconds=5)


def register_kinds() -> None:
    due.register(due.Kind(CHANGED, "campaigns.tasks.plan", _LEASE, chunk=50, mend=lost_changes))
    due.register(due.Kind(lifecycle.EDITED, "campaigns.tasks.replan", _LEASE, chunk=10, mend=lost_edits))


@shared_task(name="campaigns.tasks.plan")
def plan_changed(leases: Leases) -> None:
    due.work_through(CHANGED, leases, _plan)


@shared_task(name="campaigns.tasks.replan")
def replan_edited(leases: Leases) -> None:
    due.work_through(lifecycle.EDITED, leases, _replan)


def _plan(seller: Seller) -> datetime | None:
    now = timezone.now()
    plan.plan_changes(now)
    return now + _LOOK_AGAIN if plan_cursor.has_unread() else None


def _replan(seller: Seller) -> datetime | None:
    lifecycle.replan_edited(timezone.now())
    return None


def lost_changes() -> Iterator[tuple[int, datetime]]:
    """Sellers with orders that nobody has planned."""
    return _sellers_where(plan_cursor.has_unread)


def lost_edits() -> Iterator[tuple[int, datetime]]:
    return _sellers_where(_has_unplanned_edit)


def _has_unplanned_edit() -> bool:
    campaigns = Campaign.objects.filter(state__in=PLANNING).values_list("planned_revision", "revision")
    return any(planned < revision for planned, revision in campaigns)


def _sellers_where(is_so: Callable[[], bool]) -> Iterator[tuple[int, datetime]]:
    for seller in Seller.objects.filter(state=Seller.State.READY).order_by("pk").iterator():
        try:
            with seller_context(seller):
                found = is_so()
        except SellerGone:
            continue
        if found:
            yield seller.pk, timezone.now()
