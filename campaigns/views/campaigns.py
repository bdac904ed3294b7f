"""Campaigns: the list, a starter, one with its forecast, editing, and switching."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import requires
from accounts.forms import posted
from accounts.models import User
from accounts.paging import page_of, searched
from accounts.roles import Permission
from campaigns.domain.filters import FiltersInvalid
from campaigns.forms.campaigns import CampaignForm
from campaigns.models import Campaign, Message
from campaigns.models.template import CHANNEL_CHOICES
from campaigns.selectors import messages as outbox
from campaigns.services import lifecycle, starting, targeting_review
from campaigns.services.forecast import Forecast, forecast
from campaigns.services.readiness import advice
from campaigns.starters.campaigns import STARTERS
from campaigns.views.pace import pace_of
from campaigns.views.standing import told
from campaigns.words import filter_words, when_words, window_words
from compliance.errors import NotSubmittable

S = Campaign.State
PERIOD = timedelta(days=30)
_SWITCHES = frozenset({"activate", "pause", "resume", "end"})


@require_GET
@requires(Permission.VIEW)
def list_campaigns(request: HttpRequest) -> HttpResponse:
    filters = searched(request.GET, "q", "state")
    page = page_of(_matching(filters), "created_at", request.GET)
    _describe(page.items)
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
    channels = dict(CHANNEL_CHOICES)
    starters = [{"starter": s, "channel": channels[s.values["channel"]]} for s in STARTERS]
    return render(request, "campaigns/new.html", {"starters": starters})


@require_GET
@requires(Permission.VIEW)
def one_campaign(request: HttpRequest, campaign: uuid.UUID) -> HttpResponse:
    found = _find(campaign)
    problems = lifecycle.activation_problems(found) if found.state != S.ENDED else []
    expected = _expected(found)
    context = {
        "campaign": found,
        "problems": _told(request, found, problems),
        "advice": _advised(found),
        "told": told(found.public_id),
        "pace": pace_of(found.template) if found.template else None,
        "actions": _actions(request, found, problems, expected),
        "counts": outbox.counted(found.pk),
        "forecast": expected,
        "bars": _bars(expected),
        "when_words": f"{when_words(found)}.",
        "window_words": window_words(found),
        "filter_words": filter_words(found),
    }
    return render(request, "campaigns/detail.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.WRITE)
def edit_campaign(request: HttpRequest, campaign: uuid.UUID) -> HttpResponse:
    found = _find(campaign)
    form = CampaignForm(posted(request), campaign=found)
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


def _actions(
    request: Any, campaign: Campaign, problems: Sequence[lifecycle.Problem], expected: Forecast | None
) -> list[Action]:
    """What this user may do with the campaign as it stands."""
    offered: list[Action] = []
    if Permission.SWITCH in request.permissions:
        blocked = "Mend what is named below first." if problems else ""
        offered += _switches(request.seller.name, campaign, blocked, expected)
    waits_for_person = any(problem.code == "targeting_needs_review" for problem in problems)
    if campaign.state == S.DRAFT and waits_for_person and Permission.WRITE in request.permissions:
        offered.append(Action("submit", "Submit for review", "primary"))
    return offered


def _switches(seller: str, campaign: Campaign, blocked: str, expected: Forecast | None) -> list[Action]:
    """Questions name the account: two look alike, and somebody acts in the wrong one."""
    end = Action("end", "End", "danger", f"{seller}: an ended campaign cannot be switched on again; what waits is "
                 "cancelled. End it?")  # fmt: skip
    if campaign.state in (S.DRAFT, S.IN_REVIEW):
        n = expected.backlog.would_plan if expected else 0
        ask = (
            f"{seller}: orders of the last 30 days count too, {n} message{'' if n == 1 else 's'} would be planned. "
            "Switch on?"
        )
        return [Action("activate", "Switch on", "primary", ask, blocked)]
    if campaign.state == S.ACTIVE:
        return [Action("pause", "Pause"), end]
    return [Action("resume", "Resume", "primary", "", blocked), end] if campaign.state == S.PAUSED else []


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
            form.add_error(form.field_of(problem.field), problem.sentence)
        return False
    messages.success(request, done.sentence)
    return True


def _matching(filters: dict[str, str]) -> QuerySet[Campaign]:
    rows = Campaign.objects.all()
    if filters["q"]:
        rows = rows.filter(name__icontains=filters["q"])
    return rows.filter(state=filters["state"]) if filters["state"] else rows


def _describe(campaigns: Sequence[Any]) -> None:
    """The figures of the campaigns on this page alone: counting every campaign's messages would grow with history."""
    of_page = Message.objects.filter(campaign__in=[c.pk for c in campaigns])
    planned = _per_campaign(of_page.filter(state="planned"))
    sent = _per_campaign(of_page.filter(state="sent", sent_at__gte=timezone.now() - PERIOD))
    for campaign in campaigns:
        campaign.when_words = when_words(campaign)
        campaign.planned_count, campaign.sent_count = planned.get(campaign.pk, 0), sent.get(campaign.pk, 0)


def _per_campaign(rows: QuerySet[Message]) -> dict[int, int]:
    return dict(rows.values_list("campaign").annotate(n=Count("pk")).order_by())


def _expected(campaign: Campaign) -> Forecast | None:
    """None where there is nothing to say: it has ended, or its stored filters cannot be read any more."""
    try:
        return forecast(campaign, timezone.now()) if campaign.state != S.ENDED else None
    except FiltersInvalid:
        return None


def _advised(campaign: Campaign) -> list[str]:
    try:
        return advice(campaign) if campaign.state != S.ENDED else []
    except FiltersInvalid:
        return []


def _told(request: Any, campaign: Campaign, problems: Sequence[lifecycle.Problem]) -> list[dict[str, str]]:
    """What the author has done already (submitting it for review) is not asked of them again."""
    waits = campaign.state == S.IN_REVIEW
    open_ones = [p for p in problems if not (waits and p.code == "targeting_needs_review")]
    told = [_shown(request, campaign, problem) for problem in open_ones]
    sentence = "A person looks at whom it writes to; you see the answer here."
    return [{"sentence": sentence}, *told] if len(open_ones) < len(problems) else told


def _shown(request: Any, campaign: Campaign, problem: lifecycle.Problem) -> dict[str, str]:
    """A problem with the page on which it is mended, where this user may mend it."""
    slug, may = request.seller.slug, request.permissions
    if problem.code in {"not_connected", "no_sender_address"}:
        return {
            "sentence": problem.sentence,
            "action": "To the Amazon page",
            "url": reverse("connection", args=[slug]),
        }
    if problem.code in {"version_not_approved", "version_paused"} and campaign.template:
        url = reverse("template_edit", args=[slug, campaign.template.public_id])
        return {"sentence": problem.sentence, "action": "Open the text", "url": url}
    if problem.field and problem.code != "targeting_needs_review" and Permission.WRITE in may:
        url = reverse("campaign_edit", args=[slug, campaign.public_id])
        return {"sentence": problem.sentence, "action": "Edit the campaign", "url": url}
    return {"sentence": problem.sentence}


_MOST_BARS = 92


def _bars(expected: Forecast | None) -> dict[str, Any]:
    """A drawing 100 high; each day is 10 wide, with a gap of 2."""
    if expected is None or not expected.per_day:
        return {"rows": []}
    most = max(expected.per_day.values())
    first, last = min(expected.per_day), max(expected.per_day)
    days = [first + timedelta(days=n) for n in range(min((last - first).days + 1, _MOST_BARS))]
    rows = [_bar(place, day, expected.per_day.get(day, 0), most) for place, day in enumerate(days)]
    return {"rows": rows, "width": 10 * len(rows), "most": most}


def _bar(place: int, day: date, n: int, most: int) -> dict[str, Any]:
    height = max(2, round(100 * n / most))
    return {"day": day, "n": n, "x": 10 * place + 1, "y": 100 - height, "height": height}


def _find(public_id: uuid.UUID) -> Campaign:
    return get_object_or_404(Campaign.objects.select_related("template__approved"), public_id=public_id)


def _to(request: Any, campaign: Campaign) -> HttpResponse:
    return redirect("campaign", seller=request.seller.slug, campaign=campaign.public_id)


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)
