"""Texts that wait for a person: submitting, deciding, withdrawing. Until the review desk exists `manage.py decide` decides."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts import due
from accounts.models import Seller, User
from accounts.services import audit
from compliance import pack, policy
from compliance.drafts import draft_to_json, finding_from_json, finding_to_json
from compliance.engine.types import Draft, Finding, Outcome
from compliance.errors import AlreadyDecided, NotSubmittable, ReasonMissing
from compliance.models import AcceptedFinding, Case, Verdict
from compliance.services import checks


@dataclass(frozen=True)
class Submission:
    """What the author hands in: one draft a language, of one thing in the seller's schema, named by its public id."""

    subject: Case.Subject
    subject_id: uuid.UUID
    title: str
    drafts: Sequence[Draft]


@transaction.atomic
def submit(seller: Seller, submission: Submission, *, user: User | None, now: datetime) -> Case:
    """Open a case. Clean texts are approved by the system at once; a waiting case of the same subject is withdrawn.

    Raises NotSubmittable, with the findings, where a rule is broken for certain: nothing is stored then.
    """
    results = [checks.check(seller.pk, draft) for draft in submission.drafts]
    verdicts = [policy.judge(result.findings) for result in results]
    blocking = [
        f for v in verdicts if v.outcome is Outcome.BLOCK for f in v.reasons if f.outcome is Outcome.BLOCK
    ]
    if blocking:
        raise NotSubmittable(blocking)
    withdraw(seller, submission.subject, submission.subject_id, now=now)
    case = _open(seller, submission, results, user, now)
    if all(v.outcome <= Outcome.ADVICE for v in verdicts):
        _record(case, Verdict.Answer.APPROVED, None, "Nothing in it breaks or brushes a rule.", (), now)
    return case


@transaction.atomic
def decide(
    case_id: int,
    answer: Verdict.Answer,
    *,
    reviewer: User | None,
    reason: str,
    now: datetime,
    accepted: Sequence[Finding] | None = None,
) -> Verdict:
    """Decide a waiting case. `accepted` are the findings an approval lets be; by default all that held the text.

    Raises AlreadyDecided or ReasonMissing; nothing is changed then.
    """
    case = Case.objects.select_for_update().get(pk=case_id)
    if case.status != Case.Status.WAITING:
        raise AlreadyDecided(case.title)
    if answer != Verdict.Answer.APPROVED and not reason.strip():
        raise ReasonMissing
    let_be = holding_findings(case) if accepted is None else list(accepted)
    return _record(case, answer, reviewer, reason, let_be if answer == Verdict.Answer.APPROVED else (), now)


def withdraw(seller: Seller, subject: Case.Subject, subject_id: uuid.UUID, *, now: datetime) -> int:
    """Take back what waits; answers how many cases that were."""
    waiting = Case.objects.filter(
        seller=seller, subject=subject, subject_id=subject_id, status=Case.Status.WAITING
    )
    return waiting.update(status=Case.Status.WITHDRAWN, decided_at=now)


def holding_findings(case: Case) -> list[Finding]:
    """The findings that made a person necessary, each once."""
    found = (finding_from_json(f) for part in case.snapshot for f in part["findings"])
    held = {(f.rule, f.where, f.words_hash): f for f in found if f.outcome >= Outcome.REVIEW}
    return list(held.values())


def _open(
    seller: Seller,
    submission: Submission,
    results: Sequence[checks.CheckResult],
    user: User | None,
    now: datetime,
) -> Case:
    parts: list[dict[str, Any]] = [
        {
            "draft": draft_to_json(draft),
            "findings": [finding_to_json(f) for f in r.findings],
            "outcome": r.outcome,
        }
        for draft, r in zip(submission.drafts, results, strict=True)
    ]
    case = Case.objects.create(
        seller=seller, subject=submission.subject, subject_id=submission.subject_id, title=submission.title,
        snapshot=parts, pack=pack.version(), submitted_by=user, submitted_at=now,
    )  # fmt: skip
    audit.record("case.submitted", actor=user, seller=seller, target=str(case.public_id))
    return case


def _record(
    case: Case,
    answer: Verdict.Answer,
    reviewer: User | None,
    reason: str,
    accepted: Sequence[Finding],
    now: datetime,
) -> Verdict:
    quoted = [finding_to_json(f) for f in holding_findings(case)]
    verdict = Verdict.objects.create(
        case=case, answer=answer, reviewer=reviewer, reason=reason.strip(), quoted=quoted, pack=case.pack
    )
    _accept(verdict, case, accepted)
    case.status, case.decided_at = Case.Status.DECIDED, now
    case.save(update_fields=["status", "decided_at"])
    audit.record(f"case.{answer}", actor=reviewer, seller=case.seller, target=str(case.public_id))
    due.lower(case.seller_id, "cases.decided", now)
    return verdict


def _accept(verdict: Verdict, case: Case, accepted: Sequence[Finding]) -> None:
    AcceptedFinding.objects.bulk_create(
        AcceptedFinding(
            verdict=verdict, seller=case.seller, subject_id=case.subject_id,
            rule=f.rule, where=f.where, words_hash=f.words_hash, text=f.text,
        )
        for f in accepted
    )  # fmt: skip
