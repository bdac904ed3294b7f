"""Writing texts: starters, the editor with its checker, languages, files, submitting."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.roles import Role
from campaigns.models import Template, TemplateVersion
from campaigns.starters.texts import all_starters
from tests.factories.campaigns import make_template
from tests.pages.conftest import said

GOOD = (
    "About your order {{ order_id }}: you can write a product review on Amazon if you like. {{ store_name }}"
)
BAD = "If you are happy with order {{ order_id }}, leave a 5 star review <strong>now</strong>"


def typed(version: TemplateVersion, *languages: tuple[str, str, str], **more) -> dict[str, object]:
    """The editor's form: each language with its subject and body."""
    data: dict[str, object] = {
        "form-TOTAL_FORMS": len(languages), "form-INITIAL_FORMS": len(languages), "based_on": version.number, **more,
    }  # fmt: skip
    for n, (language, subject, body) in enumerate(languages):
        data |= {f"form-{n}-language": language, f"form-{n}-subject": subject, f"form-{n}-body": body}
    return data


@pytest.fixture
def text(owner) -> Template:
    owner.post("template_new", {"name": "Mine", "channel": "relay_email", "purpose": "review_request"})
    return Template.objects.get()


def newest(text: Template) -> TemplateVersion:
    return text.versions.order_by("-number")[0]


@pytest.mark.parametrize("key", [s.key for s in all_starters()])
def test_every_starter_opens_in_the_editor(owner, key):
    answer = owner.post("template_new", {"name": "From a starter", "starter": key})
    assert "is a draft now" in said(answer)
    page = owner.get("template_edit", text=Template.objects.get().public_id)
    assert page.status_code == 200
    assert "Breaks a rule" not in page.text


def test_a_new_text_names_the_fields_that_are_missing(owner):
    answer = owner.post("template_new", {"name": "", "channel": "messaging"})
    assert answer.status_code == 422
    assert "This field is required." in answer.text
    assert "Choose which of Amazon&#x27;s message types" in answer.text
    assert not Template.objects.exists()


def test_a_draft_keeps_what_was_typed_though_it_breaks_a_rule(owner, text):
    answer = owner.post("template_edit", typed(newest(text), ("en", "Hi", BAD)), text=text.public_id)
    assert "Saved as version 1, a draft." in said(answer)
    page = owner.get("template_edit", text=text.public_id).text
    assert "Breaks a rule" in page
    assert "no-positive-only" in page
    assert "&lt;strong&gt;now" in page
    assert "<strong>now" not in page


def test_a_text_that_breaks_a_rule_is_not_submitted(owner, text):
    answer = owner.post(
        "template_edit", typed(newest(text), ("en", "Hi", BAD), submit="1"), text=text.public_id
    )
    assert "Not submitted." in said(answer)
    assert newest(text).state == "draft"


def test_a_clean_text_is_approved_and_the_page_says_so(owner, text):
    subject = "Order {{ order_id }}"
    answer = owner.post(
        "template_edit",
        typed(newest(text), ("en", subject, f"<p>{GOOD}</p>"), submit="1"),
        text=text.public_id,
    )
    assert "is approved" in said(answer) or "waits for a person" in said(answer)
    assert newest(text).state in {"approved", "in_review"}


def test_saving_an_approved_text_begins_a_version_and_says_what_sends_meanwhile(owner):
    text = make_template()
    answer = owner.post("template_edit", typed(newest(text), ("en", "Hi", GOOD)), text=text.public_id)
    assert "The approved version keeps sending." in said(answer)
    assert newest(text).number == 2
    assert "Version 1 is approved and keeps sending" in owner.get("template_edit", text=text.public_id).text


def test_a_text_somebody_saved_meanwhile_is_not_overwritten(owner, text):
    stale = typed(newest(text), ("en", "Hi", "Mine, typed"), based_on=7)
    answer = owner.post("template_edit", stale, text=text.public_id)
    assert answer.status_code == 409
    assert "Mine, typed" in answer.text
    for nonsense in ("", "x", "9" * 40, "\u0663"):
        changed = {**stale, "based_on": nonsense}
        assert owner.post("template_edit", changed, text=text.public_id).status_code == 409


def test_a_language_is_added_with_the_others_as_typed_and_removed(owner, text):
    both = owner.post(
        "template_edit",
        typed(newest(text), ("en", "Hi", "Half a sen"), add_language="de"),
        text=text.public_id,
    )
    assert "Half a sen" in both.text
    assert "German" in both.text
    saved = typed(newest(text), ("en", "Hi", GOOD), ("de", "Hallo", "Zur Bestellung {{ order_id }}."))
    owner.post("template_edit", saved, text=text.public_id)
    assert set(newest(text).texts.values_list("language", flat=True)) == {"en", "de"}
    owner.post("template_edit", {**saved, "form-0-DELETE": "on"}, text=text.public_id)
    assert set(newest(text).texts.values_list("language", flat=True)) == {"de"}


def test_the_same_language_twice_is_refused(owner, text):
    answer = owner.post(
        "template_edit", typed(newest(text), ("en", "a", "b"), ("en", "c", "d")), text=text.public_id
    )
    assert answer.status_code == 409
    assert "Each language may appear once" in answer.text


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"form-TOTAL_FORMS": "100000", "form-INITIAL_FORMS": "0"},
        {"form-TOTAL_FORMS": "-1", "form-INITIAL_FORMS": "x"},
        {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-language": "xx", "form-0-body": "\0"},
        {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-language": "xx", "add_language": "yy"},
        {
            "form-TOTAL_FORMS": "1",
            "form-INITIAL_FORMS": "1",
            "form-0-language": "en",
            "form-0-body": "x" * 50_000,
        },
        {
            "form-TOTAL_FORMS": "1",
            "form-INITIAL_FORMS": "1",
            "form-0-language": "en",
            "form-0-body": "{% for %}{{ ]]",
        },
    ],
)
def test_a_crafted_form_is_refused_or_kept_as_a_draft_but_never_an_error(owner, text, data):
    answer = owner.post("template_edit", {"based_on": "1", **data}, text=text.public_id)
    assert answer.status_code in {200, 302, 409, 422}
    checked = owner.post("template_check", {"prefix": "form-0", **data}, text=text.public_id)
    assert checked.status_code in {200, 422}


def test_the_checker_answers_as_one_types_with_the_words_marked(owner, text):
    data = {"prefix": "form-0", "form-0-language": "en", "form-0-subject": "Hi", "form-0-body": BAD}
    answer = owner.post("template_check", data, text=text.public_id).text
    assert "no-condition-on-satisfaction" in answer
    assert "<mark" in answer
    assert "&lt;strong&gt;now" in answer
    assert "<strong>now" not in answer
    assert 'id="outcome-form-0"' in answer
    assert newest(text).texts.get().body == ""


def test_a_prefix_with_markup_is_escaped(owner, text):
    prefix = '"><script>alert(1)</script>'
    answer = owner.post(
        "template_check",
        {"prefix": prefix, f"{prefix}-language": "en", f"{prefix}-body": "Hi"},
        text=text.public_id,
    )
    assert "<script>" not in answer.text


def test_a_file_is_attached_and_taken_off_and_a_wrong_one_named(owner, text, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    file = SimpleUploadedFile("<b>note.txt", b"hello there")
    assert "goes with version 1" in said(
        owner.post("template_attach", {"file": file, "kind": "other"}, text=text.public_id)
    )
    [kept] = newest(text).attachments.all()
    page = owner.get("template_edit", text=text.public_id).text
    assert "&lt;b&gt;note.txt" in page
    assert "<b>note" not in page
    assert "taken off" in said(owner.post("template_detach", text=text.public_id, file=kept.pk))
    program = SimpleUploadedFile("evil.exe", b"MZ\x90\x00" * 99)
    wrong = said(owner.post("template_attach", {"file": program, "kind": "other"}, text=text.public_id))
    assert "evil.exe" in wrong
    assert "Nothing was attached." in said(
        owner.post("template_attach", {"kind": "other"}, text=text.public_id)
    )


def test_a_refused_first_file_begins_no_version(owner, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    text = make_template()
    program = SimpleUploadedFile("evil.exe", b"MZ\x90\x00" * 99)
    owner.post("template_attach", {"file": program, "kind": "other"}, text=text.public_id)
    assert newest(text).number == 1


def test_withdrawing_what_does_not_wait_says_so(owner, text):
    assert "does not wait for review" in said(owner.post("template_withdraw", text=text.public_id))


def test_a_viewer_reads_the_text_and_changes_nothing(viewer):
    text = make_template(body="About your order {{ order_id }}: read me")
    page = viewer.get("template_edit", text=text.public_id)
    assert "read me" in page.text
    assert "<button" not in page.text.split("<main")[1]
    assert "hx-post" not in page.text
    assert (
        viewer.post("template_edit", typed(newest(text), ("en", "a", "b")), text=text.public_id).status_code
        == 403
    )
    assert viewer.post("template_submit", text=text.public_id).status_code == 403
    assert viewer.get("template_new").status_code == 403


def test_an_author_writes_and_submits(browse):
    author = browse(Role.SELLER_AUTHOR)
    text = make_template()
    assert "Save and submit" in author.get("template_edit", text=text.public_id).text


def test_the_editor_costs_the_same_for_many_versions(owner, django_assert_max_num_queries):
    text = make_template()
    owner.get("template_edit", text=text.public_id)
    with django_assert_max_num_queries(60) as few:
        owner.get("template_edit", text=text.public_id)
    for n in range(2, 9):
        TemplateVersion.objects.create(template=text, number=n, state="superseded")
    with django_assert_max_num_queries(len(few)):
        owner.get("template_edit", text=text.public_id)


def test_a_rewrite_is_put_in_without_scripts_and_saved_only_when_the_author_saves(owner, text):
    body = f"<p>{GOOD} \U0001f60a</p>"
    page = owner.post(
        "template_edit", typed(newest(text), ("en", "Hi", body), fix="form-0|all"), text=text.public_id
    )
    assert page.status_code == 200
    assert "\U0001f60a" not in page.context["formset"].forms[0]["body"].value()
    assert newest(text).texts.get().body == ""


def test_a_rewrite_of_words_that_are_gone_says_so(owner, text):
    sent = typed(newest(text), ("en", "Hi", GOOD), fix="form-0|no-emoji:body:0:1")
    page = owner.post("template_edit", sent, text=text.public_id)
    assert "nothing was changed" in page.text
    assert page.context["formset"].forms[0]["body"].value() == GOOD


def test_findings_stand_beside_the_words_with_their_rule_and_their_rewrite(owner, text):
    part = owner.post(
        "template_check",
        {**typed(newest(text), ("en", "", f"{GOOD} \U0001f60a")), "prefix": "form-0"},
        text=text.public_id,
    ).text
    assert 'href="/rules/no-emoji/"' in part
    assert 'data-for="id_form-0-body"' in part
    assert 'value="form-0|no-emoji:body:' in part


def test_a_paused_text_says_so_where_its_author_looks(owner, amazon):
    template = make_template()
    TemplateVersion.objects.update(
        state="paused", note="A rule has changed, and the text breaks it now:\nBlue."
    )
    assert "Version 1 is paused" in owner.get("template_edit", text=template.public_id).text
    assert "paused after a rule change" in owner.get("home").text
    assert "Paused" in owner.get("templates").text
