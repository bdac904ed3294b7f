"""A mail's bytes: nothing in a text, a title or an address changes its shape."""

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.channels import mail
from campaigns.channels.base import Attachment, Held, Parcel, Refused
from campaigns.channels.relay_email import check_addresses, is_relay_address
from campaigns.channels.smtp import Relay, dotted
from campaigns.domain.vocabulary import Channel
from tests.factories.orders import DE, US

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


def make_parcel(**fields: object) -> Parcel:
    defaults: dict[str, object] = {
        "message_id": 1,
        "channel": Channel.RELAY_EMAIL,
        "purpose": "order_information",
        "amazon_order_id": "302-0000001-0000001",
        "marketplace_id": DE,
        "subject": "Ihre Bestellung",
        "body": "Guten Tag.",
        "mail_id": "<a@b.example>",
        "sender": "shop@marlow.example",
        "to": "abcdefgh12345678@marketplace.amazon.de",
    }
    return Parcel(**{**defaults, **fields})  # type: ignore[arg-type]


@given(st.text(max_size=200))
def test_no_subject_can_add_a_header(subject: str) -> None:
    read = message_from_bytes(
        mail.compose(make_parcel(subject=subject + "\r\nBcc: x@y.example"), NOW), policy=default
    )
    assert read["Bcc"] is None
    assert sorted(
        {
            name.lower()
            for name in read.keys()  # noqa: SIM118 (a mail is no dict)
        }
    ) == sorted(
        {
            "from",
            "to",
            "subject",
            "date",
            "message-id",
            "mime-version",
            "content-type",
            "content-transfer-encoding",
        }
    )


def test_html_goes_with_a_plain_part_that_says_the_same() -> None:
    body = '<p>Guten Tag,</p><ul><li>eins</li><li>zwei</li></ul><p><a href="https://www.amazon.de/x">Ihre Bestellung</a></p>'
    read = message_from_bytes(mail.compose(make_parcel(body=body, body_format="html"), NOW), policy=default)
    plain = read.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert [part.get_content_type() for part in read.iter_parts()] == ["text/plain", "text/html"]  # type: ignore[union-attr]
    assert plain.splitlines() == [
        "Guten Tag,",
        "",
        "- eins",
        "- zwei",
        "",
        "Ihre Bestellung (https://www.amazon.de/x)",
    ]


def test_files_go_by_their_type() -> None:
    file = Attachment("Rechnung.pdf", "application/pdf", b"%PDF-1.4")
    read = message_from_bytes(mail.compose(make_parcel(attachments=(file,)), NOW), policy=default)
    [attached] = read.iter_attachments()  # type: ignore[union-attr]
    assert (attached.get_content_type(), attached.get_filename(), attached.get_content()) == (
        "application/pdf",
        "Rechnung.pdf",
        b"%PDF-1.4",
    )


def test_files_beyond_ten_megabytes_are_refused() -> None:
    big = Attachment("a.pdf", "application/pdf", b"x" * ((10 << 20) + 1))
    with pytest.raises(Refused, match="10 MB"):
        mail.compose(make_parcel(attachments=(big,)), NOW)


def test_nothing_that_tracks_is_added() -> None:
    content = mail.compose(make_parcel(body="<p>Hallo</p>", body_format="html"), NOW)
    assert not re.search(rb"https?://|<img|List-Unsubscribe|X-", content)


@pytest.mark.parametrize(
    ("address", "is_one"),
    [
        ("abcdefgh12345678@marketplace.amazon.de", True),
        ("abcdefgh12345678+k3j2@marketplace.amazon.de", True),
        ("abcdefgh12345678@marketplace.amazon.com", False),
        ("buyer@gmail.com", False),
        ("abcdefgh12345678@marketplace.amazon.de.evil.example", False),
        ("a b@marketplace.amazon.de", False),
        ("abcdefgh12345678@marketplace.amazon.de>\r\nRCPT TO:<x@y.example", False),
        ("", False),
    ],
)
def test_only_a_relay_address_of_the_orders_own_store_is_written_to(address: str, is_one: bool) -> None:
    assert is_relay_address(address, DE) is is_one
    if address and not is_one:
        with pytest.raises(Refused):
            check_addresses(make_parcel(to=address))


def test_another_stores_relay_address_is_odd() -> None:
    assert is_relay_address("abcdefgh12345678@marketplace.amazon.com", US)
    with pytest.raises(Refused, match="relay_address_odd"):
        check_addresses(make_parcel(marketplace_id=US))


@pytest.mark.parametrize("sender", ["", "no address", "a@b.example\r\nDATA"])
def test_a_sender_that_is_no_address_is_held(sender: str) -> None:
    with pytest.raises(Held):
        check_addresses(make_parcel(sender=sender))


@given(st.binary(max_size=400))
def test_no_body_can_end_the_data_early(content: bytes) -> None:
    sent = dotted(content)
    assert sent.endswith(b"\r\n")
    assert b"\r\n.\r\n" not in b"\r\n" + sent
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", sent)


def test_a_relay_is_read_from_its_address() -> None:
    relay = Relay.from_url("smtp+starttls://me%40x:p%3Aw@mail.example:2525")
    assert (relay.host, relay.port, relay.security, relay.user, relay.password) == (
        "mail.example",
        2525,
        "starttls",
        "me@x",
        "p:w",
    )
    with pytest.raises(ValueError, match="RELAY_SMTP_URL"):
        Relay.from_url("http://mail.example")
