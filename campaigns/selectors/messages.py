"""Reads of the outbox for pages and the API. The entered seller's schema."""

from dataclasses import dataclass

from django.db.models import Count, QuerySet

from campaigns.domain import reasons
from campaigns.domain.states import OPEN, State
from campaigns.models import Message, MessageEvent


@dataclass(frozen=True, slots=True)
class Counted:
    """One state and reason of the outbox, with the sentence people read ("" for states that need none)."""

    state: str
    reason: str
    sentence: str
    count: int


def outbox(
    *, state: str = "", reason: str = "", channel: str = "", campaign_id: int | None = None, search: str = ""
) -> QuerySet[Message]:
    """Newest change first. `search` is (the beginning of) an Amazon order id. Unknown values find nothing."""
    wanted = {"state": state, "reason": reason, "channel": channel, "campaign_id": campaign_id}
    found = Message.objects.filter(**{name: value for name, value in wanted.items() if value})
    if search.strip():
        found = found.filter(order__amazon_order_id__startswith=search.strip())
    return found.select_related("order", "campaign").order_by("-updated_at", "-pk")


def counted(campaign_id: int | None = None) -> list[Counted]:
    """How many messages stand where and why: the first page, the demo's summary, a campaign's answer to
    "what happened".
    """
    found = Message.objects.filter(campaign_id=campaign_id) if campaign_id else Message.objects.all()
    rows = found.values("state", "reason").annotate(count=Count("pk")).order_by("state", "-count")
    return [Counted(r["state"], r["reason"], sentence_of(r["reason"]), r["count"]) for r in rows]


def uncertain_count() -> int:
    return Message.objects.filter(state=State.UNCERTAIN, reason="outcome_unknown").count()


def history(message: Message) -> list[tuple[MessageEvent, str]]:
    """What happened to it, oldest first, each with its sentence; first its making, which the row itself tells."""
    moves = list(message.events.all())
    return [(event, sentence_of(event.reason)) for event in (_making(message, moves), *moves)]


def _making(message: Message, moves: list[MessageEvent]) -> MessageEvent:
    """A row is made planned or held, and campaigns make it held for one reason only."""
    first = moves[0].before if moves else message.state
    state, reason = (first if first in OPEN else State.PLANNED), ""
    if state == State.HELD:
        reason = "campaign_paused" if message.campaign_id else "" if moves else message.reason
    return MessageEvent(message=message, at=message.created_at, before="", after=state, reason=reason)


def sentence_of(code: str) -> str:
    """The sentence of a reason; a code no longer known is shown as it is, so that old rows stay readable."""
    if not code:
        return ""
    try:
        return reasons.find(code).sentence
    except KeyError:
        return code.replace("_", " ").capitalize() + "."
