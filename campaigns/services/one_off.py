"""A message written by hand to one order. It passes the same gate as every other; it only has no campaign."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts import due
from accounts.models import Connection, User
from accounts.tenancy import current_seller
from amazon.regions import MARKETPLACES
from campaigns.channels.base import Parcel, Refused
from campaigns.channels.messaging import check_fit
from campaigns.domain import drafting
from campaigns.domain.states import State
from campaigns.domain.vocabulary import Channel, Purpose, counts_as_proactive
from campaigns.models import Message
from campaigns.services import moves, telling
from campaigns.services.moves import Move
from compliance.engine.types import Draft, Outcome
from compliance.errors import NotSubmittable
from compliance.models import Case, Verdict
from compliance.services import checks, review
from compliance.services.review import Answered
from orders.models import Order

#: How long a hand-written message is worth sending: its author wants it now.
IN_TIME_FOR = timedelta(days=3)


class OneOffRefused(Exception):
    """What was written cannot be sent; the message names the field and says what to do. Nothing was stored."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(f"{field}: {sentence}")
        self.field, self.sentence = field, sentence


@dataclass(frozen=True, slots=True)
class Words:
    """As typed: no placeholders. `message_type` for Amazon's messages, `subject` for mail."""

    body: str
    language: str
    subject: str = ""
    message_type: str = ""
    body_format: str = "text"


@transaction.atomic
def write(order: Order, channel: Channel, purpose: Purpose, words: Words, author: User | None) -> Message:
    """Check and queue it. Clean words go out with the next turn; doubtful ones wait for a reviewer.

    Raises OneOffRefused, or compliance's NotSubmittable with the findings: nothing is stored then.
    """
    _refuse_what_cannot_go(order, channel, words)
    message = _message(order, channel, purpose, words, author)
    draft = draft_of(message)
    verdict = checks.judge(draft)
    if verdict.outcome >= Outcome.BLOCK:
        raise NotSubmittable([f for f in verdict.reasons if f.outcome >= Outcome.BLOCK])
    message.save()
    if verdict.outcome >= Outcome.REVIEW:
        _send_to_review(message, author)
    seller_id, kind = current_seller().pk, "messages.sweep" if message.state == State.HELD else "messages.due"
    due.lower(seller_id, kind, message.due_at)
    return message


@transaction.atomic
def read_verdicts(now: datetime) -> int:
    """Let go on, or end, the entered seller's hand-written messages that reviewers decided, and tell their authors; answers how
    many moved. May run twice. What an appeal let go is planned again; the gate lets it expire where it comes too late.
    """
    seller = current_seller()
    answered = review.not_taken_in(seller, Case.Subject.ONE_OFF)
    if not answered:
        return 0
    ids = dict(
        Message.objects.filter(public_id__in=[a.case.subject_id for a in answered]).values_list(
            "public_id", "pk"
        )
    )
    moved = _let_go(answered, ids) | _end(answered, ids)
    for one in answered:
        telling.tell(one, reverse("message", args=[seller.slug, one.case.subject_id]), _outcome(one.verdict))
    review.taken_in(answered)
    if moved:
        due.lower(seller.pk, "messages.due", now)
    return len(moved)


def _let_go(answered: Sequence[Answered], ids: Mapping[uuid.UUID, int]) -> set[int]:
    agreed = [ids[a.case.subject_id] for a in answered if a.verdict.is_approval and a.case.subject_id in ids]
    stopped = Message.objects.filter(pk__in=agreed, reason__in=("text_needs_review", "text_rejected"))
    waiting = stopped.filter(state__in=(State.HELD, State.CANCELLED)).values_list("pk", flat=True)
    return moves.apply(
        [Move(pk, State.PLANNED, after=timedelta(0)) for pk in waiting], [State.HELD, State.CANCELLED]
    )


def _end(answered: Sequence[Answered], ids: Mapping[uuid.UUID, int]) -> set[int]:
    """Also what a correction overtook before it went."""
    sent_back = [a for a in answered if not a.verdict.is_approval and a.case.subject_id in ids]
    return moves.apply(
        [
            Move(ids[a.case.subject_id], State.CANCELLED, "text_rejected", {"words": a.verdict.reason[:300]})
            for a in sent_back
        ],
        [State.HELD, State.PLANNED],
    )


def _outcome(verdict: Verdict) -> str:
    if verdict.is_approval:
        return "It goes out with the next turn, if there is still time."
    return "It is not sent. Write it anew without what is named here, or appeal: another person decides then."


def _refuse_what_cannot_go(order: Order, channel: Channel, words: Words) -> None:
    if channel is Channel.SOLICITATION:
        raise OneOffRefused(
            "channel", "Amazon writes its review request itself; switch a campaign on for it."
        )
    if not words.body.strip():
        raise OneOffRefused("body", "Write something.")
    if order.marketplace_id not in MARKETPLACES or order.connection_id is None:
        raise OneOffRefused(
            "order", "This order is known from a file only; connect the Amazon account that sold it."
        )
    if channel is Channel.RELAY_EMAIL and not words.subject.strip():
        raise OneOffRefused("subject", "Give the mail a subject.")
    if channel is Channel.RELAY_EMAIL and not order.relay_address_sealed:
        raise OneOffRefused(
            "channel", "Amazon has not given us the buyer's relay address; use an Amazon message."
        )
    if channel is Channel.MESSAGING:
        _refuse_what_does_not_fit(order, words)


def _refuse_what_does_not_fit(order: Order, words: Words) -> None:
    parcel = Parcel(
        0, Channel.MESSAGING, "", order.amazon_order_id, order.marketplace_id,
        words.message_type, words.language, "", words.body, words.body_format,
    )  # fmt: skip
    try:
        check_fit(parcel)
    except Refused as refused:
        raise OneOffRefused("body", refused.words) from refused


def _message(order: Order, channel: Channel, purpose: Purpose, words: Words, author: User | None) -> Message:
    now = timezone.now()
    return Message(
        order=order, channel=channel, purpose=purpose, message_type=words.message_type,
        is_proactive=counts_as_proactive(channel, purpose, by_hand=True), priority=100,  # a person waits for it
        due_at=now, expires_at=now + IN_TIME_FOR, evidence="order",
        language=words.language, subject=words.subject, body=words.body, body_format=words.body_format,
        author_id=author.pk if author else None,
    )  # fmt: skip


def draft_of(message: Message) -> Draft:
    """The message as the rules read it."""
    seller, order = current_seller(), message.order
    known = Connection.objects.filter(pk=order.connection_id or 0, seller=seller).first()
    text = drafting.Text(
        message.channel, message.purpose, message.message_type, message.language, message.subject, message.body,
        message.body_format, (known.store_name if known else "") or seller.name,
    )  # fmt: skip
    titles = tuple(order.items.values_list("title", flat=True))
    country = MARKETPLACES[order.marketplace_id].country
    return drafting.rendered_draft(
        text, drafting.OrderContext(order.amazon_order_id, country, order.fulfilment, titles)
    )


def submission_of(message: Message) -> review.Submission:
    title = f"Message about order {message.order.amazon_order_id}"
    return review.Submission(Case.Subject.ONE_OFF, message.public_id, title, [draft_of(message)])


def _send_to_review(message: Message, author: User | None) -> None:
    review.submit(current_seller(), submission_of(message), user=author, now=timezone.now())
    message.state, message.reason = State.HELD, "text_needs_review"
    message.due_at = timezone.now() + timedelta(minutes=15)
    message.save(update_fields=["state", "reason", "due_at"])
