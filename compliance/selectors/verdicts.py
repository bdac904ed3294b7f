"""What other apps ask of the desk: the answers that count, and what was accepted."""

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
        .order_by("due_at", "pk")
    )


def latest_verdicts(seller: Seller, subject_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Verdict]:
    """The last answer that counts on each subject's newest case; a subject whose newest case was never answered is absent.

    A verdict counts from its `effective_at` on, by the database's clock. While an answered case is looked at again (appeal,
    audit) its answer stays.
    """
    cases = Case.objects.filter(seller=seller, subject_id__in=subject_ids).order_by("submitted_at", "pk")
    newest = dict(cases.values_list("subject_id", "pk"))  # of a subject's cases the last one stays
    subject_of = {pk: subject for subject, pk in newest.items()}
    verdicts = Verdict.objects.standing().filter(case_id__in=subject_of).order_by("pk")
    return {subject_of[verdict.case_id]: verdict for verdict in verdicts}


def accepted_for(subject_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Accepted]]:
    """What reviewers accepted, by subject. Verdicts that were corrected, or do not count yet, accept nothing."""
    found: dict[uuid.UUID, list[Accepted]] = {subject: [] for subject in subject_ids}
    rows = AcceptedFinding.objects.filter(subject_id__in=subject_ids, verdict__in=Verdict.objects.standing())
    for row in rows:
        found[row.subject_id].append(Accepted(row.rule, row.words_hash, row.where, row.is_override))
    return found


def sellers_decided_since(at: datetime) -> list[int]:
    """Sellers (ids) with a verdict that began to count since then."""
    counting = Verdict.objects.standing().filter(effective_at__gte=at, case__known_answer__isnull=True)
    return list(counting.values_list("case__seller_id", flat=True).distinct())
