"""The words of a claimed batch: everything needed is read once, then each message is filled in and looked at
just before it goes.

The rules see the very text that would leave. What a reviewer accepted on the version does not hold it again;
whatever goes wrong while looking holds it: the gate fails closed.
"""

import hashlib
import logging
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings

from accounts.models import Connection, Seller
from amazon.regions import MARKETPLACES
from campaigns.channels.base import Attachment, Parcel
from campaigns.domain import drafting, languages, render
from campaigns.domain.placeholders import values_for
from campaigns.domain.states import State
from campaigns.domain.vocabulary import ASKS, Channel
from campaigns.models import TemplateAttachment, TemplateText
from campaigns.services import attachments as files
from campaigns.services.gate.checks import TRY_AGAIN, Stop, hold, skip
from campaigns.services.gate.facts import Facts
from campaigns.services.gate.sending import sending_of
from compliance import selectors as reviews
from compliance.engine.types import Attachment as DraftAttachment
from compliance.engine.types import Draft, Finding, Outcome
from compliance.services import checks
from orders.facts import delivery
from orders.models import Order
from orders.selectors import facts_of, relay_address

#: The campaign says: without the buyer's language, Amazon's own request, which always has it.
_TO_AMAZON = {"falls_back_to": Channel.SOLICITATION.value}
FALL_BACK = Stop(State.PLANNED, "no_language", _TO_AMAZON, timedelta(0))
#: In Germany Amazon asks, unless the campaign says that its buyers have agreed (compliance/rules/consent_germany.py).
IN_GERMANY = Stop(State.PLANNED, "asks_in_germany", _TO_AMAZON, timedelta(0))

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Written:
    """The text one buyer would get."""

    language: str
    subject: str
    body: str
    body_format: str
    values: Mapping[str, str]


class Texts:
    """The texts of one batch, by message. Empty for Amazon's own requests, which need none."""

    def __init__(
        self, seller: Seller, batch: Collection[Facts], connections: Mapping[int, Connection]
    ) -> None:
        self._seller, self._connections = seller, connections
        worded = [f for f in batch if f.channel != Channel.SOLICITATION]
        versions = {f.version_id for f in worded if f.version_id}
        self._texts = _by_version(TemplateText.objects.filter(version_id__in=versions)) if versions else {}
        self._files = _files(versions) if versions else {}
        self._orders = _orders({f.order_id for f in worded}) if worded else {}
        self._accepted = reviews.accepted_for([_subject(f) for f in worded]) if worded else {}

    def speaks_several(self, facts: Facts) -> bool:
        """Whether the buyer's own language would make a difference."""
        return len(self._texts.get(facts.version_id or 0, ())) > 1

    def parcel(self, facts: Facts, wanted_language: str = "") -> Parcel | Stop:
        """The message as it would go out, looked at by the rules; or what stops it."""
        if facts.channel == Channel.SOLICITATION:
            return self._pack(facts, Written("", "", "", "text", {}), ())
        try:
            written = self._write(facts, wanted_language or _store_language(facts))
            return written if isinstance(written, Stop) else self._look_and_pack(facts, written)
        except Exception:  # noqa: BLE001 (whatever it is: the gate fails closed)
            _log.exception("A message's text could not be looked at", extra={"message_id": facts.message_id})
            return hold("check_failed", TRY_AGAIN)

    def _write(self, facts: Facts, language: str) -> Written | Stop:
        if facts.is_by_hand:
            return Written(
                facts.language or language, facts.subject, facts.body, facts.body_format or "text", {}
            )
        if _must_amazon_ask(facts):
            return IN_GERMANY
        own = self._texts.get(facts.version_id or 0, {})
        chosen = languages.choose_language(own, language) or _wordless(own)
        if chosen is None:
            falls_back = facts.when_no_language == "solicitation"
            return FALL_BACK if falls_back else skip("no_language", language=language)
        text = own[chosen]
        try:
            filled = render.render(text.subject, text.body, text.body_format, self._values(facts, chosen))
        except render.TemplateFault as fault:
            return hold("render_failed", TRY_AGAIN, words=str(fault)[:300])
        return Written(chosen, filled.subject, filled.body, filled.body_format, filled.values)

    def _values(self, facts: Facts, language: str) -> dict[str, str]:
        order, store = facts_of(self._orders[facts.order_id]), MARKETPLACES[facts.marketplace_id]
        arrived_at, _ = delivery(order)
        arrived_on = arrived_at.astimezone(ZoneInfo(store.timezone)).date() if arrived_at else None
        name = self._store_name(facts)
        return values_for(
            order, language=language, store_name=name, domain=store.domain, delivered_on=arrived_on
        )

    def _look_and_pack(self, facts: Facts, written: Written) -> Parcel | Stop:
        stored = self._files.get(facts.version_id or 0, [])
        verdict = checks.judge(self._draft(facts, written, stored), self._accepted[_subject(facts)])
        if verdict.outcome >= Outcome.REVIEW:
            return _held_by(verdict.outcome, verdict.reasons)
        contents = _contents(stored)
        return contents if isinstance(contents, Stop) else self._pack(facts, written, contents)

    def _draft(self, facts: Facts, written: Written, stored: Iterable[TemplateAttachment]) -> Draft:
        order = facts_of(self._orders[facts.order_id])
        text = drafting.Text(
            facts.channel, facts.purpose, facts.message_type, written.language, written.subject, written.body,
            written.body_format, self._store_name(facts),
            [DraftAttachment(a.file_name, a.content_type, a.size_bytes, a.kind) for a in stored],
        )  # fmt: skip
        titles = tuple(item.title for item in order.items)
        country = MARKETPLACES[facts.marketplace_id].country
        context = drafting.OrderContext(facts.amazon_order_id, country, facts.fulfilment, titles)
        sending = sending_of(facts, order, self._address(facts))
        return replace(drafting.rendered_draft(text, context, dict(written.values)), sending=sending)

    def _pack(self, facts: Facts, written: Written, contents: tuple[Attachment, ...]) -> Parcel:
        is_mail = facts.channel == Channel.RELAY_EMAIL
        return Parcel(
            message_id=facts.message_id, channel=Channel(facts.channel), purpose=facts.purpose,
            amazon_order_id=facts.amazon_order_id, marketplace_id=facts.marketplace_id, message_type=facts.message_type,
            language=written.language, subject=written.subject, body=written.body, body_format=written.body_format,
            mail_id=mail_id(self._seller, facts) if is_mail else "",
            sender=self._connections[facts.connection_id or 0].sender_address if is_mail else "",
            to=self._address(facts), attachments=contents,
        )  # fmt: skip

    def _address(self, facts: Facts) -> str:
        """ "" where the message goes another way."""
        is_mail = facts.channel == Channel.RELAY_EMAIL
        return (relay_address(self._orders[facts.order_id]) or "") if is_mail else ""

    def _store_name(self, facts: Facts) -> str:
        found = self._connections.get(facts.connection_id or 0)
        return (found.store_name if found else "") or self._seller.name


def _must_amazon_ask(facts: Facts) -> bool:
    store = MARKETPLACES.get(facts.marketplace_id)
    is_german = store is not None and store.country == "DE"
    return is_german and facts.purpose in ASKS and facts.on_amazon_de == "solicitation"


def _wordless(texts: Mapping[str, TemplateText]) -> str | None:
    """Files only (an invoice, warranty papers): there is nothing to read, so any language's row will do."""
    has_words = any(text.subject or text.body for text in texts.values())
    return None if has_words else next(iter(texts), None)


def mail_id(seller: Seller, facts: Facts) -> str:
    """The same for every attempt at this message, so that a repeat can be recognised and a bounce finds
    its row.
    """
    about = facts.campaign_public_id or facts.message_public_id
    digest = hashlib.sha256(f"{seller.public_id}/{facts.amazon_order_id}/{about}".encode()).hexdigest()[:40]
    return f"<{digest}@{urlsplit(settings.SITE_URL).hostname or 'permitted.invalid'}>"


def _subject(facts: Facts) -> uuid.UUID:
    """Whose acceptances count: the version's, or the hand-written message's own."""
    return facts.version_public_id or facts.message_public_id


def _held_by(outcome: Outcome, reasons: Collection[Finding]) -> Stop:
    detail = {"findings": [{"rule": f.rule, "message": f.message} for f in list(reasons)[:5]]}
    if outcome >= Outcome.BLOCK:
        return Stop(State.BLOCKED, "text_blocked", detail)
    return hold("check_failed" if _is_crash(reasons) else "text_needs_review", TRY_AGAIN, **detail)


def _is_crash(reasons: Collection[Finding]) -> bool:
    return any(f.rule == "rule-crashed" for f in reasons)


def _store_language(facts: Facts) -> str:
    store = MARKETPLACES.get(facts.marketplace_id)
    return store.default_language if store else "en"


def _orders(ids: Collection[int]) -> dict[int, Order]:
    return {row.pk: row for row in Order.objects.filter(pk__in=ids).prefetch_related("items")}


def _by_version(texts: Iterable[TemplateText]) -> dict[int, dict[str, TemplateText]]:
    found: dict[int, dict[str, TemplateText]] = {}
    for text in texts:
        found.setdefault(text.version_id, {})[text.language] = text
    return found


def _files(versions: Collection[int]) -> dict[int, list[TemplateAttachment]]:
    found: dict[int, list[TemplateAttachment]] = {}
    for file in TemplateAttachment.objects.filter(version_id__in=versions).order_by("id"):
        found.setdefault(file.version_id, []).append(file)
    return found


def _contents(stored: Iterable[TemplateAttachment]) -> tuple[Attachment, ...] | Stop:
    """The files as approved: one that is gone or was changed on the disk holds the message."""
    read = []
    for file in stored:
        try:
            content = files.path_of(file).read_bytes()
        except OSError:
            return hold("attachment_missing", TRY_AGAIN, file=file.file_name)
        if hashlib.sha256(content).hexdigest() != file.sha256:
            return hold("attachment_missing", TRY_AGAIN, file=file.file_name)
        read.append(Attachment(file.file_name, file.content_type, content))
    return tuple(read)
