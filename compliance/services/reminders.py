"""Cases that are nearly due, told to reviewers, and what is overdue, told to leads: once a case each, many in one mail."""

from collections import Counter
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Membership
from accounts.roles import AS_OPERATOR, Permission
from accounts.services import mail
from compliance.desk.queues import QUEUES, Queue
from compliance.models import Case

#: How long before its due time a case is spoken of.
SOON = timedelta(hours=1)


@transaction.atomic
def remind(now: datetime) -> int:
    """Answers how many cases were spoken of. May run twice: what was said is in the rows."""
    soon = _waiting().filter(
        due_at__gt=now, due_at__lte=now + SOON, reminded_at__isnull=True, lease__isnull=True
    )
    late = _waiting().filter(due_at__lte=now, leads_told_at__isnull=True)
    told = _tell("desk_due_soon", soon, Permission.REVIEW, "reminded_at", now)
    return told + _tell("desk_overdue", late, Permission.REVIEW_LEAD, "leads_told_at", now)


def _waiting() -> QuerySet[Case]:
    return Case.objects.filter(status=Case.Status.WAITING)


def _tell(name: str, cases: QuerySet[Case], permission: Permission, field: str, now: datetime) -> int:
    rows, people = (
        list(cases.select_for_update(skip_locked=True).values_list("pk", "queue")),
        _who(permission),
    )
    if rows and not people:  # said once there is somebody to say it to
        return 0
    if rows:
        counts = Counter(queue for _, queue in rows)
        by_queue = [(QUEUES[Queue(queue)].title, counts[queue]) for queue in QUEUES if counts[queue]]
        mail.send(name, people, count=len(rows), by_queue=by_queue)
        Case.objects.filter(pk__in=[pk for pk, _ in rows]).update(**{field: now})
    return len(rows)


def _who(permission: Permission) -> list[str]:
    roles = [role for role, granted in AS_OPERATOR.items() if permission in granted]
    people = Membership.objects.filter(role__in=roles, seller=None, agency=None, user__is_active=True)
    return sorted(set(people.values_list("user__email", flat=True)))
