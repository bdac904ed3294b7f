"""The author's view of the desk: status and expected time, reasons on the words, mending, appeal."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.domain.vocabulary import Channel
from campaigns.models import Template, TemplateVersion
from campaigns.services import templates, verdicts
from campaigns.services.templates import TextInput
from compliance.desk.reasons import Given
from compliance.models import Appeal, Case, Verdict
from compliance.services import deciding, holding
from compliance.services.deciding import Decision
from tests.compliance.desk.makers import reviewer
from tests.pages.conftest import said

A = Verdict.Answer
BODY = (
    '<p>About order {{ order_id }}. The page is <a href="https://amzn.to/3xyzabc">here</a>.</p>'
    "<p>You can review it on Amazon. Do tell.</p>"
)


@pytest.fixture
def text(owner) -> Template:
    made = templates.create(
        "Ask",
        channel=Channel.RELAY_EMAIL,
        purpose="review_request",
        texts=[TextInput("en", "Order {{ order_id }}", BODY, "html")],
        user=owner.user,
    )
    templates.submit(templates.newest_version(made), user=owner.user, now=timezone.now())
    return made


def answer(text: Template, answer: Verdict.Answer, words: str = "", *given: Given) -> None:
    by = reviewer()
    case = Case.objects.filter(series_id=text.public_id, status=Case.Status.WAITING).latest("pk")
    holding.take(case.pk, by)
    deciding.decide(case.pk, Decision(answer, words, given=given), reviewer=by, now=timezone.now())
    verdicts.read_verdicts(timezone.now())


def nudge() -> Given:
    at = BODY.index("Do tell.")
    return Given(301, "en", "body", at, at + 7, "Do tell")


def test_a_waiting_text_says_who_looks_and_until_when(owner, text):
    page = owner.get("template_edit", text=text.public_id).text
    assert "Version 1: waiting for a person" in page
    assert "Expected by" in page


def test_changes_asked_for_show_the_reason_the_words_and_one_click_that_mends(owner, text):
    answer(text, A.CHANGES_REQUESTED, "Please.", nudge())
    page = owner.get("template_edit", text=text.public_id).text
    assert "changes requested" in page
    assert "Do tell</mark>" in page
    assert "reason 301" in page
    assert "Fix and resubmit" in page


def test_fix_and_resubmit_hands_the_mended_text_in(owner, text):
    answer(text, A.CHANGES_REQUESTED, "", nudge())
    done = owner.post("template_mend", {"based_on": 1, "submit": "1"}, text=text.public_id)
    assert "Mended, as version 2." in said(done)
    newest = templates.newest_version(text)
    assert newest.state in {"in_review", "approved"}
    assert "Do tell" not in newest.texts.get().body


def test_mending_what_somebody_saved_meanwhile_changes_nothing(owner, text):
    answer(text, A.CHANGES_REQUESTED, "", nudge())
    done = owner.post("template_mend", {"based_on": 7}, text=text.public_id)
    assert "was saved meanwhile" in said(done)
    assert templates.newest_version(text).number == 1


def test_an_appeal_keeps_what_was_typed_and_says_what_is_missing(owner, text):
    answer(text, A.REJECTED, "A short link.")
    page = owner.get("template_appeal", text=text.public_id)
    assert "A short link." in page.text
    refused = owner.post("template_appeal", {"kind": "dispute", "words": " "}, text=text.public_id)
    assert refused.status_code == 422
    assert "why it is permitted" in refused.text
    done = owner.post("template_appeal", {"kind": "dispute", "words": "It is ours."}, text=text.public_id)
    assert "Another person" in said(done)
    assert Appeal.objects.get().words == "It is ours."
    page = owner.get("template_edit", text=text.public_id).text
    assert "Your appeal waits" in page
    again = owner.post("template_appeal", {"kind": "dispute", "words": "Again."}, text=text.public_id)
    assert again.status_code == 422
    assert Appeal.objects.count() == 1


def test_a_text_without_an_answer_cannot_be_appealed(owner, text):
    done = owner.get("template_appeal", text=text.public_id)
    assert "no answer to appeal" in said(done)


def test_who_only_looks_sees_the_answer_and_no_buttons(owner, viewer, text):
    answer(text, A.CHANGES_REQUESTED, "", nudge())
    page = viewer.get("template_edit", text=text.public_id).text
    assert "changes requested" in page
    assert "Fix and resubmit" not in page
    assert viewer.post("template_mend", {"based_on": 1}, text=text.public_id).status_code == 403


def test_a_draft_after_an_answer_still_shows_what_was_said_of_the_version_before(owner, text):
    answer(text, A.REJECTED, "A short link.")
    templates.save_draft(text, [TextInput("en", "S", BODY, "html")], based_on=1, user=None)
    page = owner.get("template_edit", text=text.public_id).text
    assert "Version 1: rejected" in page
    assert "A short link." in page


def test_an_answer_that_is_late_says_so(owner, text):
    Case.objects.update(due_at=timezone.now() - timedelta(hours=1))
    page = owner.get("template_edit", text=text.public_id).text
    assert "it takes longer" in page


def test_words_with_one_reason_are_told_together(owner, text):
    also = Given(301, "en", "body", 3, 8, BODY[3:8])
    answer(text, A.CHANGES_REQUESTED, "", nudge(), also)
    page = owner.get("template_edit", text=text.public_id).text
    assert page.count("reason 301") == 1
    assert f"{BODY[3:8]}</mark>" in page


def test_what_a_reviewer_accepted_is_no_doubt_of_that_version_any_more(owner, text):
    assert "A person will look" in owner.get("template_edit", text=text.public_id).text
    answer(text, A.APPROVED)
    assert "A person will look" not in owner.get("template_edit", text=text.public_id).text


class TestPace:
    @pytest.fixture
    def version(self, text, settings) -> TemplateVersion:
        settings.RAMP_EVERY = timedelta(minutes=15)
        answer(text, A.APPROVED)
        return templates.newest_version(text)

    def shown(self, owner, version, **fields) -> str:
        TemplateVersion.objects.filter(pk=version.pk).update(**fields)
        return owner.get("template_edit", text=version.template.public_id).text

    def test_a_new_version_says_that_it_goes_slowly(self, owner, version):
        assert "Its first 50 messages go out 10 every 15 minutes" in self.shown(owner, version)

    def test_a_version_on_its_ramp_says_when_the_next_may_go(self, owner, version):
        page = self.shown(owner, version, sends=20, first_sent_at=timezone.now() - timedelta(minutes=16))
        assert "20 of its first 50 messages went" in page
        assert "The next may go at" in page

    def test_a_version_past_its_ramp_says_nothing(self, owner, version):
        assert "goes out slowly" not in self.shown(owner, version, sends=50, first_sent_at=timezone.now())

    def test_a_limit_says_how_much_of_it_is_used(self, owner, version):
        page = self.shown(owner, version, sends=60, limit_volume=200)
        assert "200 messages at most. 60 so far." in page

    def test_a_limit_that_is_reached_says_what_to_do(self, owner, version):
        page = self.shown(owner, version, sends=200, limit_volume=200)
        assert "has reached its limit" in page
        assert "submit a new version" in page

    def test_a_rest_says_why_and_can_be_ended_here_and_is_on_the_first_page(self, owner, version):
        until = timezone.now() + timedelta(hours=3)
        page = self.shown(owner, version, paused_until=until, pause_note="Amazon refused 4 of 9.")
        assert "Amazon refused 4 of 9." in page
        assert "Go on now" in page
        assert "Ask rests until" in owner.get("home").text
        done = owner.post("template_resume", text=version.template.public_id)
        assert "It goes on now." in said(done)


def test_an_appealed_text_needs_nobody_here(owner, text):
    answer(text, A.REJECTED, "A short link.")
    assert "Ask: rejected" in owner.get("home").text
    owner.post("template_appeal", {"kind": "dispute", "words": "It is ours."}, text=text.public_id)
    assert "Ask: rejected" not in owner.get("home").text
