"""What the desk answers reaches the version: approvals with limits, overturned and corrected answers, and the author's mail."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.roles import Role
from campaigns.domain.vocabulary import Channel
from campaigns.errors import StaleEdit
from campaigns.models import Campaign, Template, TemplateVersion
from campaigns.services import appeals, mending, templates, verdicts
from campaigns.services.templates import TextInput
from compliance.desk.reasons import Given
from compliance.errors import AppealedAlready, AppealTooLate, AppealWithoutWords, NotAppealable
from compliance.models import Case, Verdict
from compliance.services import deciding, holding
from compliance.services.deciding import Decision
from compliance.services.recording import Limits
from tests.accounts.makers import make_member
from tests.compliance.desk.makers import lead, reviewer
from tests.factories.campaigns import make_campaign

A, V = Verdict.Answer, TemplateVersion.State
BODY = (
    '<p>About order {{ order_id }}. The page is <a href="https://amzn.to/3xyzabc">here</a>.</p>'
    "<p>You can review it on Amazon. Do tell.</p>"
)


@pytest.fixture
def author(seller):
    return make_member(Role.SELLER_AUTHOR, seller)


@pytest.fixture
def text(author) -> Template:
    made = templates.create(
        "Ask",
        channel=Channel.RELAY_EMAIL,
        purpose="review_request",
        texts=[TextInput("en", "Order {{ order_id }}", BODY, "html")],
        user=author,
    )
    hand_in(made)
    return made


def hand_in(text: Template) -> Case:
    return templates.submit(templates.newest_version(text), user=None, now=timezone.now())


def newest(text: Template) -> TemplateVersion:
    return templates.newest_version(text)


def waiting(text: Template) -> Case:
    return Case.objects.filter(series_id=text.public_id, status=Case.Status.WAITING).latest("pk")


def answer(text: Template, answer: Verdict.Answer, *, by=None, words="Because.", **more) -> Verdict:
    by, case = by or reviewer(), waiting(text)
    holding.take(case.pk, by)
    told = deciding.decide(case.pk, Decision(answer, words, **more), reviewer=by, now=timezone.now())
    verdicts.read_verdicts(timezone.now())
    text.refresh_from_db()
    return told


def test_the_limits_of_an_approval_stand_on_the_version(text):
    until = timezone.now() + timedelta(days=9)
    answer(text, A.APPROVED_LIMITED, limits=Limits(volume=200, until=until))
    assert text.approved == newest(text)
    assert (text.approved.limit_volume, text.approved.limit_until) == (200, until)
    assert "200 messages at most" in verdicts.limit_words(text.approved)


def test_a_persons_answer_reaches_the_author_by_mail(
    text, author, mailoutbox, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        answer(text, A.CHANGES_REQUESTED, words="Leave the short link out.")
    [mail] = mailoutbox
    assert mail.to == [author.email]
    assert "changes requested" in mail.subject
    assert "Leave the short link out." in mail.body


def test_an_answer_is_applied_once(text):
    answer(text, A.REJECTED)
    assert verdicts.read_verdicts(timezone.now()) == 0


def test_an_appeal_that_another_person_grants_lets_the_rejected_version_send(text):
    answer(text, A.REJECTED)
    appeals.dispute_text(text, "It is the product's own page.", user=None, now=timezone.now())
    assert newest(text).state == V.REJECTED, "nothing changes before it is heard"
    answer(text, A.APPROVED)
    assert newest(text).state == V.APPROVED
    assert text.approved == newest(text)


def test_who_decided_does_not_hear_the_appeal(text):
    first = reviewer()
    answer(text, A.REJECTED, by=first)
    appeals.dispute_text(text, "Look again.", user=None, now=timezone.now())
    with pytest.raises(Exception, match="another person has to"):
        answer(text, A.REJECTED, by=first)


def test_an_appeal_is_refused_twice_too_late_without_words_and_before_any_answer(text):
    now = timezone.now()
    with pytest.raises(appeals.NothingDecided):
        appeals.dispute_text(text, "Why?", user=None, now=now)
    answer(text, A.REJECTED)
    with pytest.raises(AppealWithoutWords):
        appeals.dispute_text(text, " ", user=None, now=timezone.now())
    with pytest.raises(AppealTooLate):
        appeals.dispute_text(text, "Why?", user=None, now=timezone.now() + timedelta(days=15))
    appeals.dispute_text(text, "Why?", user=None, now=timezone.now())
    with pytest.raises((AppealedAlready, NotAppealable)):
        appeals.dispute_text(text, "Why?", user=None, now=timezone.now())


def test_a_changed_text_appeals_as_a_version_of_its_own(text):
    answer(text, A.REJECTED)
    with pytest.raises(appeals.NothingChanged):
        appeals.submit_changed(text, "", user=None, now=timezone.now())
    changed = TextInput("en", "Order {{ order_id }}", BODY.replace("Do tell.", "Any opinion helps."), "html")
    templates.save_draft(text, [changed], based_on=1, user=None)
    appeals.submit_changed(text, "I took the nudge out.", user=None, now=timezone.now())
    assert newest(text).number == 2
    assert waiting(text).queue == "appeal"


def test_a_corrected_approval_stops_sending(text):
    told = answer(text, A.APPROVED)
    assert text.approved
    deciding.correct(
        told.pk, Decision(A.REJECTED, "A short link hides."), reviewer=lead(), now=timezone.now()
    )
    verdicts.read_verdicts(timezone.now())
    text.refresh_from_db()
    assert text.approved is None
    assert newest(text).state == V.REJECTED


def test_one_click_leaves_the_marked_sentence_out_and_says_so(text):
    at = BODY.index("Do tell.")
    marked = Given(301, "en", "body", at, at + 7, "Do tell")
    answer(text, A.CHANGES_REQUESTED, words="", given=[marked])
    version, done = mending.mend(text, based_on=1, marked=[marked], user=None)
    assert "Do tell" not in version.texts.get().body
    assert "“Do tell” was left out" in done.changes[0]
    assert version.state == V.DRAFT


def test_mending_refuses_what_it_cannot_mend_and_what_changed_meanwhile(text):
    answer(text, A.CHANGES_REQUESTED)
    with pytest.raises(mending.NothingToMend):
        mending.mend(text, based_on=1, user=None)
    at = BODY.index("Do tell.")
    with pytest.raises(StaleEdit):
        mending.mend(text, based_on=0, marked=[Given(301, "en", "body", at, at + 7, "Do tell")], user=None)


def test_marked_words_that_moved_since_are_left_alone(text):
    answer(text, A.CHANGES_REQUESTED)
    with pytest.raises(mending.NothingToMend):
        mending.mend(text, based_on=1, marked=[Given(301, "en", "body", 3, 9, "Do tell")], user=None)


def test_targeting_can_be_disputed_and_the_campaign_waits_again(seller):
    campaign = make_campaign(state=Campaign.State.DRAFT)
    with pytest.raises(appeals.NothingDecided):
        appeals.dispute_targeting(campaign, "Why?", user=None, now=timezone.now())
