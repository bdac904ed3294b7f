"""The author asks to decide again: once per verdict, within 14 days, heard by another person."""

from datetime import datetime

from django.db import transaction

from accounts.models import Seller, User
from accounts.services import audit
from compliance import errors
from compliance.desk import permits
from compliance.desk.queues import Queue
from compliance.models import Appeal, Case, Verdict
from compliance.services import holding, recording, submitting
from compliance.services.submitting import Submission


def refusal(verdict: Verdict, now: datetime) -> errors.DeskError | None:
    """Why this verdict cannot be appealed, or None: for showing the button. Five small queries."""
    last = recording.last_answer(verdict.case)
    return permits.appeal_refusal(
        answer=verdict.answer, is_last=last is not None and last.pk == verdict.pk,
        is_of_appeal=verdict.answers_appeal(_heard(verdict.case_id)), is_appealed=Appeal.objects.filter(verdict=verdict).exists(),
        effective_at=verdict.effective_at, now=now,
    )  # fmt: skip


def _heard(case_id: int) -> list[int]:
    return list(Appeal.objects.filter(case=case_id).values_list("verdict_id", flat=True))


@transaction.atomic
def dispute(seller: Seller, verdict_id: int, words: str, *, user: User | None, now: datetime) -> Appeal:
    """“I dispute it”: the same case waits again, among the appeals, barred for who decided. What may be sent stays meanwhile.

    Approving then overturns the verdict, and it no longer counts against the seller. Raises a DeskError; nothing is changed then.
    """
    verdict = _locked(seller, verdict_id, now)
    if not words.strip():
        raise errors.AppealWithoutWords
    case = verdict.case
    recording.requeue(case, Queue.APPEAL, now)
    _bar(case, verdict)
    case.why = [f"The author disputes: {words.strip()}"]
    case.save(update_fields=recording.MOVED)
    return _record(verdict, case, Appeal.Kind.DISPUTE, words, user, now)


@transaction.atomic
def hand_in_changed(
    seller: Seller, verdict_id: int, submission: Submission, words: str, *, user: User | None, now: datetime
) -> Appeal:
    """“I changed it”: the changed text as a case of its own; where a person is needed, another one, among the appeals.

    Raises a DeskError, or NotSubmittable; nothing is changed then.
    """
    verdict = _locked(seller, verdict_id, now)
    case = submitting.submit(seller, submission, user=user, now=now)
    if case.status == Case.Status.WAITING:
        recording.requeue(case, Queue.APPEAL, now)
        _bar(case, verdict)
        case.why = [*([f"The author says: {words.strip()}"] if words.strip() else []), *case.why]
        case.save(update_fields=recording.MOVED)
    return _record(verdict, case, Appeal.Kind.CHANGED, words, user, now)


def _locked(seller: Seller, verdict_id: int, now: datetime) -> Verdict:
    """Raises Verdict.DoesNotExist for another seller's."""
    found = Verdict.objects.get(pk=verdict_id, case__seller=seller)
    found.case = holding.lock(found.case_id)
    if refused := refusal(found, now):
        raise refused
    if found.case.status == Case.Status.WAITING:  # an audit or a correction is under way
        raise errors.NotAppealable
    return found


def _bar(case: Case, verdict: Verdict) -> None:
    deciders = Verdict.objects.filter(case=verdict.case, reviewer__isnull=False).values_list(
        "reviewer_id", flat=True
    )
    case.barred = sorted({*case.barred, *deciders})


def _record(
    verdict: Verdict, case: Case, kind: Appeal.Kind, words: str, user: User | None, now: datetime
) -> Appeal:
    audit.record("case.appealed", actor=user, seller=case.seller, target=str(case.public_id), kind=kind)
    return Appeal.objects.create(
        verdict=verdict, case=case, kind=kind, words=words.strip(), made_by=user, made_at=now
    )
