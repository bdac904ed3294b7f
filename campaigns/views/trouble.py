"""What stops texts: a rest that trouble brought, ended early by a person, and Amazon's restriction of free messaging."""

import uuid
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import requires
from accounts.forms import posted
from accounts.models import Seller, User
from accounts.roles import Permission
from campaigns.models import Campaign, Template
from campaigns.services import pausing, restriction
from campaigns.services.lifecycle import CampaignRefused


class RestrictionForm(forms.Form):
    note = forms.CharField(
        label="What Amazon wrote",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="A sentence is enough. It helps the reviewers who look at your next texts.",
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.VIEW, write=Permission.SWITCH)
def restrict(request: HttpRequest) -> HttpResponse:
    """Report it, or say that it is over (`end`)."""
    form = RestrictionForm(posted(request))
    if request.method == "POST" and "end" in request.POST:
        return _ended(request)
    if request.method == "POST" and form.is_valid():
        is_new = restriction.report(form.cleaned_data["note"], actor=_user(request), now=timezone.now())
        done = "Noted. Your own texts rest from now on; Amazon's own requests go on."
        messages.success(request, done if is_new else "That was noted before; your own texts rest already.")
        return redirect("restriction", seller=_seller(request).slug)
    since = Seller.objects.values_list("restricted_at", flat=True).get(pk=_seller(request).pk)
    context = {"form": form, "since": since, "replaceable": restriction.replaceable() if since else []}
    return render(request, "campaigns/restriction.html", context, status=422 if form.errors else 200)


@require_POST
@requires(Permission.WRITE)
def stand_in(request: HttpRequest, campaign: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Campaign, public_id=campaign)
    try:
        made = restriction.stand_in(found, actor=_user(request))
    except CampaignRefused as refused:
        messages.error(request, str(refused))
        return redirect("restriction", seller=_seller(request).slug)
    messages.success(
        request, "A draft that lets Amazon ask the same orders. Look at its forecast and switch it on."
    )
    return redirect("campaign", seller=_seller(request).slug, campaign=made.public_id)


@require_POST
@requires(Permission.SWITCH)
def resume_text(request: HttpRequest, text: uuid.UUID) -> HttpResponse:
    template = get_object_or_404(Template, public_id=text, archived_at__isnull=True)
    version = template.approved
    if version is not None and pausing.resume(version, actor=_user(request), now=timezone.now()):
        messages.success(request, "It goes on now. The next trouble pauses it for longer.")
    else:
        messages.info(request, "It does not rest any more.")
    return redirect("template_edit", seller=_seller(request).slug, text=template.public_id)


def _ended(request: HttpRequest) -> HttpResponse:
    freed = restriction.end(actor=_user(request), now=timezone.now())
    messages.success(
        request, f"Noted. {freed} waiting message{'' if freed == 1 else 's'} will be looked at again now."
    )
    return redirect("restriction", seller=_seller(request).slug)


def _seller(request: Any) -> Seller:
    return cast(Seller, request.seller)


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)
