"""Why did this order get a message, or none? Every campaign's conditions, answered in words by the
planner's own expressions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from psycopg.sql import SQL, Literal

from campaigns.domain import conditions, reasons
from campaigns.domain.conditions import Condition, Seen, query
from campaigns.domain.filters import FiltersInvalid
from campaigns.domain.terms import Terms
from campaigns.domain.triggers import MOMENTS
from campaigns.models import Campaign, Message
from campaigns.services import terms as read
from orders.models import Order


@dataclass(frozen=True)
class ConditionAnswer:
    """`can_change`: not met now, and time or Amazon may change that without anybody's doing."""

    code: str
    is_met: bool
    sentence: str
    can_change: bool = False


@dataclass(frozen=True)
class CampaignAnswer:
    """One campaign's answer about one order.

    `verdict` is the sentence people read first; `is_met` says whether all conditions are; `due_at` is
    when the message is or would be due (UTC, None where that is not known), `due_words` the same on the
    marketplace's clock; `waits_for` is what the message is waiting for, or ""; `message` is the
    campaign's row for the order, if there is one.
    """

    campaign: Campaign
    verdict: str
    answers: list[ConditionAnswer]
    due_at: datetime | None
    message: Message | None
    is_met: bool = False
    due_words: str = ""
    waits_for: str = ""


def explain(order: Order, now: datetime) -> list[CampaignAnswer]:
    """The answer of every campaign of the entered seller, drafts and ended ones too; those that go first
    stand first.
    """
    messages = {m.campaign_id: m for m in Message.objects.filter(order=order, campaign__isnull=False)}
    planning = read.planning_campaigns()
    rest = (
        Campaign.objects.exclude(pk__in=[c.pk for c in planning]).select_related("template").order_by("-pk")
    )
    return [_answer(order, campaign, now, messages.get(campaign.pk)) for campaign in [*planning, *rest]]


def _answer(order: Order, campaign: Campaign, now: datetime, message: Message | None) -> CampaignAnswer:
    try:
        [(_, terms)] = read.of_campaigns([campaign], now)
    except FiltersInvalid as faulty:
        return CampaignAnswer(
            campaign, f"No message: the campaign's filters cannot be read. {faulty}", [], None, message
        )
    return explain_terms(order, campaign, terms, now, message)


def explain_terms(
    order: Order, campaign: Campaign, terms: Terms, now: datetime, message: Message | None
) -> CampaignAnswer:
    seen, asked = _look(order, terms)
    answers = list(_answers(seen, asked))
    unmet = next((a for a in answers if not a.is_met), None)
    due_at = message.due_at if message and message.state in {"planned", "held"} else seen["due_at"]
    return CampaignAnswer(
        campaign=campaign,
        verdict=_verdict(seen, unmet, message, due_at, now),
        answers=answers,
        due_at=due_at,
        message=message,
        is_met=unmet is None,
        due_words=seen.when(due_at) if due_at else "",
        waits_for=_waits_for(seen, unmet, message, due_at, now),
    )


def _look(order: Order, terms: Terms) -> tuple[Seen, list[Condition]]:
    select, asked = query.answers(terms, SQL("o.id = {}").format(Literal(order.pk)))
    with connection.cursor() as cursor:
        cursor.execute(select.as_string(connection.connection))
        names = [column.name for column in cursor.description]
        row: tuple[Any, ...] = cursor.fetchone()
    return Seen(dict(zip(names, row, strict=True)), terms), asked


def _answers(seen: Seen, asked: list[Condition]) -> Iterator[ConditionAnswer]:
    for condition in conditions.ALL:
        if condition not in asked:
            sentence, is_met = condition.unrestricted, True
        else:
            is_met = seen[f"is_{condition.code}"]
            sentence = (condition.met if is_met else condition.unmet)(seen)
        if sentence:
            yield ConditionAnswer(
                condition.code, is_met, sentence, not is_met and condition.waits(seen.terms)
            )


# --- the verdict in one sentence ---


def _verdict(
    seen: Seen, unmet: ConditionAnswer | None, message: Message | None, due_at: datetime | None, now: datetime
) -> str:
    if message is None:
        return _without_message(seen, unmet, due_at)
    if message.state in {"planned", "held"}:
        return _open_message(seen, unmet, message)
    if message.state in {"skipped", "cancelled"} and unmet is None:
        return (
            f"It was taken back ({_lower(reason_sentence(message))}), but fits again; it is planned "
            "anew when the order changes."
        )
    if message.state in {"skipped", "cancelled"} and unmet is not None:
        return f"No message: {_lower(unmet.sentence)}"
    return _settled(seen, message)


def _without_message(seen: Seen, unmet: ConditionAnswer | None, due_at: datetime | None) -> str:
    if unmet is None:
        return f"The order fits; the message will be planned for {seen.when(due_at)}."
    return f"{'Not yet' if unmet.can_change else 'No message'}: {_lower(unmet.sentence)}"


def _open_message(seen: Seen, unmet: ConditionAnswer | None, message: Message) -> str:
    if message.state == "held":
        return f"Held: {_lower(reason_sentence(message))}"
    planned = f"Planned for {seen.when(message.due_at)}"
    return f"{planned}, but it will be taken back: {_lower(unmet.sentence)}" if unmet else f"{planned}."


def _settled(seen: Seen, message: Message) -> str:
    words = {
        "sent": f"Sent on {seen.when(message.sent_at or message.updated_at)}.",
        "claimed": "It is being sent right now.",
        "on_wire": "It is being sent right now.",
        "uncertain": f"It probably went out: {_lower(reason_sentence(message))}",
        "expired": f"Not sent in time: {_lower(reason_sentence(message))}",
        "blocked": f"Blocked: {_lower(reason_sentence(message))}",
        "refused": f"Refused: {_lower(reason_sentence(message))}",
    }
    return words.get(message.state, reason_sentence(message))


def _waits_for(
    seen: Seen, unmet: ConditionAnswer | None, message: Message | None, due_at: datetime | None, now: datetime
) -> str:
    if unmet is not None:
        return unmet.sentence if unmet.can_change else ""
    if message and message.state == "held":
        return reason_sentence(message)
    put_off = message.reason_detail.get("waits_for") if message and message.state == "planned" else None
    if put_off:
        return _sentence(str(put_off))
    is_open = message is None or message.state == "planned"
    return _what_sets_the_time(seen, due_at) if is_open and due_at and due_at > now else ""


def _what_sets_the_time(seen: Seen, due_at: datetime) -> str:
    ready_at, opens_at = seen["ready_at"], seen["opens_at"]
    if ready_at and ready_at < due_at:
        return f"The send window next opens on {seen.when(due_at)}."
    if opens_at == due_at and seen["moment"] + seen.terms.delay < due_at:
        return f"Amazon's window opens on {seen.when(opens_at)}."
    return f"It goes {_delay(seen.terms.delay)} {MOMENTS[seen.terms.trigger].words}."


def _delay(delay: timedelta) -> str:
    hours = int(delay.total_seconds() // 3600)
    if hours == 0:
        return "right at"
    amount, unit = (hours // 24, "day") if hours % 24 == 0 else (hours, "hour")
    return f"{amount} {unit}{'' if amount == 1 else 's'} after"


def reason_sentence(message: Message) -> str:
    return _sentence(message.reason)


def _sentence(code: str) -> str:
    try:
        return reasons.find(code).sentence
    except KeyError:
        return f"The reason is “{code}”."


def _lower(sentence: str) -> str:
    """As a sentence's second half. Names keep their capital."""
    return sentence if sentence.startswith(("Amazon", "FB")) else sentence[:1].lower() + sentence[1:]
