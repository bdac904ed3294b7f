"""The desk watched: audits, known answers, reminders, notes."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import SellerDue
from accounts.roles import Role
from compliance import selectors
from compliance.desk.queues import Queue
from compliance.errors import NoteEmpty, NotYourNote, OwnSeller, SamePerson
from compliance.models import Case, Verdict
from compliance.selectors.records import notes_of, record_of
from compliance.services import audits, deciding, holding, notes, reminders
from compliance.services.deciding import Decision
from tests.accounts.makers import give
from tests.compliance.desk.makers import CLEAN, draft, lead, reviewer, submit

A = Verdict.Answer
SOON = timedelta(minutes=5)


@pytest.fixture(autouse=True)
def _all_are_drawn(settings):
    settings.REVIEW_AUDIT_TRUSTED = settings.REVIEW_AUDIT_NEW = settings.REVIEW_AUDIT_PERSON = 100


def decide(case, answer=A.APPROVED, by=None):
    by = by or reviewer()
    holding.take(case.pk, by)
    return deciding.decide(case.pk, Decision(answer, "Read it."), reviewer=by, now=timezone.now())


def draw() -> int:
    return audits.draw(timezone.now() + SOON)


class TestASample:
    def test_of_what_the_rules_approved_waits_and_goes_on_sending(self, seller):
        case = submit(seller, draft(CLEAN))
        assert draw() == 1
        case.refresh_from_db()
        assert (case.queue, case.status, case.approval) == (Queue.AUDIT, Case.Status.WAITING, "approved")
        assert selectors.latest_verdicts(seller, [case.subject_id])[case.subject_id].answer == A.APPROVED

    def test_is_drawn_once(self, seller):
        submit(seller, draft(CLEAN))
        draw()
        decide(Case.objects.get())
        assert draw() == 0

    def test_of_a_persons_approvals_goes_to_another(self, seller):
        case, by = submit(seller), reviewer()
        decide(case, by=by)
        draw()
        with pytest.raises(SamePerson):
            holding.take(case.pk, by)

    def test_that_agrees_is_scored_and_changes_nothing(self, seller):
        case = submit(seller, draft(CLEAN))
        draw()
        verdict = decide(case)
        assert (verdict.is_agreed, verdict.corrects) == (True, None)

    def test_that_disagrees_takes_the_approval_back(self, seller):
        case = submit(seller, draft(CLEAN))
        draw()
        verdict = decide(case, A.REJECTED)
        assert verdict.is_agreed is False
        assert verdict.corrects.answer == A.APPROVED
        assert selectors.latest_verdicts(seller, [case.subject_id])[case.subject_id] == verdict

    def test_of_none_draws_none(self, seller, settings):
        settings.REVIEW_AUDIT_NEW = settings.REVIEW_AUDIT_TRUSTED = 0
        submit(seller, draft(CLEAN))
        assert draw() == 0

    def test_leaves_what_was_sent_back(self, seller):
        decide(submit(seller), A.REJECTED)
        assert draw() == 0


class TestAKnownAnswer:
    @pytest.fixture(autouse=True)
    def _each_time(self, settings):
        settings.REVIEW_KNOWN_EVERY = 1

    def known(self, seller):
        case = submit(seller)
        decide(case, A.REJECTED)
        return audits.make_known(case, A.REJECTED, "The short link hides a shop.", user=lead())

    def test_is_handed_out_like_any_other_once_to_each(self, seller):
        known, by = self.known(seller), reviewer()
        case = holding.hand_out(by)
        assert (case.known_answer, case.queue, case.status) == (known, Queue.NEW, Case.Status.WAITING)
        decide(case, by=by)
        assert holding.hand_out(by) is None
        assert holding.hand_out(reviewer()) is not None

    @pytest.mark.parametrize(
        ("answer", "agreed"), [(A.REJECTED, True), (A.CHANGES_REQUESTED, True), (A.APPROVED, False)]
    )
    def test_is_scored(self, seller, answer, agreed):
        self.known(seller)
        by = reviewer()
        assert decide(holding.hand_out(by), answer, by=by).is_agreed is agreed

    def test_reaches_no_seller_and_no_record(self, seller):
        self.known(seller)
        by, before = reviewer(), record_of(seller, timezone.now())
        SellerDue.objects.filter(seller=seller).delete()
        decide(holding.hand_out(by), by=by)
        assert not SellerDue.objects.filter(seller=seller, kind="cases.decided").exists()
        assert record_of(seller, timezone.now()) == before


class TestReminders:
    def test_leads_hear_once_of_what_is_late(self, seller, django_capture_on_commit_callbacks):
        boss, _ = lead(), reviewer()
        Case.objects.filter(pk=submit(seller).pk).update(due_at=timezone.now() - SOON)
        with django_capture_on_commit_callbacks(execute=True):
            assert [reminders.remind(timezone.now()) for _ in range(2)] == [1, 0]
        assert [letter.to for letter in mail.outbox] == [[boss.email]]
        assert "/review/cases/?late=1" in mail.outbox[0].body

    def test_what_is_late_in_another_queue_is_told_again(self, seller):
        lead()
        case = submit(seller)
        Case.objects.filter(pk=case.pk).update(due_at=timezone.now() - SOON)
        assert reminders.remind(timezone.now()) == 1
        decide(case, A.ESCALATED)
        assert reminders.remind(timezone.now()) == 0
        Case.objects.filter(pk=case.pk).update(due_at=timezone.now() - SOON)
        assert reminders.remind(timezone.now()) == 1

    def test_without_anybody_to_tell_nothing_counts_as_told(self, seller):
        Case.objects.filter(pk=submit(seller).pk).update(due_at=timezone.now() - SOON)
        assert reminders.remind(timezone.now()) == 0
        lead()
        assert reminders.remind(timezone.now()) == 1

    def test_reviewers_hear_once_of_what_is_nearly_due(self, seller, django_capture_on_commit_callbacks):
        by = reviewer()
        Case.objects.filter(pk=submit(seller).pk).update(due_at=timezone.now() + SOON)
        with django_capture_on_commit_callbacks(execute=True):
            reminders.remind(timezone.now())
            reminders.remind(timezone.now())
        assert [letter.to for letter in mail.outbox] == [[by.email]]
        assert "New: 1" in mail.outbox[0].body

    def test_what_is_far_off_is_not_spoken_of(self, seller):
        reviewer()
        Case.objects.filter(pk=submit(seller).pk).update(due_at=timezone.now() + timedelta(hours=3))
        assert reminders.remind(timezone.now()) == 0


class TestNotes:
    def test_follow_the_seller_to_its_next_case(self, seller):
        notes.add(submit(seller), "Sells spices; “hot” is the product.", author=reviewer())
        assert [note.text for note in notes_of(submit(seller).seller)] == [
            "Sells spices; “hot” is the product."
        ]

    def test_are_not_empty(self, seller):
        with pytest.raises(NoteEmpty):
            notes.add(submit(seller), "  ", author=reviewer())

    def test_are_taken_back_by_their_author_or_a_lead(self, seller):
        note = notes.add(submit(seller), "Wrong.", author=reviewer())
        with pytest.raises(NotYourNote):
            notes.retract(note.pk, user=reviewer(), is_lead=False)
        notes.retract(note.pk, user=lead(), is_lead=True)
        assert notes_of(seller) == []


def test_a_lead_takes_back_no_note_about_their_own_seller(seller):
    case, boss = submit(seller), lead()
    note = notes.add(case, "Look twice.", author=reviewer())
    give(boss, Role.SELLER_OWNER, seller)
    with pytest.raises(OwnSeller):
        notes.retract(note.pk, user=boss, is_lead=True)
    assert notes_of(seller) == [note]
