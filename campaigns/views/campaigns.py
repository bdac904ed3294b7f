"""Campaigns: the list, a starter, one with its forecast, editing, and switching."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import requires
from accounts.models import User
from accounts.paging import page_of
from accounts.roles import Permission
from campaigns.forms.campaigns import CampaignForm
from campaigns.models import Campaign
from campaigns.selectors import messages as outbox
from campaigns.services import lifecycle, starting, targeting_review
from campaigns.services.forecast import Forecast, forecast
from campaigns.starters.campaigns import STARTERS
from campaigns.words import filter_words, when_words, window_words
from compliance.errors import NotSubmittable

S = Campaign.State
PERIOD = timedelta(days=30)
_SWITCHES = frozenset({"activate", "pause", "resume", "end"})


@require_GET
@requires(Permission.VIEW)
def list_campaigns(request: HttpRequest) -> HttpResponse:
    filters = {name: request.GET.get(name, "").strip() for name in ("q", "state")}
    page = page_of(_matching(filters), "created_at", request.GET)
    for campaign in page.items:
        campaign.when_words = when_words(campaign)  # type: ignore[attr-defined]
    context = {"page": page, "filters": filters, "is_filtered": any(filters.values()), "states": S.choices}
    return render(request, "campaigns/list.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.WRITE)
def new_campaign(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        try:
            made = starting.begin(request.POST.get("starter", ""), actor=_user(request), now=timezone.now())
        except KeyError:
            messages.error(request, "There is no such starter. Choose one from the list.")
            return redirect("campaign_new", seller=request.seller.slug)  # type: ignore[attr-defined]
        messages.success(
            request, "A draft. Look at what it would send; nothing goes out before you switch it on."
        )
        return _to(request, made)
    return render(request, "campaigns/new.html", {"starters": STARTERS})


@require_GET
@requires(Permission.VIEW)
def one_campaign(request: HttpRequest, campaign: uuid.UUID) -> HttpResponse:
    found = _find(campaign)
    problems = lifecycle.activation_problems(found) if found.state != S.ENDED else []
    expected = forecast(found, timezone.now())
    context = {
        "campaign": found,
        "problems": problems if found.state in (S.DRAFT, S.IN_REVIEW, S.PAUSED) else [],
        "actions": _actions(request, found, bool(problems), expected),
        "counts": outbox.counted(found.pk),
        "forecast": expected,
        "forecast_bars": _bars(expected),
        "when_words": f"{when_words(found)}.",
        "window_words": window_words(found),
        "filter_words": filter_words(found),
    }
    return render(request, "campaigns/detail.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.WRITE)
def edit_campaign(request: HttpRequest, campaign: uuid.UUID) -> HttpResponse:
    found = _find(campaign)
    form = CampaignForm(request.POST or None, campaign=found)
    if request.method == "POST" and _saved(request, found, form):
        return _to(request, found)
    context = {"campaign": found, "form": form, "groups": form.groups}
    return render(request, "campaigns/form.html", context, status=422 if form.errors else 200)


@require_POST
@requires(Permission.WRITE)
def move_campaign(request: HttpRequest, campaign: uuid.UUID, move: str) -> HttpResponse:
    """Submitting is an author's; switching needs the permission to."""
    found, do = _find(campaign), _MOVES.get(move)
    if do is None:
        messages.error(request, "There is no such action. Open the campaign again.")
    elif move in _SWITCHES and Permission.SWITCH not in request.permissions:  # type: ignore[attr-defined]
        messages.error(request, "Your role may not switch campaigns. Ask a manager or an owner to do it.")
    else:
        _do(request, lambda: do(request, found))
    return _to(request, found)


# --- switching --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Action:
    move: str
    title: str
    tone: str = ""
    question: str = ""
    problem: str = ""


def _actions(request: Any, campaign: Campaign, has_problems: bool, expected: Forecast) -> list[Action]:
    """What this user may do with the campaign as it stands."""
    offered: list[Action] = []
    blocked = "Mend what is named below first." if has_problems else ""
    may_switch = Permission.SWITCH in request.permissions
    if campaign.state in (S.DRAFT, S.IN_REVIEW) and may_switch:
        n = expected.backlog.would_plan
        ask = f"Orders of the last 30 days count too: {n} messages would be planned. Switch on?"
        offered.append(Action("activate", "Switch on", "primary", ask, blocked))
    if campaign.state == S.ACTIVE and may_switch:
        offered.append(Action("pause", "Pause"))
    if campaign.state == S.PAUSED and may_switch:
        offered.append(Action("resume", "Resume", "primary", "", blocked))
    if campaign.state in (S.ACTIVE, S.PAUSED) and may_switch:
        offered.append(
            Action(
                "end",
                "End",
                "danger",
                "An ended campaign cannot be switched on again; what waits is cancelled. End it?",
            )
        )
    if targeting_review.is_needed(campaign) and Permission.WRITE in request.permissions:
        offered.append(Action("submit", "Submit for review"))
    return offered


def _activate(request: HttpRequest, campaign: Campaign) -> str:
    now = timezone.now()
    return lifecycle.activate(campaign, actor=_user(request), now=now, covers_from_at=now - PERIOD).sentence


def _switch(act: Callable[..., lifecycle.Done]) -> Callable[[HttpRequest, Campaign], str]:
    return lambda request, campaign: act(campaign, actor=_user(request), now=timezone.now()).sentence


def _submit(request: HttpRequest, campaign: Campaign) -> str:
    return targeting_review.submit(campaign, user=_user(request), now=timezone.now())


_MOVES: dict[str, Callable[[HttpRequest, Campaign], str]] = {
    "activate": _activate,
    "pause": _switch(lifecycle.pause),
    "resume": _switch(lifecycle.resume),
    "end": _switch(lifecycle.end),
    "submit": _submit,
}


def _do(request: HttpRequest, act: Callable[[], str]) -> None:
    try:
        messages.success(request, act())
    except (lifecycle.CampaignRefused, NotSubmittable) as refusal:
        messages.error(request, str(refusal))


# --- the parts --------------------------------------------------------------------------------------------------------


def _saved(request: HttpRequest, campaign: Campaign, form: CampaignForm) -> bool:
    if not form.is_valid():
        return False
    try:
        done = lifecycle.edit(
            campaign,
            form.changes(),
            based_on=form.cleaned_data["revision"],
            actor=_user(request),
            now=timezone.now(),
        )
    except lifecycle.CampaignRefused as refusal:
        for problem in refusal.problems:
            form.add_error(problem.field if problem.field in form.fields else None, problem.sentence)
        return False
    messages.success(request, done.sentence)
    return True


def _matching(filters: dict[str, str]) -> QuerySet[Campaign]:
    since = timezone.now() - PERIOD
    rows = Campaign.objects.annotate(
        planned_count=Count("messages", filter=Q(messages__state="planned")),
        sent_count=Count("messages", filter=Q(messages__state="sent", messages__sent_at__gte=since)),
    )
    if filters["q"]:
        rows = rows.filter(name__icontains=filters["q"])
    return rows.filter(state=filters["state"]) if filters["state"] else rows


def _bars(expected: Forecast) -> list[dict[str, Any]]:
    if not expected.per_day:
        return []
    most = max(expected.per_day.values())
    first, last = min(expected.per_day), max(expected.per_day)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [
        {"day": d, "n": (n := expected.per_day.get(d, 0)), "percent": round(100 * n / most)} for d in days
    ]


def _find(public_id: uuid.UUID) -> Campaign:
    return get_object_or_404(Campaign.objects.select_related("template__approved"), public_id=public_id)


def _to(request: Any, campaign: Campaign) -> HttpResponse:
    return redirect("campaign", seller=request.seller.slug, campaign=campaign.public_id)


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)
