"""The outbox: the list, one message with its reason and history, and what a person may do about it."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.access import requires
from accounts.models import User
from accounts.paging import Page, page_of, page_oldest_first, searched
from accounts.roles import Permission
from campaigns.domain import reasons
from campaigns.domain.states import State
from campaigns.forms.texts import LANGUAGES
from campaigns.models import Campaign, Message, MessageEvent
from campaigns.models.message import STATE_CHOICES
from campaigns.models.template import CHANNEL_CHOICES
from campaigns.selectors import messages as selectors
from campaigns.services import release, settle
from campaigns.views.letter import letter_of
from campaigns.views.standing import told

FILTERS = ("q", "state", "channel", "campaign", "reason")


@require_GET
@requires(Permission.VIEW)
def list_messages(request: HttpRequest) -> HttpResponse:
    filters = searched(request.GET, *FILTERS)
    page = _page(filters, request.GET)
    for message in page.items:
        message.sentence = selectors.sentence_of(message.reason)  # type: ignore[attr-defined]
    context = {
        "page": page,
        "filters": filters,
        "is_filtered": any(filters.values()),
        "reason_sentence": selectors.sentence_of(filters["reason"]),
        "states": STATE_CHOICES,
        "channels": CHANNEL_CHOICES,
        "campaigns": Campaign.objects.order_by("name").only("public_id", "name"),
    }
    return render(request, "campaigns/messages.html", context)


@require_GET
@requires(Permission.VIEW)
def one_message(request: HttpRequest, message: uuid.UUID) -> HttpResponse:
    found = _find(message)
    letter = letter_of(found)
    answer = told(found.public_id) if found.campaign_id is None else None
    context = {
        "message": found,
        "reason": _reason(found.reason),
        "detail_words": _detail_words(found.reason_detail, is_shown_below=bool(letter.findings)),
        "waits_for_plan": found.state == State.HELD and found.reason in release.REASONS,
        "events": _history(found),
        "told": answer,
        "is_told": answer is not None and found.reason in _THE_DESKS,
        "actions": _actions(found),
        "letter": letter,
        "files": found.version.attachments.order_by("id") if found.version else (),
        "evidence": EVIDENCE.get(found.evidence, ""),
        "language": LANGUAGES.get(found.language.split("-")[0], found.language),
        "author": _name_of(found.author_id),
    }
    return render(request, "campaigns/message.html", context)


@require_POST
@requires(Permission.SWITCH)
def move_message(request: HttpRequest, message: uuid.UUID, move: str) -> HttpResponse:
    found = _find(message)
    action = next((a for a in ACTIONS if a.move == move), None)
    if action is None:
        messages.error(request, "There is no such action. Open the message again.")
    else:
        _do(request, action, found)
    return redirect("message", seller=request.seller.slug, message=found.public_id)  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Action:
    """A button: what it does, in which states it is there, what is asked first, and what is said after."""

    move: str
    title: str
    states: frozenset[str]
    do: Callable[[Message, User | None], Any]
    done: str
    question: str = ""
    tone: str = ""


ACTIONS = (
    Action("it-went", "It went", frozenset({State.UNCERTAIN}), settle.it_went, "Noted: it counts as sent."),
    Action(
        "send-again", "Send again", frozenset({State.UNCERTAIN}), settle.send_again,
        "It goes out again with the next turn, through the same gate.",
        "It probably went out already. If you send it again and it did, the buyer gets it twice. Send again?", "danger",
    ),
    Action(
        "leave", "Leave it", frozenset({State.UNCERTAIN}), settle.leave,
        "Left as it is: it asks for no attention any more and is never sent again.",
    ),
)  # fmt: skip


#: Reasons that the desk's own answer says better.
_THE_DESKS = frozenset({"text_needs_review", "text_rejected"})


def _do(request: HttpRequest, action: Action, message: Message) -> None:
    try:
        action.do(message, cast(User, request.user))
        messages.success(request, action.done)
    except settle.NotSettlable as refusal:
        messages.error(request, str(refusal))


def _page(filters: dict[str, str], params: QueryDict) -> Page[Message]:
    """What waits, by when it goes; everything else by when it changed."""
    if filters["state"] == State.PLANNED:
        return page_oldest_first(_matching(filters), "due_at", params)
    return page_of(_matching(filters), "updated_at", params)


def _matching(filters: dict[str, str]) -> QuerySet[Message]:
    rows = selectors.outbox(
        state=filters["state"],
        channel=filters["channel"],
        reason=filters["reason"],
        search=filters["q"].upper(),
    ).defer("body")
    return rows.filter(campaign__public_id=_uuid(filters["campaign"])) if filters["campaign"] else rows


def _find(public_id: uuid.UUID) -> Message:
    rows = Message.objects.select_related("order", "campaign", "version__template")
    return get_object_or_404(rows, public_id=public_id)


def _actions(message: Message) -> list[Action]:
    """Who was left at not knowing is not asked again; what is out of time cannot be sent again."""
    if message.reason == "left_open":
        return []
    is_late = message.expires_at <= timezone.now()
    return [a for a in ACTIONS if message.state in a.states and not (is_late and a.move == "send-again")]


def _name_of(user_id: int | None) -> str:
    found = User.objects.filter(pk=user_id).first() if user_id else None
    return str(found) if found else ""


def _reason(code: str) -> reasons.Reason | None:
    """None for a code no longer known; the history shows it as it is."""
    try:
        return reasons.find(code) if code else None
    except KeyError:
        return None


def _history(message: Message) -> list[dict[str, Any]]:
    told = selectors.history(message)
    names = User.objects.in_bulk({event.actor_id for event, _ in told if event.actor_id})
    return [_told(event, reason, names) for event, reason in told]


def _told(event: MessageEvent, reason: str, names: dict[int, User]) -> dict[str, Any]:
    who = f"by {names[event.actor_id]}" if event.actor_id in names else ""
    words = _HAPPENED.get(event.after, event.after.replace("_", " ").capitalize())
    if event.after == State.PLANNED and event.before:
        words = "Back in the plan"
    return {"at": event.at, "sentence": f"{words}{' ' if who else ''}{who}. {reason}".rstrip()}


#: What a move into the state means, for people who do not know our states.
_HAPPENED: dict[str, str] = {
    State.PLANNED: "Planned",
    State.HELD: "Held",
    State.CLAIMED: "Its turn came",
    State.ON_WIRE: "Checked again and handed over",
    State.SENT: "Taken by the other side: sent",
    State.UNCERTAIN: "Uncertain",
    State.SKIPPED: "Skipped",
    State.BLOCKED: "Blocked",
    State.REFUSED: "Refused",
    State.EXPIRED: "Out of time",
    State.CANCELLED: "Cancelled",
}
#: How the moment the campaign counts from was known.
EVIDENCE = {
    "carrier": "as the carrier reported it",
    "estimated": "as Amazon estimates it",
    "promised": "the latest day promised",
}


def _detail_words(detail: dict[str, Any], is_shown_below: bool) -> list[str]:
    """What the reason's sentence cannot know, in a fixed order; unknown keys are the program's own."""
    shown = (
        ("words", "In their words: {}"),
        ("why", "{}"),
        ("file", "The file: {}"),
        ("language", "The buyer's language: {}"),
        ("reference", "Their reference: {}"),
    )
    findings = () if is_shown_below else detail.get("findings", ())
    found = [f"{f.get('message', '')} (rule {f.get('rule', '')})" for f in findings]
    waits = selectors.sentence_of(str(detail.get("waits_for", "")))
    told = [pattern.format(detail[key]) for key, pattern in shown if detail.get(key)]
    return [*found, *told, *([waits] if waits else [])]


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)
