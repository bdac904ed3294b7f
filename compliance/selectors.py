"""Reads other apps may ask for."""

import uuid
from collections.abc import Collection
from datetime import datetime

from django.db.models import QuerySet

from accounts.models import Seller
from compliance.models import AcceptedFinding, Case, Verdict
from compliance.policy import Accepted


def waiting_cases() -> QuerySet[Case]:
    """Oldest first: the order in which they are decided."""
    return (
        Case.objects.filter(status=Case.Status.WAITING)
        .select_related("seller", "submitted_by")
        .order_by("submitted_at", "pk")
    )


def latest_verdicts(seller: Seller, subject_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Verdict]:
    """The newest verdict of each subject's newest case; a subject whose newest case still waits is absent."""
    newest: dict[uuid.UUID, Case] = {}
    for case in Case.objects.filter(seller=seller, subject_id__in=subject_ids).order_by("submitted_at", "pk"):
        newest[case.subject_id] = case
    decided = {case.pk: subject for subject, case in newest.items() if case.status == Case.Status.DECIDED}
    verdicts = Verdict.objects.filter(case_id__in=decided).order_by("pk")
    return {decided[verdict.case_id]: verdict for verdict in verdicts}


def accepted_for(subject_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Accepted]]:
    """What reviewers accepted, by subject. Corrected verdicts no longer count."""
    found: dict[uuid.UUID, list[Accepted]] = {subject: [] for subject in subject_ids}
    rows = AcceptedFinding.objects.filter(subject_id__in=subject_ids, verdict__corrected_by__isnull=True)
    for row in rows:
        found[row.subject_id].append(Accepted(row.rule, row.words_hash, row.where, row.is_override))
    return found


def sellers_decided_since(at: datetime) -> list[int]:
    """Sellers (ids) with a case decided since then."""
    decided = Case.objects.filter(status=Case.Status.DECIDED, decided_at__gte=at)
    return list(decided.values_list("seller_id", flat=True).distinct())
