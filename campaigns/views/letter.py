"""One message's words as a page shows them: as sent, as written by hand, or filled in anew to show what a rule saw.

A message that was blocked or held keeps no body, so its words are made again here by the same pure parts the gate
uses; nothing is stored, and nothing is sent from here.
"""

from collections.abc import Collection
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.utils.safestring import SafeString, mark_safe

from accounts.models import Connection
from accounts.tenancy import current_seller
from amazon.regions import MARKETPLACES
from campaigns.domain import drafting, languages, placeholders, render
from campaigns.domain.states import State
from campaigns.domain.vocabulary import Channel
from campaigns.models import Message, TemplateText
from compliance import selectors as reviews
from compliance.engine.types import Attachment, Finding
from compliance.marking import marked
from compliance.policy import Accepted
from compliance.services import checks
from orders import selectors
from orders.facts import delivery

_STYLE = "font:16px/1.5 system-ui,sans-serif;color:#16202b;background:#fff;margin:1rem"
#: Where the words matter although they were never sent.
_STOPPED = frozenset({State.BLOCKED, State.HELD, State.PLANNED})


@dataclass(frozen=True)
class Letter:
    """`marked_*` are the sources with the findings' words marked, where there are findings."""

    title: str
    absence: str = ""
    subject: str = ""
    body: str = ""
    body_format: str = "text"
    findings: tuple[Finding, ...] = ()
    marked_subject: SafeString | None = None
    marked_body: SafeString | None = None
    titles: str = ""

    @property
    def has_words(self) -> bool:
        return bool(self.subject or self.body)

    @property
    def document(self) -> str:
        """A whole page for the sandboxed frame, so that the letter does not inherit ours."""
        return f'<!doctype html><meta charset="utf-8"><body style="{_STYLE}">{self.body}</body>'


def letter_of(message: Message) -> Letter:
    """Wants `order` and `version__template` selected. A handful of queries, none of them per row of anything."""
    if message.channel == Channel.SOLICITATION:
        return Letter("The text")
    if message.subject or message.body:
        return _looked_at(message, _kept(message), {}) if message.state in _STOPPED else _kept(message)
    if message.state in _STOPPED and message.version_id:
        return _filled_in(message)
    return Letter("The text", _absence(message))


def _kept(message: Message) -> Letter:
    title = "As it was sent" if message.sent_at else "As it was written"
    return Letter(title, "", message.subject, message.body, message.body_format or "text")


def _absence(message: Message) -> str:
    if message.sent_at:
        return "Its words are forgotten, together with the buyer's data, as Amazon asks."
    if message.state == State.PLANNED:
        return "It is filled in when its time comes."
    return "It was never filled in: it was stopped before its words were needed."


def _filled_in(message: Message) -> Letter:
    text = _text_for(message)
    if text is None:
        return Letter("The text", "The text has no version in the buyer's language.")
    try:
        filled = render.render(text.subject, text.body, text.body_format, _values(message, text.language))
    except render.TemplateFault as fault:
        return Letter("The text", f"It cannot be filled in for this order. {fault}")
    letter = Letter("As it would read today", "", filled.subject, filled.body, filled.body_format)
    return _looked_at(message, letter, dict(filled.values), text.language)


def _looked_at(message: Message, letter: Letter, values: dict[str, str], language: str = "") -> Letter:
    store = MARKETPLACES.get(message.order.marketplace_id)
    if store is None:
        return letter
    text = drafting.Text(
        message.channel, message.purpose, message.message_type, language or message.language or "en",
        letter.subject, letter.body, letter.body_format, _store_name(message), _files(message),
    )  # fmt: skip
    titles = tuple(item.title for item in message.order.items.all())
    about = drafting.OrderContext(
        message.order.amazon_order_id, store.country, message.order.fulfilment, titles
    )
    judged = checks.judge(drafting.rendered_draft(text, about, values), _accepted(message))
    findings = tuple(judged.reasons)
    return Letter(
        letter.title, "", letter.subject, letter.body, letter.body_format, findings,
        _marked(letter.subject, findings, "subject"), _marked(letter.body, findings, "body"), "\n".join(titles),
    )  # fmt: skip


def _files(message: Message) -> list[Attachment]:
    stored = message.version.attachments.all() if message.version else ()
    return [Attachment(a.file_name, a.content_type, a.size_bytes, a.kind) for a in stored]


def _accepted(message: Message) -> Collection[Accepted]:
    """What a reviewer accepted on the version, or on the hand-written message itself, holds it no more."""
    subject = message.version.public_id if message.version else message.public_id
    return reviews.accepted_for([subject])[subject]


def _marked(source: str, findings: tuple[Finding, ...], where: str) -> SafeString | None:
    """None where nothing in this part is marked."""
    is_meant = any(f.where == where and f.end > f.start for f in findings)
    return mark_safe(marked(source, findings, where)) if is_meant else None  # noqa: S308 (marked() escapes)


def _text_for(message: Message) -> TemplateText | None:
    texts = {text.language: text for text in TemplateText.objects.filter(version_id=message.version_id)}
    store = MARKETPLACES.get(message.order.marketplace_id)
    wanted = message.language or (store.default_language if store else "en")
    chosen = languages.choose_language(texts, wanted)
    return texts[chosen] if chosen else None


def _values(message: Message, language: str) -> dict[str, str]:
    facts = selectors.facts_of(message.order)
    store = MARKETPLACES.get(message.order.marketplace_id)
    arrived_at, _ = delivery(facts)
    arrived_on = arrived_at.astimezone(ZoneInfo(store.timezone)).date() if arrived_at and store else None
    domain = store.domain if store else "amazon.com"
    name = _store_name(message)
    return placeholders.values_for(
        facts, language=language, store_name=name, domain=domain, delivered_on=arrived_on
    )


def _store_name(message: Message) -> str:
    known = Connection.objects.filter(pk=message.order.connection_id or 0, seller=current_seller()).first()
    return (known.store_name if known else "") or current_seller().name
