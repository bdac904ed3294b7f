"""The mail relay: who may write to whom, what bounces, what vanishes, and how a conversation can break."""

from __future__ import annotations

import smtplib
import socket
import ssl
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller

from tests.support.sandbox import DE, running_sandbox

from .conftest import Account, open_account

SENDER = "service@shop.example"
OPTED_OUT = (
    "We were unable to deliver the message you sent for order {} because the buyer has chosen to opt out of "
    "receiving unsolicited messages from sellers."
)


@pytest.fixture
def shop(account: Account) -> Account:
    account.box.approve_sender(account.seller, SENDER)
    return account


def letter(order, text="Thank you for your order.", sender=SENDER, subject=None, html=None, number=1):
    mail = EmailMessage()
    mail["From"], mail["To"] = sender, order["relay"]
    mail["Subject"] = subject or f"Your order {order['order_id']}"
    mail["Message-ID"] = f"<{order['order_id']}.{number}@permitted.example>"
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    return mail


def send(shop: Account, mail, envelope=None, recipient=None):
    with smtplib.SMTP(*shop.box.smtp, timeout=10) as smtp:
        smtp.send_message(mail, envelope, recipient)


def mails(shop: Account):
    return shop.box.ledger("mails", seller=shop.seller)


def delivered_order(shop: Account, **facts):
    return shop.order(**{"fulfilled_by": "MERCHANT", "delivered_at": "2026-11-18T12:00:00Z", **facts})


def test_mail_of_an_approved_sender_reaches_the_buyers_inbox(shop):
    order = delivered_order(shop)
    send(shop, letter(order))
    (mail,) = mails(shop)
    assert (mail["state"], mail["order_id"], mail["sender"]) == ("delivered", order["order_id"], SENDER)
    assert mail["identity"] == f"<{order['order_id']}.1@permitted.example>"
    assert not mail["outside_window"]
    page = shop.box.client.get(f"{shop.box.http}/inbox", params={"q": order["order_id"]})
    assert f"Your order {order['order_id']}" in page.text


@pytest.mark.parametrize("login", [True, False])
def test_plain_login_is_allowed_without_tls_here(shop, login):
    order = delivered_order(shop)
    with smtplib.SMTP(*shop.box.smtp, timeout=10) as smtp:
        if login:
            assert smtp.login("anybody", "anything")[0] == 235
        smtp.send_message(letter(order))
    assert len(mails(shop)) == 1


def refused(shop: Account, mail, **envelope) -> tuple[int, str]:
    with pytest.raises((smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused)) as caught:
        send(shop, mail, **envelope)
    if isinstance(caught.value, smtplib.SMTPRecipientsRefused):
        ((code, text),) = caught.value.recipients.values()
    else:
        code, text = caught.value.smtp_code, caught.value.smtp_error
    assert mails(shop) == []
    return code, text.decode()


def test_sender_nobody_approved_is_refused(shop):
    code, text = refused(shop, letter(delivered_order(shop), sender="stranger@shop.example"))
    assert code == 550
    assert "not an approved sender" in text


def test_sender_another_seller_approved_is_refused_for_this_buyer(box, shop):
    other = open_account(box)
    box.approve_sender(other.seller, "other@shop.example")
    assert refused(shop, letter(delivered_order(shop), sender="other@shop.example"))[0] == 550


def test_from_field_must_be_approved_as_well_as_the_envelope(shop):
    mail = letter(delivered_order(shop), sender="forged@shop.example")
    code, text = refused(shop, mail, envelope=SENDER)
    assert code == 550
    assert "From field" in text


def test_withdrawn_sender_is_refused(shop):
    shop.box.withdraw_sender(shop.seller, SENDER)
    assert refused(shop, letter(delivered_order(shop)))[0] == 550


@pytest.mark.parametrize("address", ["nobody@marketplace.amazon.com", "buyer@mail.example"])
def test_address_that_is_no_relay_is_refused(shop, address):
    code, text = refused(shop, letter(delivered_order(shop)), recipient=[address])
    assert (code, "5.1.1" in text) == (550, True)


def test_opted_out_buyer_gets_nothing_and_the_seller_a_notice(shop):
    order = delivered_order(shop, opted_out=True)
    send(shop, letter(order))
    (mail,) = mails(shop)
    assert (mail["state"], mail["reason"]) == ("bounced", "opted-out")
    notice = shop.box.bounces()[-1]
    assert notice["text"] == OPTED_OUT.format(order["order_id"])
    assert (notice["recipient"], notice["message_id"]) == (SENDER, mail["identity"])


def test_notice_comes_in_the_marketplaces_language_and_in_english(box):
    shop = open_account(box, region="eu", marketplaces=[DE])
    box.approve_sender(shop.seller, SENDER)
    order = delivered_order(shop, opted_out=True)
    send(shop, letter(order))
    text = box.bounces()[-1]["text"]
    assert OPTED_OUT.format(order["order_id"]) in text
    assert f"Ihre Nachricht zur Bestellung {order['order_id']}" in text


def test_important_mail_reaches_a_buyer_who_opted_out(shop):
    order = delivered_order(shop, opted_out=True)
    send(shop, letter(order, subject=f"[Important] Your order {order['order_id']}"))
    (mail,) = mails(shop)
    assert (mail["state"], mail["proactive"]) == ("delivered", False)
    assert shop.box.bounces() == []


@pytest.mark.parametrize(
    ("text", "html", "reason"),
    [
        ("See https://shop.example/deals", None, "external-link"),
        ("See www.shop.example", None, "external-link"),
        ("Hello", '<a href="https://amazon.com.evil.example/">Amazon</a>', "external-link"),
        ("Thank you ✨", None, "emoji"),
        ("Write to other@shop.example", None, "email-address"),
        ("Hello", '<p>Hello</p><img src="https://pixel.example/1.gif">', "remote-image"),
        ("Hello", '<a href="mailto:me@shop.example">write</a>', "contact-link"),
    ],
)
def test_forbidden_content_is_accepted_and_never_arrives(shop, text, html, reason):
    send(shop, letter(delivered_order(shop), text, html=html))
    (mail,) = mails(shop)
    assert (mail["silently_blocked"], mail["reason"]) == (True, reason)
    inbox = shop.box.client.get(f"{shop.box.http}/inbox", params={"q": shop.seller})
    assert "0 messages" in inbox.text


@pytest.mark.parametrize("link", ["https://www.amazon.de/gp/help", "https://amazon.com/review/create"])
def test_links_to_amazon_pass(shop, link):
    send(shop, letter(delivered_order(shop), f"See {link}"))
    assert mails(shop)[0]["state"] == "delivered"


def test_the_same_message_twice_is_a_duplicate(shop):
    order = delivered_order(shop)
    send(shop, letter(order))
    assert shop.box.summary()["duplicates"] == 0
    send(shop, letter(order))
    assert shop.box.summary()["duplicates"] == 1


def test_mail_and_amazons_request_for_one_order_are_a_duplicate(shop):
    order = delivered_order(shop, delivered_at="2026-11-10T12:00:00Z")
    send(shop, letter(order))
    path = f"/solicitations/v1/orders/{order['order_id']}/solicitations/productReviewAndSellerFeedback"
    assert shop.post(path, marketplaceIds=order["marketplace"]).status_code == 201
    summary = shop.box.summary()
    assert (summary["duplicates"], summary["proactive_by_order"]) == (1, {order["order_id"]: 2})


def test_mail_after_thirty_days_is_outside_the_window(shop):
    send(shop, letter(delivered_order(shop, delivered_at="2026-10-10T12:00:00Z")))
    assert shop.box.summary()["outside_window"] == 1


@pytest.mark.parametrize(
    ("stage", "code"),
    [
        ("connect", 421),
        ("ehlo", 421),
        ("mail", 450),
        ("rcpt", 550),
        ("data", 421),
        ("body", 450),
        ("body", 550),
    ],
)
def test_any_stage_can_refuse(shop, stage, code):
    order = delivered_order(shop)
    shop.box.fault("reply", stage=stage, code=code, count=1)
    with pytest.raises(smtplib.SMTPException) as caught:
        send(shop, letter(order))
    # A client that falls back from EHLO to HELO only sees that the connection is gone.
    assert str(code) in str(caught.value) or stage == "ehlo"
    assert mails(shop) == []
    shop.box.clear_faults()
    send(shop, letter(order))
    assert len(mails(shop)) == 1


@pytest.mark.parametrize(
    ("stage", "kept", "arrived"),
    [("data", False, 0), ("after_354", False, 0), ("body", False, 0), ("body", True, 1)],
)
def test_connection_can_drop_before_and_after_the_mail_is_taken(shop, stage, kept, arrived):
    order = delivered_order(shop)
    shop.box.fault("disconnect", stage=stage, kept=kept, count=1)
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        send(shop, letter(order, "x" * 200_000))
    assert len(mails(shop)) == arrived


def test_answer_to_the_mail_can_be_slow(shop):
    order = delivered_order(shop)
    shop.box.fault("slow", stage="body", seconds=0.2, count=1)
    send(shop, letter(order))
    assert len(mails(shop)) == 1


class Post:
    def __init__(self) -> None:
        self.letters: list[bytes] = []

    async def handle_DATA(self, server, session, envelope):
        self.letters.append(envelope.content)
        return "250 ok"


def test_starttls_login_and_bounces_by_smtp():
    post = Post()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    receiver = Controller(post, hostname="127.0.0.1", port=port)
    receiver.start()
    try:
        options = (
            "--smtp-tls",
            "--smtp-user",
            "relay",
            "--smtp-password",
            "secret",
            "--bounce-smtp",
            f"127.0.0.1:{port}",
        )
        with running_sandbox(*options) as box:
            shop = open_account(box)
            box.approve_sender(shop.seller, SENDER)
            order = shop.order(shipped_at=box.now(), fulfilled_by="MERCHANT", opted_out=True)
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            with smtplib.SMTP(*box.smtp, timeout=10) as smtp:
                smtp.starttls(context=context)
                with pytest.raises(smtplib.SMTPAuthenticationError):
                    smtp.login("relay", "wrong")
                smtp.login("relay", "secret")
                smtp.send_message(letter(order))
            assert len(box.bounces()) == 1
    finally:
        receiver.stop()
    assert b"opt out" in b"".join(post.letters)
