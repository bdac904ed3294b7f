"""Writing, freezing and submitting texts."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import AuditEntry
from campaigns.domain.vocabulary import Channel
from campaigns.errors import AttachmentRefused, AuthoringError, NotEditable, StaleEdit, TextFaulty
from campaigns.models import Template, TemplateVersion
from campaigns.services import attachments, templates, verdicts
from campaigns.services.templates import TextInput
from campaigns.tasks import review as review_task
from compliance.errors import NotSubmittable
from compliance.models import Case, Verdict
from compliance.services import review
from tests.factories.campaigns import make_mail_campaign, make_message
from tests.factories.orders import make_order

V = TemplateVersion.State
CLEAN = TextInput(
    "en",
    "About order {{ order_id }}",
    '<p>Order {{ order_id }}: if you have time, you can <a href="{{ review_url }}">write a review</a>.</p>',
    "html",
)
DOUBTFUL = TextInput(
    "en",
    "About order {{ order_id }}",
    '<p>Order {{ order_id }}: the page is <a href="https://amzn.to/3xyzabc">here</a>.</p>',
    "html",
)
BLOCKED = TextInput(
    "en",
    "About order {{ order_id }}",
    "<p>Order {{ order_id }}: leave 5 stars and we refund 10 dollars!</p>",
    "html",
)


def make(*texts: TextInput) -> Template:
    return templates.create(
        "Ask", channel=Channel.RELAY_EMAIL, purpose="review_request", texts=texts, user=None
    )


def submit(template: Template) -> Case:
    return templates.submit(templates.newest_version(template), user=None, now=timezone.now())


def test_a_clean_text_is_approved_at_once_and_sends(seller):
    template = make(CLEAN)
    case = submit(template)
    template.refresh_from_db()
    assert case.verdicts.get().reviewer is None
    assert template.approved == templates.newest_version(template)
    assert template.approved.state == V.APPROVED
    assert template.approved.content_hash


def test_a_doubtful_text_waits_and_the_approved_one_keeps_sending(seller):
    template = make(CLEAN)
    submit(template)
    templates.save_draft(template, [DOUBTFUL], based_on=1, user=None)
    submit(template)
    template.refresh_from_db()
    assert templates.newest_version(template).state == V.IN_REVIEW
    assert template.approved.number == 1


def test_a_person_approves_what_waited(seller):
    template = make(DOUBTFUL)
    case = submit(template)
    review.decide(case.pk, Verdict.Answer.APPROVED, reviewer=None, reason="", now=timezone.now())
    assert verdicts.read_verdicts(timezone.now()) == 1
    template.refresh_from_db()
    assert template.approved.number == 1
    assert verdicts.read_verdicts(timezone.now()) == 0


def test_a_later_approval_supersedes_the_earlier(seller):
    template = make(CLEAN)
    submit(template)
    templates.save_draft(template, [CLEAN], based_on=1, user=None)
    submit(template)
    assert [v.state for v in template.versions.order_by("number")] == [V.SUPERSEDED, V.APPROVED]


def test_a_text_that_breaks_a_rule_stays_a_draft_and_opens_no_case(seller):
    template = make(BLOCKED)
    with pytest.raises(NotSubmittable, match="Change the marked words"):
        submit(template)
    assert templates.newest_version(template).state == V.DRAFT
    assert not Case.objects.filter(seller=seller).exists()


def test_a_faulty_placeholder_is_kept_in_the_draft_and_refused_at_submission(seller):
    template = make(TextInput("en", "", "{{ nonsense }}", "html"))
    with pytest.raises(TextFaulty, match="nonsense"):
        submit(template)
    assert templates.newest_version(template).texts.get().body == "{{ nonsense }}"


def test_an_edit_of_a_frozen_version_makes_a_new_one(seller):
    template = make(CLEAN)
    submit(template)
    version = templates.save_draft(template, [DOUBTFUL], based_on=1, user=None)
    assert version.number == 2
    assert template.versions.get(number=1).texts.get().body == CLEAN.body


def test_a_save_over_somebody_elses_is_refused(seller):
    template = make(CLEAN)
    submit(template)
    templates.save_draft(template, [CLEAN], based_on=1, user=None)
    with pytest.raises(StaleEdit):
        templates.save_draft(template, [DOUBTFUL], based_on=1, user=None)


def test_a_language_twice_is_refused_whole(seller):
    template = make(CLEAN)
    with pytest.raises(AuthoringError, match="once"):
        templates.save_draft(template, [CLEAN, CLEAN], based_on=1, user=None)
    assert templates.newest_version(template).texts.count() == 1


def test_a_withdrawn_version_is_a_draft_again_and_its_case_is_off_the_queue(seller):
    template = make(DOUBTFUL)
    case = submit(template)
    templates.withdraw(templates.newest_version(template), now=timezone.now())
    case.refresh_from_db()
    assert case.status == Case.Status.WITHDRAWN
    assert templates.newest_version(template).state == V.DRAFT


def test_an_approved_version_cannot_be_submitted_again(seller):
    template = make(CLEAN)
    submit(template)
    with pytest.raises(NotEditable):
        submit(template)


def test_submitting_is_on_the_record(seller):
    submit(make(DOUBTFUL))
    assert AuditEntry.objects.filter(seller=seller, action="case.submitted").exists()


def test_solicitations_have_no_text(seller):
    with pytest.raises(AuthoringError, match="Amazon writes"):
        templates.create("x", channel=Channel.SOLICITATION, purpose="review_request", texts=[], user=None)


PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def test_a_file_is_known_by_its_bytes(seller, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    version = templates.newest_version(make(CLEAN))
    kept = attachments.add(version, SimpleUploadedFile("papers.pdf", PDF), kind="warranty")
    assert kept.content_type == "application/pdf"
    assert attachments.path_of(kept).read_bytes() == PDF


@pytest.mark.parametrize(
    ("name", "content", "kind", "words"),
    [
        ("papers.pdf", b"MZ\x90\x00not a pdf", "warranty", "not the kind of file"),
        ("page.html", b"<html>", "other", "only"),
        ("papers.pdf", PDF, "poster", "no kind of attachment"),
        ("notes.txt", b"a\0b", "other", "not the kind of file"),
    ],
)
def test_a_file_that_cannot_go_is_refused_by_name(seller, settings, tmp_path, name, content, kind, words):
    settings.MEDIA_ROOT = tmp_path
    version = templates.newest_version(make(CLEAN))
    with pytest.raises(AttachmentRefused, match=words):
        attachments.add(version, SimpleUploadedFile(name, content), kind=kind)
    assert not version.attachments.exists()


def test_files_go_on_with_the_next_version(seller, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    template = make(CLEAN)
    attachments.add(templates.newest_version(template), SimpleUploadedFile("a.pdf", PDF), kind="warranty")
    submit(template)
    version = templates.save_draft(template, [CLEAN], based_on=1, user=None)
    assert version.attachments.get().file_name == "a.pdf"


def test_an_approval_gives_blocked_messages_another_look(seller):
    template = make(CLEAN)
    submit(template)
    campaign = make_mail_campaign(template=template)
    message = make_message(make_order(), campaign, state="blocked", reason="text_blocked")
    templates.save_draft(template, [CLEAN], based_on=1, user=None)
    submit(template)
    message.refresh_from_db()
    assert message.state == "planned"


def test_what_waited_for_a_verdict_is_looked_at_as_soon_as_it_is_read(seller):
    message = make_message(make_order(), make_mail_campaign(), state="held", reason="text_needs_review")
    review_task._read(seller)
    message.refresh_from_db()
    assert message.state == "planned"
