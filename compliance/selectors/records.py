"""A seller's record with the desk and with Amazon: what trust is judged by, and what a reviewer sees beside a case."""

from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from accounts.models import Seller
from compliance.desk.trust import BLOCKS_COUNT_DAYS, Record
from compliance.models import Case, Incident, SellerNote, Verdict

_A = Case.Approval
_APPROVED = (_A.APPROVED, _A.APPROVED_LIMITED)
_SENT_BACK = (_A.CHANGES_REQUESTED, _A.REJECTED)


def record_of(seller: Seller, now: datetime) -> Record:
    """Three statements. The case's approval is its last answer, so what was overturned counts as it ended."""
    since = now - timedelta(days=BLOCKS_COUNT_DAYS)
    recent = Q(decided_at__gte=since)
    cases = Case.objects.filter(seller=seller, known_answer__isnull=True).aggregate(
        approvals=Count("pk", filter=Q(approval__in=_APPROVED)),
        recent_approvals=Count("pk", filter=recent & Q(approval__in=_APPROVED)),
        recent_sent_back=Count("pk", filter=recent & Q(approval__in=_SENT_BACK)),
    )
    told = Incident.objects.filter(seller=seller).aggregate(
        blocks=Count("pk", filter=Q(kind=Incident.Kind.BLOCKED, at__gte=since)),
        complaints=Count("pk", filter=Q(kind=Incident.Kind.COMPLAINT, at__gte=since)),
        restrictions=Count("pk", filter=Q(kind=Incident.Kind.RESTRICTED, ended_at__isnull=True)),
    )
    return Record(
        **cases, overturned=overturned_for(seller).count(), blocks=told["blocks"], complaints=told["complaints"],
        is_restricted=told["restrictions"] > 0,
    )  # fmt: skip


def overturned_for(seller: Seller) -> QuerySet[Verdict]:
    """Answers that sent a text back and did not stand."""
    return Verdict.objects.filter(
        case__seller=seller,
        answer__in=_SENT_BACK,
        corrections__in=Verdict.objects.final().filter(answer__in=_APPROVED),
    )


def incidents_of(seller: Seller, limit: int = 5) -> list[Incident]:
    return list(Incident.objects.filter(seller=seller).order_by("-at")[:limit])


def notes_of(seller: Seller, limit: int = 20) -> list[SellerNote]:
    shown = SellerNote.objects.filter(seller=seller, retracted_at__isnull=True)
    return list(shown.select_related("author", "case").order_by("-created_at")[:limit])
