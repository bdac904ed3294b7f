"""Handing in: what the rules answer by themselves, and what waits for a person. Also taking back, and the re-scan."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Seller, User
from accounts.services import audit
from compliance import pack, policy
from compliance.desk import queues, trust
from compliance.desk.queues import QUEUES, Queue
from compliance.drafts import draft_to_json, finding_to_json, text_hash
from compliance.engine.types import Draft, Finding, Outcome
from compliance.errors import NotSubmittable
from compliance.models import Case
from compliance.selectors import records, twins
from compliance.services import calendar, checks, recording

_S = Case.Status


@dataclass(frozen=True)
class Submission:
    """What the author hands in: one draft a language, of one thing in the seller's schema, named by its public id.

    `series_id` is what its versions share (the template's public id); none: there are no versions.
    """

    subject: Case.Subject
    subject_id: uuid.UUID
    title: str
    drafts: Sequence[Draft]
    series_id: uuid.UUID | None = None


@transaction.atomic
def submit(seller: Seller, submission: Submission, *, user: User | None, now: datetime) -> Case:
    """Open a case, and answer it at once where no person is needed:

    - nothing in it breaks or brushes a rule, and the seller's clean texts are trusted (compliance.desk.trust), or
    - the very text was approved for this seller before, and the rules find nothing that was not accepted then.

    Never where the last answer on the very text sent it back: a person looks then, and is told.

    What waits of the same thing, unanswered, is withdrawn; the new one takes over its place in the queue, once.
    Raises NotSubmittable, with the findings, where a rule is broken for certain: nothing is stored then.
    """
    results = [checks.check(seller.pk, draft) for draft in submission.drafts]
    _refuse_blocked(results)
    replaced = _replace_waiting(seller, submission, now)
    case = _open(seller, submission, results, user, now)
    reason = _answer_by_itself(case, results)
    if reason:
        recording.approve_by_system(case, reason, now)
    else:
        _queue(case, replaced)
    return case


@transaction.atomic
def rescan(seller: Seller, submission: Submission, *, now: datetime) -> Case | None:
    """A live text under a changed rule pack: a case in the re-scan queue where the rules now hold or block what nobody accepted.

    None: it still stands, and what waited for the same reason is taken back. Whether it goes on sending meanwhile is the
    caller's: `judge_live` says what the rules ask for. An approval accepts the findings; of a certain breach two persons must.
    Other versions of the same text that wait are none of its business.
    """
    judged = judge_live(seller, submission)
    withdraw(seller, submission.subject, submission.subject_id, now=now)
    if judged.outcome <= Outcome.ADVICE:
        return None
    results = [checks.check(seller.pk, draft) for draft in submission.drafts]
    case = _open(seller, submission, results, None, now)
    case.queue = Queue.RESCAN
    case.why = ["A changed rule doubts this live text.", *_why_findings([judged.reasons])]
    _queue(case, None)
    return case


def judge_live(seller: Seller, submission: Submission) -> policy.Verdict:
    """What the present rules ask of a live text in all its languages; what a reviewer accepted stays accepted."""
    findings = [f for draft in submission.drafts for f in checks.check(seller.pk, draft).findings]
    return policy.judge(findings, twins.accepted_on(submission.subject_id))


@transaction.atomic
def reopen(
    seller: Seller, submission: Submission, *, why: Sequence[str], user: User | None, now: datetime
) -> Case:
    """A text that drew trouble where it was sent, back to the desk whatever the rules say of it: among the re-scans."""
    results = [checks.check(seller.pk, draft) for draft in submission.drafts]
    _replace_waiting(seller, submission, now)
    case = _open(seller, submission, results, user, now)
    case.queue, case.why = Queue.RESCAN, list(why)
    _queue(case, None)
    return case


def withdraw(seller: Seller, subject: Case.Subject, subject_id: uuid.UUID, *, now: datetime) -> int:
    """Take back what waits unanswered; answers how many cases that were. What is looked at again (appeal, audit) stays."""
    waiting = _unanswered(seller).filter(subject=subject, subject_id=subject_id)
    return waiting.update(**_WITHDRAWN, decided_at=now)


_WITHDRAWN: dict[str, Any] = {
    "status": _S.WITHDRAWN, "leased_to": None, "lease": None, "leased_at": None, "leased_until": None,
}  # fmt: skip


def _unanswered(seller: Seller) -> QuerySet[Case]:
    return Case.objects.filter(seller=seller, status=_S.WAITING, approval=Case.Approval.NONE)


def _refuse_blocked(results: Sequence[checks.CheckResult]) -> None:
    judged = [policy.judge(result.findings) for result in results]
    blocking = [
        f for v in judged if v.outcome is Outcome.BLOCK for f in v.reasons if f.outcome is Outcome.BLOCK
    ]
    if blocking:
        raise NotSubmittable(blocking)


def _replace_waiting(seller: Seller, submission: Submission, now: datetime) -> Case | None:
    """The waiting case whose place the new one takes, or None. Cases with the author need nobody any more."""
    series = submission.series_id or submission.subject_id
    same = {"subject": submission.subject, "series_id": series}
    Case.objects.filter(seller=seller, status=_S.WITH_AUTHOR, **same).update(status=_S.DECIDED)
    waiting = list(_unanswered(seller).filter(**same).select_for_update().order_by("pk"))
    Case.objects.filter(pk__in=[case.pk for case in waiting]).update(**_WITHDRAWN, decided_at=now)
    return waiting[-1] if waiting and not waiting[-1].has_kept_place else None


def _open(
    seller: Seller,
    submission: Submission,
    results: Sequence[checks.CheckResult],
    user: User | None,
    now: datetime,
) -> Case:
    drafts = submission.drafts
    target = queues.ONE_OFF_TARGET if submission.subject == Case.Subject.ONE_OFF else QUEUES[Queue.NEW].target
    case = Case.objects.create(
        seller=seller, subject=submission.subject, subject_id=submission.subject_id, title=submission.title[:200],
        series_id=submission.series_id or submission.subject_id, snapshot=_snapshot(drafts, results), pack=pack.version(),
        content_hash=text_hash(drafts), record=records.record_of(seller, now).as_json(),
        purpose=drafts[0].purpose if drafts else "", medium=drafts[0].medium if drafts else "",
        languages=sorted({d.primary_language for d in drafts}), marketplaces=sorted({d.marketplace for d in drafts}),
        submitted_by=user, submitted_at=now, queued_at=now, due_at=calendar.current().due(now, target),
    )  # fmt: skip
    audit.record("case.submitted", actor=user, seller=seller, target=str(case.public_id))
    return case


def _snapshot(drafts: Sequence[Draft], results: Sequence[checks.CheckResult]) -> list[dict[str, Any]]:
    return [
        {
            "draft": draft_to_json(draft),
            "findings": [finding_to_json(f) for f in result.findings],
            "outcome": result.outcome,
        }
        for draft, result in zip(drafts, results, strict=True)
    ]


def _answer_by_itself(case: Case, results: Sequence[checks.CheckResult]) -> str:
    """Why no person is needed, or "" where one is; then the case's `why` says so."""
    judged = [policy.judge(result.findings) for result in results]
    trusted = trust.judge(trust.Record(**case.record))
    is_clean = all(verdict.outcome <= Outcome.ADVICE for verdict in judged)
    before = twins.answered_before(case)
    if before is not None and before.sends_back:  # asking again is no way round an answer
        told = f"This very text was answered on {before.decided_at:%-d %B %Y}: {before.get_answer_display().lower()}."
        case.why = [told, *_why_findings(v.reasons for v in judged)]
        return ""
    if is_clean and trusted.approves_clean_texts:
        return "Nothing in it breaks or brushes a rule."
    twin = twins.approved_before(case)
    if twin is not None:
        return f"The same text was approved on {twin.decided_at:%-d %B %Y}."
    case.why = [*_why_findings(v.reasons for v in judged), *([trusted.sentence] if is_clean else [])]
    return ""


def _why_findings(reasons: Iterable[Sequence[Finding]]) -> list[str]:
    return list(dict.fromkeys(finding.message for found in reasons for finding in found))


def _queue(case: Case, replaced: Case | None) -> None:
    if replaced is not None:
        case.queued_at, case.due_at, case.has_kept_place = replaced.queued_at, replaced.due_at, True
    elif case.queue != Queue.NEW:
        case.due_at = calendar.current().due(case.queued_at, QUEUES[Queue(case.queue)].target)
    case.save(update_fields=["why", "queue", "queued_at", "due_at", "has_kept_place"])
