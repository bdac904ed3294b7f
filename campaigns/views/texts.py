"""Texts: the list, the editor with the checker beside it, submitting, files."""

import uuid
from collections.abc import Collection
from typing import Any, cast

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import requires
from accounts.forms import posted
from accounts.models import User
from accounts.paging import page_of, searched
from accounts.roles import Permission
from amazon import messaging as amazon
from campaigns.domain import placeholders
from campaigns.domain.vocabulary import Channel
from campaigns.errors import AuthoringError
from campaigns.forms.texts import (
    LANGUAGES,
    AttachmentForm,
    NewTemplateForm,
    TextForm,
    TextFormSet,
    body_format_of,
)
from campaigns.models import Template, TemplateAttachment, TemplateVersion
from campaigns.services import appeals, attachments, mending, templates
from campaigns.services.templates import TextInput
from campaigns.starters.texts import starter
from campaigns.views.appeals import reviewers_marks
from campaigns.views.pace import pace_of
from campaigns.views.standing import told
from compliance import selectors as reviews
from compliance.errors import NotSubmittable
from compliance.policy import Accepted

V = TemplateVersion.State


@require_GET
@requires(Permission.VIEW)
def list_texts(request: HttpRequest) -> HttpResponse:
    wanted = searched(request.GET, "q")["q"]
    rows = Template.objects.filter(archived_at__isnull=True).annotate(
        language_count=Count("approved__texts", distinct=True)
    )
    rows = rows.select_related("approved").prefetch_related("versions", "campaigns")
    if wanted:
        rows = rows.filter(Q(name__icontains=wanted) | Q(versions__texts__body__icontains=wanted)).distinct()
    return render(
        request, "campaigns/texts.html", {"page": page_of(rows, "created_at", request.GET), "wanted": wanted}
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.WRITE)
def new_text(request: HttpRequest) -> HttpResponse:
    form = NewTemplateForm(posted(request), initial={"starter": request.GET.get("starter", "")})
    if request.method == "POST" and form.is_valid():
        template = _create(form.cleaned_data, _user(request))
        messages.success(
            request,
            f"“{template.name}” is a draft now. Nothing is sent before you submit it and it is approved.",
        )
        return _to_editor(request, template)
    return render(request, "campaigns/text_new.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires(Permission.VIEW, write=Permission.WRITE)
def edit_text(request: HttpRequest, text: uuid.UUID) -> HttpResponse:
    template = _find(text)
    newest = templates.newest_version(template)
    if request.method == "GET":
        return _editor(request, template, newest, TextFormSet(initial=_initial(newest)))
    formset = TextFormSet(request.POST)
    if wanted := request.POST.get("fix"):
        return _editor(request, template, newest, _mended(request, template, formset, wanted))
    if added := request.POST.get("add_language"):
        return _editor(request, template, newest, _with_language(formset, added))
    if not formset.is_valid():
        return _editor(request, template, newest, formset, status=422)
    return _save(request, template, newest, formset)


@require_POST
@requires(Permission.WRITE)
def check_text(request: HttpRequest, text: uuid.UUID) -> HttpResponse:
    """The checker's answer to one language as typed, swapped in by htmx."""
    template = _find(text)
    prefix = request.POST.get("prefix", "form-0")
    form = TextForm(request.POST, prefix=prefix)
    if not form.is_valid():
        return render(request, "campaigns/_answer.html", {"form": form}, status=422)
    typed = form.as_input(template)
    context = {
        **_answer(template, typed),
        "prefix": prefix,
        "is_swap": True,
        "carries_words": _carries_words(template),
    }
    return render(request, "campaigns/_answer.html", context)


@require_POST
@requires(Permission.WRITE)
def submit_text(request: HttpRequest, text: uuid.UUID) -> HttpResponse:
    template = _find(text)
    try:
        templates.submit(templates.newest_version(template), user=_user(request), now=timezone.now())
    except (AuthoringError, NotSubmittable) as error:
        messages.error(request, f"Not submitted. {error}")
        return _to_editor(request, template)
    messages.success(request, _submitted_words(templates.newest_version(template)))
    return _to_editor(request, template)


@require_POST
@requires(Permission.WRITE)
def withdraw_text(request: HttpRequest, text: uuid.UUID) -> HttpResponse:
    template = _find(text)
    try:
        templates.withdraw(templates.newest_version(template), now=timezone.now())
        messages.success(request, "Taken back from review; it is a draft again.")
    except AuthoringError as error:
        messages.error(request, str(error))
    return _to_editor(request, template)


@require_POST
@requires(Permission.WRITE)
def attach_file(request: HttpRequest, text: uuid.UUID) -> HttpResponse:
    template = _find(text)
    form = AttachmentForm(request.POST, request.FILES)
    try:
        if form.is_valid():
            kept = _attach(template, form.cleaned_data, _user(request))
            messages.success(
                request, f"{kept.file_name} goes with version {kept.version.number} from now on."
            )
        else:
            problems = [str(error) for errors in form.errors.values() for error in errors]
            messages.error(request, f"Nothing was attached. {' '.join(problems)}")
    except AuthoringError as error:
        messages.error(request, str(error))
    return _to_editor(request, template)


@require_POST
@requires(Permission.WRITE)
def detach_file(request: HttpRequest, text: uuid.UUID, file: int) -> HttpResponse:
    template = _find(text)
    try:
        attachments.remove(get_object_or_404(templates.newest_version(template).attachments, pk=file))
        messages.success(request, "The file was taken off.")
    except AuthoringError as error:
        messages.error(request, str(error))
    return _to_editor(request, template)


@transaction.atomic
def _attach(template: Template, data: dict[str, Any], user: User) -> TemplateAttachment:
    """Both or nothing: a refused file begins no version."""
    return attachments.add(templates.open_draft(template, user=user), data["file"], kind=data["kind"])


def _save(request: HttpRequest, template: Template, newest: TemplateVersion, formset: Any) -> HttpResponse:
    kept = [form for form in formset.forms if not form.cleaned_data.get("DELETE")]
    try:
        version = templates.save_draft(
            template,
            [form.as_input(template) for form in kept],
            based_on=_number(request.POST.get("based_on", "")),
            user=_user(request),
        )
    except AuthoringError as error:
        messages.error(request, str(error))
        return _editor(request, template, newest, formset, status=409)
    if "submit" in request.POST:
        return submit_text(request, text=template.public_id)
    meanwhile = (
        " The approved version keeps sending." if template.approved_id else " Submit it when it is ready."
    )
    messages.success(request, f"Saved as version {version.number}, a draft.{meanwhile}")
    return _to_editor(request, template)


def _number(text: str) -> int:
    """0 for what is none: no version has it, so that the save is refused as a stale one."""
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _create(data: dict[str, Any], user: User) -> Template:
    if data["starter"]:
        begun = starter(data["starter"])
        texts = [
            TextInput(lang, subject, body, begun.body_format) for lang, (subject, body) in begun.texts.items()
        ]
        return templates.create(
            data["name"],
            channel=Channel(begun.channel),
            purpose=begun.purpose,
            texts=texts,
            user=user,
            message_type=begun.message_type,
        )
    empty = [TextInput("en", "", "", "html" if data["channel"] == Channel.RELAY_EMAIL else "text")]
    return templates.create(
        data["name"],
        channel=Channel(data["channel"]),
        purpose=data["purpose"],
        texts=empty,
        user=user,
        message_type=data["message_type"],
    )


def _editor(
    request: HttpRequest, template: Template, newest: TemplateVersion, formset: Any, status: int = 200
) -> HttpResponse:
    used = {form["language"].value() for form in formset.forms}
    # A change makes a new version, of which nobody has accepted anything.
    accepted = () if formset.is_bound else reviews.accepted_for([newest.public_id])[newest.public_id]
    context = {
        "template": template,
        "version": newest,
        "versions": template.versions.order_by("-number"),
        "formset": formset,
        "answers": [_answer(template, _typed(template, form), accepted) for form in formset.forms],
        "placeholders": placeholders.PLACEHOLDERS.values(),
        "free_languages": [(code, name) for code, name in LANGUAGES.items() if code not in used],
        "attachment_form": AttachmentForm(),
        **_standing(request, template, newest),
        "pace": pace_of(template),
        "is_mail": template.channel == Channel.RELAY_EMAIL,
        "carries_words": _carries_words(template),
    }
    context["languages"] = list(zip(formset.forms, context["answers"], strict=True))
    return render(request, "campaigns/text_edit.html", context, status=status)


def _standing(request: HttpRequest, template: Template, newest: TemplateVersion) -> dict[str, Any]:
    """What the desk says of the newest version that was handed in, and what one click would mend of it."""
    handed_in = newest if newest.state != V.DRAFT else appeals.judged_version(template)
    found = told(handed_in.public_id) if handed_in else None
    if found is None or handed_in is None:
        return {}
    is_back = handed_in == newest and newest.state in (V.CHANGES_REQUESTED, V.REJECTED)
    can_mend = is_back and Permission.WRITE in request.permissions  # type: ignore[attr-defined]
    marks = reviewers_marks(template) if can_mend else []
    return {
        "told": found, "told_version": handed_in,
        "mendable": mending.mended(newest, marks).changes if can_mend else (),
    }  # fmt: skip


def _carries_words(template: Template) -> bool:
    """Some of Amazon's types take files only; Amazon writes their words."""
    kind = amazon.TYPES.get(template.message_type)
    return template.channel == Channel.RELAY_EMAIL or kind is None or kind.text is not None


def _answer(template: Template, typed: TextInput, accepted: Collection[Accepted] = ()) -> dict[str, Any]:
    return {
        "examined": templates.examine(template, typed, accepted),
        "typed": typed,
        "is_accepted": bool(accepted),
    }


def _typed(template: Template, form: Any) -> TextInput:
    def value(name: str) -> str:
        return form[name].value() or ""

    return TextInput(
        value("language"), value("subject"), value("body").replace("\r\n", "\n"), body_format_of(template)
    )


def _mended(request: HttpRequest, template: Template, formset: Any, wanted: str) -> Any:
    """The same forms as typed, with a rewrite in one of them: for browsers without scripts. Saved only when the author saves."""
    prefix, _, fix_id = wanted.partition("|")
    texts = [_typed(template, form) for form in formset.forms]
    for n, form in enumerate(formset.forms):
        mended = templates.mend(template, texts[n], fix_id) if form.prefix == prefix else None
        if form.prefix == prefix and mended is None:
            messages.warning(
                request, "The text has changed since that rewrite was offered, so nothing was changed."
            )
        texts[n] = mended or texts[n]
    known = [t for t in texts if t.language in LANGUAGES]
    return TextFormSet(
        initial=[{"language": t.language, "subject": t.subject, "body": t.body} for t in known]
    )


def _with_language(formset: Any, language: str) -> Any:
    """The same forms as typed, and an empty one for another language."""
    typed = [{name: form[name].value() for name in ("language", "subject", "body")} for form in formset.forms]
    wanted = [{"language": language, "subject": "", "body": ""}] if language in LANGUAGES else []
    known = [text for text in typed if text["language"] in LANGUAGES]
    added = TextFormSet(initial=known + wanted)
    for form in added.forms[len(known) :]:
        form.is_new = True  # type: ignore[attr-defined]  # the template opens it
    return added


def _initial(version: TemplateVersion) -> list[dict[str, str]]:
    return [
        {"language": t.language, "subject": t.subject, "body": t.body} for t in version.texts.order_by("pk")
    ]


def _submitted_words(version: TemplateVersion) -> str:
    if version.state == TemplateVersion.State.APPROVED:
        return f"Version {version.number} is approved: nothing in it breaks or brushes a rule. It sends from now on."
    return (
        f"Version {version.number} waits for a person. You will see the answer here; the approved version keeps "
        "sending meanwhile."
    )


def _find(public_id: uuid.UUID) -> Template:
    return get_object_or_404(Template, public_id=public_id, archived_at__isnull=True)


def _to_editor(request: HttpRequest, template: Template) -> HttpResponse:
    return redirect("template_edit", seller=request.seller.slug, text=template.public_id)  # type: ignore[attr-defined]


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)
