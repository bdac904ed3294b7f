"""Taking a decision back in the seconds before it counts. Nobody was told, so nothing else has to be undone."""

from datetime import datetime

from django.db import transaction

from accounts.database import connection
from accounts.models import User
from compliance import errors
from compliance.desk import permits
from compliance.models import Case, HandOut, Verdict
from compliance.services import figures, holding, recording

_A = Verdict.Answer


@transaction.atomic
def undo(verdict_id: int, *, reviewer: User) -> list[Case]:
    """The case, or the whole batch, waits again where it waited; the first is held by the reviewer again.

    Raises UndoTooLate or NotYours, by the database's clock; a StaleCase where the author handed in anew meanwhile.
    """
    asked = Verdict.objects.get(pk=verdict_id)
    batch = Verdict.objects.filter(batch=asked.batch).exclude(answer=_A.UNDONE).order_by("case_id")
    cases = [_undo_one(verdict.pk, reviewer) for verdict in batch]
    first = next(case for case in cases if case.pk == asked.case_id)
    holding.take(first.pk, reviewer)
    return [first, *(case for case in cases if case is not first)]


def _undo_one(verdict_id: int, reviewer: User) -> Case:
    case = holding.lock(Verdict.objects.values_list("case_id", flat=True).get(pk=verdict_id))
    verdict = Verdict.objects.get(pk=verdict_id)
    is_undone = verdict.corrections.exists()
    if refused := permits.undo_refusal(
        is_own=verdict.reviewer_id == reviewer.pk,
        is_undone=is_undone,
        effective_at=verdict.effective_at,
        now=_database_now(),
    ):
        raise refused
    _refuse_replaced(case)
    if verdict.corrects is not None:
        figures.forget(verdict.corrects.decided_at)
    Verdict.objects.create(
        case=case,
        answer=_A.UNDONE,
        reviewer=reviewer,
        pack=case.pack,
        queue=verdict.queue,
        corrects=verdict,
        about=verdict,
    )
    _put_back(case, verdict)
    return case


def _refuse_replaced(case: Case) -> None:
    newer = Case.objects.filter(seller_id=case.seller_id, series_id=case.series_id, pk__gt=case.pk)
    if newer.filter(subject=case.subject, status=Case.Status.WAITING, approval=Case.Approval.NONE).exists():
        raise errors.StaleCase(case.title)


def _put_back(case: Case, verdict: Verdict) -> None:
    before = recording.last_answer(case)
    if case.lease is not None:  # the next person had just taken it
        holding.close_hand_out(case, HandOut.End.RELEASED)
    recording.end_lease(case)
    case.status, case.queue = Case.Status.WAITING, verdict.queue
    case.queued_at, case.due_at = verdict.queued_at or case.queued_at, verdict.due_at or case.due_at
    case.approval = before.answer if before else Case.Approval.NONE
    case.decided_at = before.decided_at if before else None
    case.is_taken_in = True  # nobody heard of it, and what was before is known
    case.why = [sentence for sentence in case.why if sentence != verdict.reason]
    if verdict.awaits_second:
        case.barred = [user for user in case.barred if user != verdict.reviewer_id]
    case.save(update_fields=recording.MOVED)


def _database_now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        now: datetime = cursor.fetchone()[0]
        return now
