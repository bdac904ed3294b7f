"""What the desk's pages show: the queues, the lists, one case. A fixed number of statements, whatever waits."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.db.models.functions import Now

from accounts.models import User
from compliance.desk.queues import QUEUES, Queue, QueueKind
from compliance.models import Case, HandOut, Verdict

_S = Case.Status


@dataclass(frozen=True)
class QueueLine:
    queue: Queue
    kind: QueueKind
    count: int
    late: int
    held: int
    oldest_at: datetime | None
    next_due_at: datetime | None


def queue_lines(now: datetime) -> list[QueueLine]:
    """One statement. Planted cases are counted like any other, or they would stand out."""
    rows = (
        Case.objects.filter(status=_S.WAITING)
        .values("queue")
        .annotate(
            n=Count("pk"), late=Count("pk", filter=Q(due_at__lt=now)),
            held=Count("pk", filter=Q(lease__isnull=False, leased_until__gt=Now())),
            oldest=Min("queued_at"), due=Min("due_at"),
        )
    )  # fmt: skip
    known = {row["queue"]: row for row in rows}
    return [_line(queue, kind, known.get(queue)) for queue, kind in QUEUES.items()]


def _line(queue: Queue, kind: QueueKind, row: Any) -> QueueLine:
    told = row or {"n": 0, "late": 0, "held": 0, "oldest": None, "due": None}
    return QueueLine(queue, kind, told["n"], told["late"], told["held"], told["oldest"], told["due"])


#: What the list's status filter offers.
STATUSES = {
    "waiting": ("Waiting", Q(status=_S.WAITING)),
    "with_author": ("With the author", Q(status=_S.WITH_AUTHOR)),
    "approved": ("Approved", Q(status=_S.DECIDED, approval__in=Verdict.APPROVALS)),
    "rejected": ("Rejected", Q(status=_S.DECIDED, approval=Case.Approval.REJECTED)),
    "withdrawn": ("Withdrawn", Q(status=_S.WITHDRAWN)),
}


def cases(filters: dict[str, str], now: datetime) -> QuerySet[Case]:
    """Cases as the list filters them; the snapshot is left where it is."""
    rows = Case.objects.select_related("seller", "leased_to").defer("snapshot", "record")
    if filters.get("status") in STATUSES:
        rows = rows.filter(STATUSES[filters["status"]][1])
    if filters.get("queue") in set(Queue):
        rows = rows.filter(queue=filters["queue"])
    if filters.get("language"):
        rows = rows.filter(languages__contains=[filters["language"]])
    if filters.get("late"):
        rows = rows.filter(status=_S.WAITING, due_at__lt=now)
    return rows.filter(_named(filters["q"])) if filters.get("q") else rows


#: So many digits are a case's number (its page shows eight), and no word.
_NUMBER, _HEX = 8, frozenset("0123456789abcdef")


def _named(words: str) -> Q:
    """A beginning of the case's number, or words of its title or its seller's name."""
    named = Q(title__icontains=words) | Q(seller__name__icontains=words)
    digits = words.lower().replace("-", "")
    if len(digits) < _NUMBER or not set(digits) <= _HEX:
        return named
    first, last = digits[:32].ljust(32, "0"), digits[:32].ljust(32, "f")
    numbered = Q(public_id__range=(uuid.UUID(first), uuid.UUID(last)))
    return numbered | named if digits.isdecimal() else numbered  # a number alone is found by the index


def last_approved(case: Case) -> Case | None:
    """The version of the same text that was approved last, before this one."""
    rows = Case.objects.filter(
        seller_id=case.seller_id, series_id=case.series_id, subject=case.subject,
        approval__in=Verdict.APPROVALS, submitted_at__lte=case.submitted_at, known_answer__isnull=True,
    )  # fmt: skip
    return rows.exclude(pk=case.pk).order_by("-submitted_at", "-pk").first()


def verdicts_of(case: Case) -> list[Verdict]:
    rows = Verdict.objects.filter(case=case).select_related("reviewer", "corrects", "about")
    return list(rows.order_by("pk"))


def others_of_seller(case: Case, limit: int = 8) -> list[Case]:
    rows = Case.objects.filter(seller_id=case.seller_id, known_answer__isnull=True).exclude(pk=case.pk)
    return list(rows.defer("snapshot", "record").order_by("-submitted_at", "-pk")[:limit])


@dataclass(frozen=True)
class Today:
    decided: int
    median_seconds: int | None


def today_of(reviewer: User, since: datetime) -> Today:
    """Since `since`; the median over the hand-outs that ended in a decision."""
    rows = Verdict.objects.not_undone().filter(reviewer=reviewer, decided_at__gte=since)
    seconds = sorted(s for s in rows.values_list("seconds", flat=True) if s is not None)
    return Today(rows.count(), seconds[len(seconds) // 2] if seconds else None)


def skipped_by(reviewer: User, since: datetime) -> int:
    return (
        HandOut.objects.filter(
            reviewer=reviewer, end=HandOut.End.SKIPPED, ended_at__gte=since, case__status=_S.WAITING
        )
        .values("case")
        .distinct()
        .count()
    )
