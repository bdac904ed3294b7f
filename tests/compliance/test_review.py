"""Cases and verdicts: submitted, decided once, on the record, and what was accepted is remembered."""

import uuid

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import AuditEntry, SellerDue
from compliance import policy, selectors
from compliance.drafts import content_hash, draft_from_json, draft_to_json, finding_from_json, finding_to_json
from compliance.engine.types import Attachment, Condition, Draft, Outcome, Targeting
from compliance.errors import AlreadyDecided, NotSubmittable, ReasonMissing
from compliance.models import AcceptedFinding, Case, Check, Verdict
from compliance.services import checks, review

NOW = timezone.now()
DOUBTFUL = '<p>Order {{ order_id }}: the page is <a href="https://amzn.to/3xyzabc">here</a>.</p>'


def draft(body: str = DOUBTFUL, **fields: object) -> Draft:
    given = {
        "medium": "relay_email",
        "purpose": "review_request",
        "body": body,
        "body_format": "html",
        "language": "en",
        "marketplace": "US",
        "stage": "template",
    }
    return Draft(**{**given, "subject": "Order {{ order_id }}", **fields})  # type: ignore[arg-type]


def submit(seller, *drafts: Draft, subject_id: uuid.UUID | None = None) -> Case:
    submission = review.Submission(
        Case.Subject.TEMPLATE_VERSION, subject_id or uuid.uuid4(), "Ask v1", drafts or (draft(),)
    )
    return review.submit(seller, submission, user=None, now=NOW)


def approve(case: Case) -> Verdict:
    return review.decide(case.pk, Verdict.Answer.APPROVED, reviewer=None, reason="", now=NOW)


def test_a_doubtful_text_waits_with_its_snapshot(seller):
    case = submit(seller)
    assert case.status == Case.Status.WAITING
    assert draft_from_json(case.snapshot[0]["draft"]) == draft()
    assert [f.rule for f in review.holding_findings(case)] == ["link-external"]


def test_a_text_that_breaks_a_rule_is_refused_and_leaves_nothing(seller):
    with pytest.raises(NotSubmittable) as refused:
        submit(seller, draft("<p>Order {{ order_id }}. Get a $10 gift card for your 5-star review.</p>"))
    assert refused.value.findings
    assert not Case.objects.exists()


def test_one_blocked_language_refuses_the_whole_submission(seller):
    with pytest.raises(NotSubmittable):
        submit(
            seller,
            draft(),
            draft(
                "<p>Order {{ order_id }}. Get a $10 gift card for your 5-star review.</p>", language="en-GB"
            ),
        )
    assert not Case.objects.exists()


def test_a_new_submission_of_the_same_subject_withdraws_the_waiting_one(seller):
    subject = uuid.uuid4()
    first, second = submit(seller, subject_id=subject), submit(seller, subject_id=subject)
    first.refresh_from_db()
    assert (first.status, second.status) == (Case.Status.WITHDRAWN, Case.Status.WAITING)


def test_an_approval_accepts_what_held_the_text(seller):
    case = submit(seller)
    approve(case)
    accepted = selectors.accepted_for([case.subject_id])[case.subject_id]
    assert policy.judge(checks.check(seller.pk, draft()).findings, accepted).outcome <= Outcome.ADVICE


def test_what_was_accepted_on_one_text_counts_on_no_other(seller):
    approve(submit(seller))
    assert selectors.accepted_for([other := uuid.uuid4()])[other] == []


def test_a_case_is_decided_once(seller):
    case = submit(seller)
    approve(case)
    with pytest.raises(AlreadyDecided, match="decided meanwhile"):
        review.decide(case.pk, Verdict.Answer.REJECTED, reviewer=None, reason="no", now=NOW)
    assert case.verdicts.count() == 1


@pytest.mark.parametrize("answer", [Verdict.Answer.REJECTED, Verdict.Answer.CHANGES_REQUESTED])
def test_sending_back_needs_a_reason(seller, answer):
    case = submit(seller)
    with pytest.raises(ReasonMissing):
        review.decide(case.pk, answer, reviewer=None, reason="  ", now=NOW)
    case.refresh_from_db()
    assert case.status == Case.Status.WAITING


def test_a_rejection_accepts_nothing(seller):
    case = submit(seller)
    review.decide(
        case.pk, Verdict.Answer.REJECTED, reviewer=None, reason="The link hides where it goes.", now=NOW
    )
    assert not AcceptedFinding.objects.exists()
    assert (
        selectors.latest_verdicts(seller, [case.subject_id])[case.subject_id].answer
        == Verdict.Answer.REJECTED
    )


def test_a_subject_whose_newest_case_waits_has_no_verdict_yet(seller):
    subject = uuid.uuid4()
    approve(submit(seller, subject_id=subject))
    submit(seller, draft(DOUBTFUL.replace("page", "site")), subject_id=subject)
    assert selectors.latest_verdicts(seller, [subject]) == {}


def test_a_verdict_tells_the_seller_by_the_due_index_and_the_record(seller):
    approve(submit(seller))
    assert SellerDue.objects.filter(seller=seller, kind="cases.decided", due_at__isnull=False).exists()
    assert AuditEntry.objects.filter(seller=seller, action="case.approved").exists()


def test_the_same_text_is_judged_once_per_rule_pack(seller):
    first, second = checks.check(seller.pk, draft()), checks.check(seller.pk, draft())
    assert first.check_id == second.check_id
    assert Check.objects.count() == 1
    assert second.findings == first.findings


def test_the_oldest_case_comes_first(seller):
    older, newer = submit(seller), submit(seller)
    Case.objects.filter(pk=older.pk).update(submitted_at=NOW - timezone.timedelta(hours=1))
    assert [c.pk for c in selectors.waiting_cases()] == [older.pk, newer.pk]


def test_a_draft_survives_being_frozen():
    targeting = Targeting("delivered", 192, (Condition("asin", "is", ("B0",)),), (), "note")
    one = draft(
        attachments=(Attachment("a.pdf", "application/pdf", 9),), targeting=targeting, product_titles=("x",)
    )
    assert draft_from_json(draft_to_json(one)) == one
    assert content_hash(one) != content_hash(draft())


def test_a_finding_survives_being_stored(seller):
    for finding in checks.check(seller.pk, draft()).findings:
        assert finding_from_json(finding_to_json(finding)) == finding


class TestFromTheCommandLine:
    def test_waiting_cases_are_listed(self, seller, capsys):
        case = submit(seller)
        call_command("decide")
        assert str(case.public_id)[:8] in capsys.readouterr().out

    def test_a_case_is_decided_by_the_beginning_of_its_id(self, seller, capsys):
        case = submit(seller)
        call_command("decide", str(case.public_id)[:8], "approve")
        case.refresh_from_db()
        assert case.status == Case.Status.DECIDED

    def test_a_rejection_without_a_reason_is_refused_in_words(self, seller):
        case = submit(seller)
        with pytest.raises(CommandError, match="Say why"):
            call_command("decide", str(case.public_id), "reject")

    def test_an_unknown_case_says_where_to_look(self, seller):
        with pytest.raises(CommandError, match="lists those that wait"):
            call_command("decide", "ffffffff", "approve")
