"""Verdicts stay: changed by nobody, deleted by nobody, corrected by new ones only."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from compliance import selectors
from compliance.desk.permits import UNDO_WINDOW
from compliance.errors import LeadsOnly, NotCorrectable, NotYours, UndoTooLate
from compliance.models import AcceptedFinding, Case, Verdict
from compliance.services import deciding, holding, review, undoing
from compliance.services.deciding import Decision
from tests.compliance.desk.makers import lead, reviewer, submit

A = Verdict.Answer


def decided(case, by, answer=A.APPROVED, words="Read it.", window=UNDO_WINDOW, **fields):
    holding.take(case.pk, by)
    decision = Decision(answer, words, **fields)
    return deciding.decide(case.pk, decision, reviewer=by, now=timezone.now(), window=window)


def counted(case, by, *args, **fields):
    return decided(case, by, *args, window=timezone.timedelta(), **fields)


@pytest.mark.parametrize("model", [Verdict, AcceptedFinding])
def test_the_database_refuses_to_change_or_delete_what_was_decided(seller, model):
    counted(submit(seller), reviewer())
    table = model._meta.db_table
    for act in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
        with (
            pytest.raises(IntegrityError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(act)
    assert model.objects.exists()


def test_a_decision_counts_after_the_seconds_in_which_it_may_be_undone(seller):
    case = submit(seller)
    decided(case, reviewer())
    assert selectors.latest_verdicts(seller, [case.subject_id]) == {}
    assert selectors.accepted_for([case.subject_id])[case.subject_id] == []


def test_an_undone_decision_never_counted_and_its_case_is_held_again(seller):
    case, by = submit(seller), reviewer()
    verdict = decided(case, by)
    undoing.undo(verdict.pk, reviewer=by)
    case.refresh_from_db()
    assert (case.status, case.approval, case.leased_to) == (Case.Status.WAITING, "none", by)
    assert Verdict.objects.filter(corrects=verdict, answer=A.UNDONE).exists()
    assert not Verdict.objects.final().filter(case=case).exists()


def test_after_undoing_another_answer_may_be_given(seller):
    case, by = submit(seller), reviewer()
    undoing.undo(decided(case, by).pk, reviewer=by)
    counted(case, by, A.REJECTED)
    assert selectors.latest_verdicts(seller, [case.subject_id])[case.subject_id].answer == A.REJECTED


def test_what_counts_cannot_be_undone(seller):
    case, by = submit(seller), reviewer()
    verdict = counted(case, by)
    with pytest.raises(UndoTooLate):
        undoing.undo(verdict.pk, reviewer=by)
    case.refresh_from_db()
    assert case.status == Case.Status.DECIDED


def test_nobody_undoes_anothers_decision(seller):
    verdict = decided(submit(seller), reviewer())
    with pytest.raises(NotYours):
        undoing.undo(verdict.pk, reviewer=lead())


def test_a_lead_corrects_by_a_new_verdict_that_points_at_the_old(seller):
    case = submit(seller)
    old = counted(case, reviewer())
    new = deciding.correct(
        old.pk, Decision(A.REJECTED, "The link leads out."), reviewer=lead(), now=timezone.now()
    )
    assert new.corrects == old
    assert selectors.latest_verdicts(seller, [case.subject_id])[case.subject_id] == new
    assert selectors.accepted_for([case.subject_id])[case.subject_id] == []


def test_a_reviewer_corrects_nothing(seller):
    old = counted(submit(seller), reviewer())
    with pytest.raises(LeadsOnly):
        deciding.correct(old.pk, Decision(A.REJECTED, "No."), reviewer=reviewer(), now=timezone.now())


def test_only_the_last_verdict_is_corrected(seller):
    case, boss = submit(seller), lead()
    old = counted(case, reviewer())
    deciding.correct(old.pk, Decision(A.REJECTED, "No."), reviewer=boss, now=timezone.now())
    with pytest.raises(NotCorrectable):
        deciding.correct(old.pk, Decision(A.CHANGES_REQUESTED, "No."), reviewer=boss, now=timezone.now())


def test_a_seller_that_leaves_takes_its_record_along_on_purpose_only(seller):
    """Whatever points at what: undone, appealed, looked at again."""
    case, by = submit(seller), reviewer()
    undoing.undo(decided(case, by).pk, reviewer=by)
    verdict = counted(case, by, A.REJECTED)
    review.dispute(seller, verdict.pk, "Please.", user=None, now=timezone.now())
    counted(case, reviewer())
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        case.delete()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL permitted.erasing = 'on'")
    case.delete()
    assert not Verdict.objects.exists()


def test_who_leaves_while_holding_a_case_leaves_it_to_others(seller):
    case, by = submit(seller), reviewer()
    holding.take(case.pk, by)
    by.delete()
    Case.objects.filter(pk=case.pk).update(leased_until=timezone.now() - UNDO_WINDOW)
    assert holding.hand_out(reviewer()) == case
