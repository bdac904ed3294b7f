"""The author's answers to the desk: mend by one click, ask another person."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import requires
from accounts.forms import posted
from accounts.models import User
from accounts.roles import Permission
from campaigns.errors import AuthoringError
from campaigns.forms.appeals import AppealForm
from campaigns.models import Campaign, Message, Template, TemplateVersion
from campaigns.services import appeals, mending, templates
from campaigns.views.standing import marked_words, told
from compliance.desk.reasons import Given
from compliance.errors import DeskError, NotSubmittable
from compliance.models import Appeal, Verdict

_HEARD = "Your appeal waits. Another person than the one who decided looks at it; you are told by mail."
_REFUSALS = (AuthoringError, DeskError, NotSubmittable)


@require_POST
@requires(Permission.WRITE)
def mend_text(request: HttpRequest, text: uuid.UUID) -> HttpResponse:
    """Every safe rewrite at once, as a draft; with `submit` it is handed in too."""
    template = _text(text)
    try:
        version, done = mending.mend(
            template, based_on=_number(request), marked=reviewers_marks(template), user=_user(request)
        )
    except AuthoringError as refused:
        messages.error(request, str(refused))
        return _to_text(request, template)
    messages.success(request, f"Mended, as version {version.number}. {' '.join(done.changes)}")
    if "submit" in request.POST:
        _submit(request, version)
    return _to_text(request, template)


@require_http_methods(["GET", "POST"])
@requires(Permission.WRITE)
def appeal_text(request: HttpRequest, text: uuid.UUID) -> HttpResponse:
    template = _text(text)
    version = appeals.judged_version(template)
    if version is None:
        messages.error(request, str(appeals.NothingDecided()))
        return _to_text(request, template)
    can_be_changed = templates.newest_version(template).number > version.number
    form = AppealForm(posted(request), can_be_changed=can_be_changed)

    def hear(kind: Appeal.Kind, words: str) -> None:
        hand_in = appeals.submit_changed if kind == Appeal.Kind.CHANGED else appeals.dispute_text
        hand_in(template, words, user=_user(request), now=timezone.now())

    what = _About(
        version.public_id, f"{template.name}, version {version.number}", _text_url(request, template)
    )
    return _appeal(request, form, what, hear)


@require_http_methods(["GET", "POST"])
@requires(Permission.WRITE)
def appeal_targeting(request: HttpRequest, campaign: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Campaign, public_id=campaign)

    def hear(_: Appeal.Kind, words: str) -> None:
        appeals.dispute_targeting(found, words, user=_user(request), now=timezone.now())

    what = _About(found.public_id, found.name, reverse("campaign", args=[_slug(request), found.public_id]))
    return _appeal(request, AppealForm(posted(request), can_be_changed=False), what, hear)


@require_http_methods(["GET", "POST"])
@requires(Permission.WRITE)
def appeal_message(request: HttpRequest, message: uuid.UUID) -> HttpResponse:
    rows = Message.objects.select_related("order").filter(campaign__isnull=True)
    found = get_object_or_404(rows, public_id=message)

    def hear(_: Appeal.Kind, words: str) -> None:
        appeals.dispute_message(found, words, user=_user(request), now=timezone.now())

    title = f"Message about order {found.order.amazon_order_id}"
    what = _About(found.public_id, title, reverse("message", args=[_slug(request), found.public_id]))
    return _appeal(request, AppealForm(posted(request), can_be_changed=False), what, hear)


@dataclass(frozen=True)
class _About:
    """What is appealed about, and the page to go back to."""

    subject_id: uuid.UUID
    title: str
    url: str


def _appeal(
    request: HttpRequest, form: AppealForm, about: _About, hear: Callable[[Appeal.Kind, str], None]
) -> HttpResponse:
    if form.is_valid() and _heard(request, form, hear):
        return redirect(about.url)
    context = {"form": form, "told": told(about.subject_id), "title": about.title, "back_url": about.url}
    return render(request, "campaigns/appeal.html", context, status=422 if form.errors else 200)


def reviewers_marks(template: Template) -> list[Given]:
    """The words the last answer points at, where the newest version is still what it was about."""
    newest = templates.newest_version(template)
    verdict = Verdict.objects.filter(pk=newest.verdict_id or 0).first()
    return marked_words(verdict.reasons) if verdict else []


def _heard(request: HttpRequest, form: AppealForm, hear: Callable[[Appeal.Kind, str], None]) -> bool:
    """Whether it was taken; where not, the form says why and keeps what was typed."""
    try:
        hear(form.cleaned_data["kind"], form.cleaned_data["words"])
    except _REFUSALS as refused:
        form.add_error(None, str(refused))
        return False
    messages.success(request, _HEARD)
    return True


def _submit(request: HttpRequest, version: TemplateVersion) -> None:
    try:
        templates.submit(version, user=_user(request), now=timezone.now())
    except (AuthoringError, NotSubmittable) as refused:
        messages.error(request, f"Not submitted. {refused}")
        return
    version.refresh_from_db()
    messages.success(request, f"Version {version.number}: {version.get_state_display().lower()}.")


def _number(request: HttpRequest) -> int:
    text = request.POST.get("based_on", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _text(public_id: uuid.UUID) -> Template:
    return get_object_or_404(Template, public_id=public_id, archived_at__isnull=True)


def _to_text(request: HttpRequest, template: Template) -> HttpResponse:
    return redirect(_text_url(request, template))


def _text_url(request: HttpRequest, template: Template) -> str:
    return reverse("template_edit", args=[_slug(request), template.public_id])


def _slug(request: Any) -> str:
    return str(request.seller.slug)


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)
