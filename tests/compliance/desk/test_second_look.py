"""Second persons, appeals, limits and what is answered without a person."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from compliance import selectors
from compliance.desk.queues import Queue
from compliance.desk.reasons import Given
from compliance.engine.types import Outcome, Severity
from compliance.errors import (
    AppealedAlready,
    AppealHeard,
    AppealTooLate,
    AppealWithoutWords,
    LimitsMissing,
    LimitsWrong,
    Nameless,
    NotAppealable,
    SamePerson,
    SpanWrong,
)
from compliance.models import Appeal, Case, Verdict
from compliance.selectors.records import record_of
from compliance.selectors.standing import standing_of
from compliance.services import deciding, holding, recording, review
from compliance.services.deciding import Decision
from compliance.services.recording import Limits
from tests.compliance.desk.makers import CLEAN, draft, lead, reviewer, submission, submit

A = Verdict.Answer
DAY = timedelta(days=1)


def decide(case, answer=A.APPROVED, words="Read it.", by=None, at=None, **fields):
    by = by or reviewer()
    holding.take(case.pk, by)
    return deciding.decide(case.pk, Decision(answer, words, **fields), reviewer=by, now=at or timezone.now())


def risky(case: Case) -> Case:
    """As if a changed rule were certain now where it doubted before."""
    for finding in case.snapshot[0]["findings"]:
        if finding["outcome"] == Outcome.REVIEW:
            finding["outcome"] = Outcome.BLOCK
    case.save()
    return case


class TestASecondPerson:
    def test_an_approval_that_risks_the_account_waits_for_one(self, seller):
        case = risky(submit(seller))
        decide(case)
        case.refresh_from_db()
        assert (case.queue, case.status, case.approval) == (Queue.SECOND, Case.Status.WAITING, "none")
        assert selectors.latest_verdicts(seller, [case.subject_id]) == {}

    def test_who_was_first_is_not_the_second(self, seller):
        case, by = risky(submit(seller)), reviewer()
        decide(case, by=by)
        assert holding.hand_out(by) is None
        with pytest.raises(SamePerson):
            holding.take(case.pk, by)

    def test_two_persons_together_let_it_go(self, seller):
        case = risky(submit(seller))
        first, second = decide(case), decide(case)
        assert (first.awaits_second, second.awaits_second, second.about) == (True, False, first)
        (accepted,) = selectors.accepted_for([case.subject_id])[case.subject_id]
        assert accepted.override

    def test_a_second_who_disagrees_sends_it_back(self, seller):
        case = risky(submit(seller))
        decide(case)
        last = decide(case, A.REJECTED)
        assert selectors.latest_verdicts(seller, [case.subject_id])[case.subject_id] == last
        assert selectors.accepted_for([case.subject_id])[case.subject_id] == []

    def test_nobody_in_particular_is_not_enough(self, seller):
        case = risky(submit(seller))
        with pytest.raises(Nameless):
            review.decide(case.pk, A.APPROVED, reviewer=None, reason="", now=timezone.now())


class TestAnAppeal:
    def rejected(self, seller, **fields):
        case = submit(seller)
        return case, decide(case, A.REJECTED, **fields)

    def test_goes_to_another_person_and_overturns(self, seller):
        by = reviewer()
        case, verdict = self.rejected(seller, by=by)
        review.dispute(seller, verdict.pk, "It is our manual.", user=None, now=timezone.now())
        case.refresh_from_db()
        assert (case.queue, case.approval) == (Queue.APPEAL, A.REJECTED)
        assert holding.hand_out(by) is None
        answer = decide(case)
        assert answer.corrects == verdict
        record = record_of(seller, timezone.now())
        assert (record.overturned, record.recent_sent_back, record.approvals) == (1, 0, 1)

    def test_upheld_points_at_the_verdict_and_takes_no_place(self, seller):
        case, verdict = self.rejected(seller)
        review.dispute(seller, verdict.pk, "Please.", user=None, now=timezone.now())
        answer = decide(case, A.REJECTED)
        assert (answer.corrects, answer.about) == (None, verdict)

    def test_is_made_of_requested_changes_too(self, seller):
        case = submit(seller)
        verdict = decide(case, A.CHANGES_REQUESTED)
        review.dispute(seller, verdict.pk, "It is the order's own page.", user=None, now=timezone.now())
        assert decide(case).corrects == verdict
        case.refresh_from_db()
        assert (case.status, case.approval) == (Case.Status.DECIDED, "approved")

    def test_is_made_once(self, seller):
        _, verdict = self.rejected(seller)
        review.dispute(seller, verdict.pk, "Please.", user=None, now=timezone.now())
        with pytest.raises(AppealedAlready):
            review.dispute(seller, verdict.pk, "Please!", user=None, now=timezone.now())

    def test_ends_after_fourteen_days(self, seller):
        case, verdict = self.rejected(seller, at=timezone.now() - 15 * DAY)
        with pytest.raises(AppealTooLate, match="14 days"):
            review.dispute(seller, verdict.pk, "Please.", user=None, now=timezone.now())
        case.refresh_from_db()
        assert case.status == Case.Status.DECIDED

    def test_wants_words(self, seller):
        _, verdict = self.rejected(seller)
        with pytest.raises(AppealWithoutWords):
            review.dispute(seller, verdict.pk, " ", user=None, now=timezone.now())
        assert not Appeal.objects.exists()

    def test_is_not_heard_of_an_appeal(self, seller):
        case, verdict = self.rejected(seller)
        review.dispute(seller, verdict.pk, "Please.", user=None, now=timezone.now())
        answer = decide(case, A.REJECTED)
        with pytest.raises(AppealHeard):
            review.dispute(seller, answer.pk, "Again.", user=None, now=timezone.now())

    @pytest.mark.parametrize("risk", [False, True])
    def test_is_not_heard_again_where_a_further_person_answered_the_first(self, seller, risk):
        case, verdict = self.rejected(seller)
        review.dispute(seller, verdict.pk, "Please.", user=None, now=timezone.now())
        case.refresh_from_db()
        decide(risky(case) if risk else case, A.APPROVED if risk else A.ESCALATED)
        answer = decide(case, A.REJECTED, by=lead())
        standing = standing_of(seller, [case.subject_id], timezone.now())[case.subject_id].why_no_appeal
        assert "answer stands" in standing
        with pytest.raises(AppealHeard):
            review.dispute(seller, answer.pk, "Again.", user=None, now=timezone.now())

    def test_that_overturned_a_leads_answer_is_not_turned_back_by_that_lead(self, seller):
        boss = lead()
        case, verdict = self.rejected(seller, by=boss)
        review.dispute(seller, verdict.pk, "It is our manual.", user=None, now=timezone.now())
        answer = decide(case)
        with pytest.raises(SamePerson):
            deciding.correct(answer.pk, Decision(A.REJECTED, "No."), reviewer=boss, now=timezone.now())
        assert recording.last_answer(case) == answer

    def test_no_approval_is_appealed(self, seller):
        verdict = decide(submit(seller))
        with pytest.raises(NotAppealable):
            review.dispute(seller, verdict.pk, "Please.", user=None, now=timezone.now())

    def test_another_sellers_verdict_is_nobodys(self, seller, rival):
        _, verdict = self.rejected(seller)
        with pytest.raises(Verdict.DoesNotExist):
            review.dispute(rival, verdict.pk, "Please.", user=None, now=timezone.now())

    def test_with_changed_words_is_a_case_of_its_own_for_another_person(self, seller):
        by = reviewer()
        old, verdict = self.rejected(seller, by=by)
        changed = submission(draft("<p>Order {{ order_id }}: <a href='https://amzn.to/4x'>see here</a>.</p>"))
        appeal = review.hand_in_changed(seller, verdict.pk, changed, "", user=None, now=timezone.now())
        assert appeal.case != old
        assert (appeal.case.queue, appeal.case.barred) == (Queue.APPEAL, [by.pk])

    def test_with_clean_words_needs_no_person(self, seller):
        _, verdict = self.rejected(seller)
        appeal = review.hand_in_changed(
            seller, verdict.pk, submission(draft(CLEAN)), "", user=None, now=timezone.now()
        )
        assert appeal.case.approval == "approved"

    def test_the_seller_sees_until_when_and_why_not(self, seller):
        case, verdict = self.rejected(seller)
        now = timezone.now()
        before = standing_of(seller, [case.subject_id], now)[case.subject_id]
        assert (before.verdict, before.why_no_appeal) == (verdict, "")
        review.dispute(seller, verdict.pk, "Please.", user=None, now=now)
        after = standing_of(seller, [case.subject_id], now)[case.subject_id]
        assert after.is_waiting
        assert "appealed before" in after.why_no_appeal


class TestLimits:
    def test_are_named(self, seller):
        with pytest.raises(LimitsMissing):
            decide(submit(seller), A.APPROVED_LIMITED)

    def test_are_within_what_was_submitted(self, seller):
        with pytest.raises(LimitsWrong, match="not meant for FR"):
            decide(submit(seller), A.APPROVED_LIMITED, limits=Limits(("FR",)))

    def test_have_not_passed(self, seller):
        with pytest.raises(LimitsWrong, match="passed"):
            decide(submit(seller), A.APPROVED_LIMITED, limits=Limits(until=timezone.now() - DAY))

    @pytest.mark.parametrize("subject", [Case.Subject.CAMPAIGN, Case.Subject.ONE_OFF])
    def test_are_set_only_where_sending_keeps_to_them(self, seller, subject):
        with pytest.raises(LimitsWrong, match="templates only"):
            decide(submit(seller, subject=subject), A.APPROVED_LIMITED, limits=Limits(("US",), 50))

    def test_come_with_the_verdict(self, seller):
        verdict = decide(submit(seller), A.APPROVED_LIMITED, limits=Limits(("US",), 50))
        assert verdict.is_approval
        assert (verdict.marketplaces, verdict.volume) == (["US"], 50)


class TestReasons:
    def test_are_tied_to_words_and_told_to_the_author(self, seller):
        verdict = decide(
            submit(seller), A.CHANGES_REQUESTED, "", given=[Given(303, "en", "body", 3, 8, "Order")]
        )
        assert "303" in verdict.reason
        assert "“Order”" in verdict.reason
        assert verdict.reasons[0]["end"] == 8

    def test_point_at_words_that_are_there(self, seller):
        case = submit(seller)
        with pytest.raises(SpanWrong):
            decide(case, A.REJECTED, given=[Given(303, "en", "body", 3, 9_999)])
        assert not case.verdicts.exists()


class TestWithoutAPerson:
    def test_a_clean_text_is_approved_at_once(self, seller):
        assert submit(seller, draft(CLEAN)).approval == "approved"

    def test_a_clean_text_of_a_doubted_seller_waits_and_says_why(self, seller):
        review.report_incident(seller, "blocked", reference="m1", at=timezone.now())
        case = submit(seller, draft(CLEAN))
        assert case.status == Case.Status.WAITING
        assert "Amazon blocked" in case.why[-1]

    def test_the_same_text_approved_before_is_approved_at_once(self, seller):
        decide(submit(seller, draft()))
        again = submit(seller, draft())
        assert again.approval == "approved"
        assert "same text was approved" in again.verdicts.get().reason
        assert selectors.accepted_for([again.subject_id])[again.subject_id]

    def test_the_same_text_rejected_before_is_not(self, seller):
        decide(submit(seller, draft()), A.REJECTED)
        assert submit(seller, draft()).status == Case.Status.WAITING

    def test_asking_again_is_no_way_round_an_answer(self, seller):
        """Clean as it is to the rules: a person sent it back, and a person hears that it is here again."""
        first = submit(seller, draft(CLEAN))
        deciding.correct(
            first.verdicts.get().pk, Decision(A.REJECTED, "A miss."), reviewer=lead(), now=timezone.now()
        )
        again = submit(seller, draft(CLEAN))
        assert again.status == Case.Status.WAITING
        assert "This very text was answered" in again.why[0]
        assert submit(seller, draft(CLEAN.replace("can", "may"))).approval == "approved"

    def test_the_same_text_of_another_seller_is_not(self, seller, rival):
        decide(submit(seller, draft()))
        assert submit(rival, draft()).status == Case.Status.WAITING


def test_identical_texts_are_decided_and_undone_together(seller, rival):
    one, other, different = submit(seller, draft()), submit(rival, draft(store_name="Rival")), submit(rival)
    by = reviewer()
    holding.take(one.pk, by)
    verdicts = deciding.decide_alike(
        one.pk, Decision(A.APPROVED), reviewer=by, now=timezone.now(), window=DAY
    )
    assert {v.case_id for v in verdicts} == {one.pk, other.pk}
    from compliance.services import undoing

    undoing.undo(verdicts[0].pk, reviewer=by)
    assert set(Case.objects.filter(status="waiting").values_list("pk", flat=True)) == {
        one.pk,
        other.pk,
        different.pk,
    }


def test_a_live_text_that_a_rule_now_doubts_waits_again_and_keeps_what_was_accepted(seller):
    subject = uuid.uuid4()
    decide(submit(seller, draft(), subject_id=subject))
    assert review.rescan(seller, submission(draft(), subject_id=subject), now=timezone.now()) is None
    changed = submission(
        draft("<p>{{ order_id }}: <a href='https://bit.ly/2'>here</a></p>"), subject_id=subject
    )
    case = review.rescan(seller, changed, now=timezone.now())
    assert (case.queue, case.status) == (Queue.RESCAN, Case.Status.WAITING)


def test_risk_is_what_two_must_see():
    from compliance.engine.types import Finding

    assert recording.is_risky(Finding("r", "R1", Outcome.BLOCK, "m", severity=Severity.ACCOUNT))
    assert recording.is_risky(Finding("r", "R1", Outcome.BLOCK, "m"))
    assert not recording.is_risky(Finding("r", "R1", Outcome.BLOCK, "m", severity=Severity.ADVISE))
    assert not recording.is_risky(Finding("r", "R1", Outcome.REVIEW, "m", severity=Severity.ACCOUNT))
