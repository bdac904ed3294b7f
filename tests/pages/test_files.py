"""Files of texts come back as they were attached, and as nothing that runs."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from campaigns.models import Template, TemplateAttachment
from campaigns.services import attachments
from tests.factories.campaigns import make_campaign, make_message, make_template
from tests.factories.orders import make_order
from tests.pages.conftest import said

WORDS = b"Warranty: two years from the day of delivery."


@pytest.fixture
def kept(owner, settings, tmp_path) -> TemplateAttachment:
    settings.MEDIA_ROOT = tmp_path
    owner.post("template_new", {"name": "Mine", "channel": "relay_email", "purpose": "review_request"})
    template = Template.objects.get()
    file = SimpleUploadedFile("Garantie für Sie.txt", WORDS)
    owner.post("template_attach", {"file": file, "kind": "warranty"}, text=template.public_id)
    return TemplateAttachment.objects.get()


def fetched(user, kept, **named):
    text = kept.version.template.public_id
    answer = user.client.get(user.url("template_file", **{"text": text, "file": kept.pk, **named}))
    connection.set_tenant(user.seller)
    return answer


def test_a_file_is_handed_back_to_be_saved(owner, kept):
    answer = fetched(owner, kept)
    assert answer.content == WORDS
    assert answer["Content-Type"] == "text/plain"
    assert answer["Content-Disposition"].startswith(
        "attachment; filename*=utf-8''Garantie%20f%C3%BCr%20Sie.txt"
    )
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]


def test_what_a_browser_would_run_is_only_bytes(owner, kept):
    TemplateAttachment.objects.update(content_type="text/html", file_name='x".html')
    answer = fetched(owner, kept)
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["Content-Security-Policy"].startswith("sandbox")


def test_who_may_see_the_text_may_have_its_file(viewer, kept):
    assert fetched(viewer, kept).status_code == 200


def test_a_file_is_found_only_under_its_own_text(owner, kept):
    other = make_template(name="Another")
    assert fetched(owner, kept, text=other.public_id).status_code == 404


def test_a_file_that_is_gone_says_what_to_do(owner, kept):
    attachments.path_of(kept).unlink()
    assert "attach it again" in said(fetched(owner, kept))


def test_the_editor_and_the_message_lead_to_the_file(owner, kept):
    template = kept.version.template
    assert f"/files/{kept.pk}/" in owner.get("template_edit", text=template.public_id).text
    message = make_message(make_order(), make_campaign(), state="sent", version=kept.version)
    assert f"/files/{kept.pk}/" in owner.get("message", message=message.public_id).text
