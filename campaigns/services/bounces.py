"""Amazon's notice that a buyer opted out: read it, keep the wish, and correct the message it speaks of.

The notice comes to the seller's approved sender address. Only an order number of ours and Amazon's words
together count: a mail that says it is from Amazon proves nothing, so the worst a forged one can do is that an
order is not written to.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from email.utils import parseaddr
from typing import Any
from urllib.request import urlopen

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from accounts import due
from accounts.models import Connection, Seller
from accounts.tenancy import current_seller, seller_context
from campaigns.domain.states import State
from campaigns.models import Message, Suppression
from campaigns.services import moves, suppression
from campaigns.services.claim import SWEEP_KIND
from campaigns.services.moves import Move

_ORDER_ID = re.compile(r"\b\d{3}-\d{7}-\d{7}\b")
#: What Amazon says in each language, folded; one is enough. The English sentence is quoted by sellers (Seller
#: Central forums, read
#: 2026-11-23); the others say the same in the words Amazon uses for the setting.
_OPT_OUT = (
    "opt out of receiving unsolicited messages",
    "opted out of receiving",
    "keine unaufgeforderten nachrichten",
    "ne pas recevoir de messages non sollicités",
    "no recibir mensajes no solicitados",
    "non ricevere messaggi non richiesti",
    "一方的なメッセージを受け取らない",
    "geen ongevraagde berichten",
    "inte ta emot oönskade meddelanden",
    "zrezygnował z otrzymywania",
    "não receber mensagens não solicitadas",
    "istenmeyen mesajlar",
)


@dataclass(frozen=True, slots=True)
class Notice:
    """`amazon_order_id` and `mail_id` are empty where the notice names none."""

    recipient: str
    amazon_order_id: str
    mail_id: str
    is_opt_out: bool


def read_notice(raw: bytes) -> Notice:
    """What a mail to the seller's sender address says. Anything that is no opt-out notice says so."""
    mail = message_from_bytes(raw, policy=default)
    body = mail.get_body(preferencelist=("plain", "html"))
    words = f"{mail.get('Subject', '')} {body.get_content() if body else ''}"
    folded = " ".join(words.split()).lower()
    order = _ORDER_ID.search(words)
    return Notice(
        recipient=parseaddr(str(mail.get("To", "")))[1].lower(),
        amazon_order_id=order.group() if order else "",
        mail_id=str(mail.get("In-Reply-To", "")).strip(),
        is_opt_out=any(sentence in folded for sentence in _OPT_OUT),
    )


@transaction.atomic
def apply(notice: Notice) -> int:
    """Keep the wish in the entered seller's schema; answers how many messages it corrected. May run twice.

    Where the mail it answers and the order it names disagree, nobody knows whom it means: neither order is
    written to, and no message is corrected.
    """
    if not notice.is_opt_out:
        return 0
    message = _of(notice)
    named = {notice.amazon_order_id, message.order.amazon_order_id if message else ""} - {""}
    known = [order_id for order_id in sorted(named) if _keep_wish(order_id)]
    if len(named) > 1 or not known:
        return 0
    corrected = moves.apply(_corrections(message, known[0]), [State.SENT, State.UNCERTAIN])
    if corrected:
        due.lower(current_seller().pk, SWEEP_KIND, timezone.now())  # services/pausing.py looks at its version
    return len(corrected)


def _keep_wish(order_id: str) -> bool:
    try:
        suppression.suppress(order_id, source=Suppression.Source.OPT_OUT, note="Amazon's notice")
    except suppression.NothingToSuppress:
        return False
    return True


def _of(notice: Notice) -> Message | None:
    if not notice.mail_id:
        return None
    return Message.objects.select_related("order").filter(mail_id=notice.mail_id).first()


def _corrections(message: Message | None, order_id: str) -> list[Move]:
    """The mail the notice answers; where it does not say, the order's mail. Amazon took it and did not
    pass it on.
    """
    if message is not None:
        return [Move(message.pk, State.REFUSED, "opted_out")]
    mails = Message.objects.filter(
        order__amazon_order_id=order_id,
        channel="relay_email",
        state__in=[State.SENT, State.UNCERTAIN],
        is_proactive=True,
    )
    return [Move(pk, State.REFUSED, "opted_out") for pk in mails.values_list("pk", flat=True)]


def take_in(raw: bytes) -> int:
    """One mail as it came: finds whose sender address it was sent to. Answers how many messages it corrected."""
    notice = read_notice(raw)
    return (
        sum(_apply_for(seller, notice) for seller in _sellers_of(notice.recipient)) if notice.recipient else 0
    )


def _apply_for(seller: Seller, notice: Notice) -> int:
    with seller_context(seller):
        return apply(notice)


# --- where the sandbox plays Amazon
# ------------------------------------------------------------------------------------


def read_sandbox() -> int:
    """Take in what the sandbox's relay sent back since the last time; answers how many notices there were."""
    if not settings.SANDBOX_URL:
        return 0
    key = f"bounces-read:{settings.SANDBOX_URL}"
    rows = _fetch(int(cache.get(key, 0)))
    for row in rows:
        _take_in_row(row)
        cache.set(
            key, int(row["id"]), None
        )  # losing it costs a second reading, and reading twice changes nothing
    return len(rows)


def _fetch(since: int) -> list[dict[str, Any]]:
    url = f"{settings.SANDBOX_URL.rstrip('/')}/__sandbox/mail/bounces?since={since}"
    with urlopen(url, timeout=10) as answer:  # noqa: S310  an address from the settings
        return list(json.load(answer))


def _take_in_row(row: dict[str, Any]) -> None:
    words = f"{row.get('subject', '')} {row.get('text', '')}"
    order = _ORDER_ID.search(words)
    notice = Notice(
        recipient=str(row.get("recipient", "")).lower(),
        amazon_order_id=str(row.get("order_id") or (order.group() if order else "")),
        mail_id=str(row.get("message_id") or ""),
        is_opt_out=any(sentence in " ".join(words.split()).lower() for sentence in _OPT_OUT),
    )
    for seller in _sellers_of(notice.recipient, str(row.get("seller", ""))):
        _apply_for(seller, notice)


def _sellers_of(address: str, selling_partner_id: str = "") -> Iterable[Seller]:
    """Those whose data can be entered; one that is being made or has left keeps no other from its notice."""
    found = Connection.objects.filter(sender_address__iexact=address).select_related("seller")
    if selling_partner_id:
        found = found.filter(selling_partner_id=selling_partner_id)
    return {connection.seller for connection in found if connection.seller.state == Seller.State.READY}
