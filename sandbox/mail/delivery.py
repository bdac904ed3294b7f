"""What becomes of an accepted mail: the buyer's inbox, a bounce notice, or silence."""

from __future__ import annotations

import asyncio
import contextlib
import smtplib
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr

from ..context import Sandbox
from ..ledger import Contact
from ..marketplaces import BY_ID
from ..pages import wording
from ..world import order as orders
from ..world import review
from ..world.order import Order
from . import rules

BOUNCE_TIMEOUT = 10  # seconds


def sellers_of(sandbox: Sandbox, address: str) -> list[str]:
    """The sellers who approved this sender's address."""
    rows = sandbox.store.all("SELECT seller FROM approved_senders WHERE address=?", address.lower())
    return [row["seller"] for row in rows]


def accept(
    sandbox: Sandbox, seller: str, sender: str, recipient: str, message: EmailMessage, raw: bytes
) -> int:
    """Enter one mail into the ledger and decide what its buyer sees. Answers its number."""
    buyer = str(sandbox.store.scalar("SELECT buyer FROM relays WHERE address=?", recipient.lower()))
    subject, (text, html) = str(message.get("Subject", "")), rules.bodies(message)
    order = _order(sandbox, seller, buyer, f"{subject} {text} {html}")
    files, important = rules.attachments(message), rules.is_important(subject)
    contact = Contact(
        "relay_email",
        "important" if important else "proactive",
        seller,
        order.order_id if order else "",
        buyer,
        str(message.get("Message-ID", "")).strip(),
        proactive=not important,
        sender=sender,
        subject=subject,
        text=text,
        html=html,
        attachments=tuple(files),
        raw=raw,
        outside_window=bool(order and not important and review.is_too_late(sandbox, order)),
    )
    if review.has_opted_out(sandbox, buyer) and not important:
        contact.state, contact.reason = "bounced", "opted-out"
    elif reason := rules.why_blocked(subject, text, html, files):
        contact.state, contact.reason = "silently_blocked", reason
    number = sandbox.ledger.contact(contact)
    if contact.state == "bounced":
        _bounce(sandbox, contact, order)
    return number


def _order(sandbox: Sandbox, seller: str, buyer: str, words: str) -> Order | None:
    """The order named in the mail when it is this buyer's, else the buyer's latest one."""
    for order_id in rules.ORDER_ID.findall(words):
        order = orders.load(sandbox.store, order_id)
        if order is not None and (order.seller, order.buyer) == (seller, buyer):
            return order
    sql = "SELECT order_id FROM orders WHERE buyer=? AND seller=? ORDER BY created_at DESC LIMIT 1"
    latest = sandbox.store.scalar(sql, buyer, seller)
    return orders.load(sandbox.store, latest) if latest else None


def _bounce(sandbox: Sandbox, contact: Contact, order: Order | None) -> None:
    place = BY_ID[order.marketplace] if order else BY_ID["ATVPDKIKX0DER"]
    notice = EmailMessage()
    subject, text = wording.bounce(place.language[:2], contact.order_id)
    notice["From"] = formataddr((place.name, f"donotreply@{place.domain.removeprefix('www.')}"))
    notice["To"], notice["Subject"] = contact.sender, subject
    notice["Date"] = format_datetime(datetime.fromtimestamp(sandbox.clock.now(), UTC))
    notice["Auto-Submitted"] = "auto-replied"
    if contact.identity:
        notice["In-Reply-To"] = notice["References"] = contact.identity
    notice.set_content(text)
    raw = notice.as_bytes()
    columns = "at,seller,recipient,order_id,message_id,subject,text,raw"
    sql = f"INSERT INTO bounces ({columns}) VALUES (?,?,?,?,?,?,?,?)"  # noqa: S608
    sandbox.store.run(
        sql,
        sandbox.clock.now(),
        contact.seller,
        contact.sender,
        contact.order_id,
        contact.identity,
        subject,
        text,
        raw,
    )
    if sandbox.options.bounce_smtp:
        with contextlib.suppress(RuntimeError):  # no loop: a test without a server
            asyncio.get_running_loop().run_in_executor(
                None, _deliver, sandbox.options.bounce_smtp, contact.sender, raw
            )


def _deliver(address: str, recipient: str, raw: bytes) -> None:
    host, _, port = address.rpartition(":")
    # The notice stays in the outbox, so a receiver that is down loses nothing.
    with (
        contextlib.suppress(OSError, smtplib.SMTPException),
        smtplib.SMTP(host, int(port), timeout=BOUNCE_TIMEOUT) as smtp,
    ):
        smtp.sendmail("", [recipient], raw)
