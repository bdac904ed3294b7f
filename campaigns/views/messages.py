"""The outbox: the list, one message with its reason and history, and what a person may do about it."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.access import requires
from accounts.models import User
from accounts.paging import page_of
from accounts.roles import Permission
from campaigns.domain import reasons
from campaigns.domain.states import State
from campaigns.models import Campaign, Message, MessageEvent
from campaigns.models.message import STATE_CHOICES
from campaigns.models.template import CHANNEL_CHOICES
from campaigns.selectors import messages as selectors
from campaigns.services import settle

FILTERS = ("q", "state", "channel", "campaign")


@require_GET
@requires(Permission.VIEW)
def list_messages(request: HttpRequest) -> HttpResponse:
    filters = {name: request.GET.get(name, "").strip() for name in FILTERS}
    page = page_of(_matching(filters), "updated_at", request.GET)
    for message in page.items:
        message.sentence = selectors.sentence_of(message.reason)  # type: ignore[attr-defined]
    context = {
        "page": page,
        "filters": filters,
        "is_filtered": any(filters.values()),
        "states": STATE_CHOICES,
        "channels": CHANNEL_CHOICES,
        "campaigns": Campaign.objects.order_by("name").only("public_id", "name"),
    }
    return render(request, "campaigns/messages.html", context)


@require_GET
@requires(Permission.VIEW)
def one_message(request: HttpRequest, message: uuid.UUID) -> HttpResponse:
    found = _find(message)
    context = {
        "message": found,
        "reason": _reason(found.reason),
        "detail_words": _detail_words(found.reason_detail),
        "events": [_told(event, reason) for event, reason in selectors.history(found)],
        "actions": [a for a in ACTIONS if found.state in a.states],
        "srcdoc": _document(found),
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


def _do(request: HttpRequest, action: Action, message: Message) -> None:
    try:
        action.do(message, cast(User, request.user))
        messages.success(request, action.done)
    except settle.NotSettlable as refusal:
        messages.error(request, str(refusal))


def _matching(filters: dict[str, str]) -> QuerySet[Message]:
    rows = selectors.outbox(state=filters["state"], channel=filters["channel"], search=filters["q"]).defer(
        "body"
    )
    return rows.filter(campaign__public_id=_uuid(filters["campaign"])) if filters["campaign"] else rows


def _find(public_id: uuid.UUID) -> Message:
    rows = Message.objects.select_related("order", "campaign", "version__template")
    return get_object_or_404(rows, public_id=public_id)


def _reason(code: str) -> reasons.Reason | None:
    """None for a code no longer known; the history shows it as it is."""
    try:
        return reasons.find(code) if code else None
    except KeyError:
        return None


def _told(event: MessageEvent, reason: str) -> dict[str, Any]:
    words = f"{_title(event.before)} → {_title(event.after)}" if event.before else _title(event.after)
    return {"at": event.at, "sentence": f"{words}. {reason}".rstrip()}


def _title(state: str) -> str:
    return dict(STATE_CHOICES).get(state, state)


def _detail_words(detail: dict[str, Any]) -> list[str]:
    """What the reason's sentence cannot know, in a fixed order; unknown keys are the program's own."""
    shown = (
        ("rule", "Rule: {}"),
        ("message", "{}"),
        ("text", "The words: “{}”"),
        ("words", "Amazon's words: {}"),
    )
    return [pattern.format(detail[key]) for key, pattern in shown if detail.get(key)]


def _document(message: Message) -> str:
    """A whole page for the sandboxed frame, so that the letter does not inherit ours."""
    style = "font:16px/1.5 system-ui,sans-serif;color:#16202b;background:#fff;margin:1rem"
    return f'<!doctype html><meta charset="utf-8"><body style="{style}">{message.body}</body>'


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)
