"""Opt-out notices in Amazon's languages, and everything that is none."""

import io
from email.message import EmailMessage

import pytest
from django.core.management import call_command

from accounts.models import Connection, Seller
from campaigns.domain.states import State
from campaigns.models import Message, Suppression
from campaigns.services import bounces
from tests.campaigns.sending.helpers import again, make_due, soon

SENTENCES = [
    "Your message about order {} was not sent because the buyer has chosen to opt out of receiving unsolicited messages.",
    "Bestellung {}: Der Käufer möchte keine unaufgeforderten\nNachrichten von Verkäufern erhalten.",
    "Commande {} : l'acheteur a choisi de ne pas recevoir de messages non sollicités.",
    "Pedido {}: el comprador ha elegido no recibir mensajes no solicitados.",
    "Ordine {}: l'acquirente ha scelto di non ricevere messaggi non richiesti.",
    "注文 {}: 購入者が出品者からの一方的なメッセージを受け取らない設定にしているため",
    "Bestelling {}: de koper wil geen ongevraagde berichten ontvangen.",
    "Zamówienie {}: kupujący zrezygnował z otrzymywania wiadomości.",
    "Pedido {}: o comprador optou por não receber mensagens não solicitadas.",
    "Order {}: köparen har valt att inte ta emot oönskade meddelanden.",
]


def notice(text: str, to: str = "shop@marlow.example", reply_to: str = "") -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "donotreply@amazon.de", to, "Your message was not delivered"
    if reply_to:
        mail["In-Reply-To"] = reply_to
    mail.set_content(text)
    return mail.as_bytes()


@pytest.fixture
def mailed(account: Connection) -> Message:
    message = make_due(
        account, channel="relay_email", state=State.SENT, mail_id="<m1@x.example>", sent_at=soon()
    )
    message.order.buyer_key = "k" * 64
    message.order.save()
    return message


@pytest.mark.parametrize("sentence", SENTENCES)
def test_the_wish_is_kept_whatever_the_language(mailed: Message, sentence: str) -> None:
    raw = notice(sentence.format(mailed.order.amazon_order_id))
    assert bounces.take_in(raw) == 1
    assert (again(mailed).state, mailed.reason) == (State.REFUSED, "opted_out")
    assert set(Suppression.objects.values_list("kind", "source")) == {
        ("order", "opt_out"),
        ("buyer", "opt_out"),
    }
    assert bounces.take_in(raw) == 0  # twice changes nothing


def test_a_notice_that_only_names_our_mail_is_understood(mailed: Message) -> None:
    raw = notice("The buyer has opted out of receiving messages.", reply_to="<m1@x.example>")
    assert bounces.take_in(raw) == 1
    assert again(mailed).reason == "opted_out"


def test_an_uncertain_mail_is_settled_by_its_bounce(mailed: Message) -> None:
    Message.objects.update(state=State.UNCERTAIN, reason="outcome_unknown")
    bounces.take_in(notice(SENTENCES[0].format(mailed.order.amazon_order_id)))
    assert again(mailed).state == State.REFUSED


@pytest.mark.parametrize("text", ["Where is my parcel {}?", "", "Unsubscribe {} now"])
def test_any_other_mail_changes_nothing(mailed: Message, text: str) -> None:
    assert bounces.take_in(notice(text.format(mailed.order.amazon_order_id))) == 0
    assert again(mailed).state == State.SENT
    assert not Suppression.objects.exists()


def test_a_notice_about_an_order_we_do_not_know_changes_nothing(mailed: Message) -> None:
    assert bounces.take_in(notice(SENTENCES[0].format("302-9999999-9999999"))) == 0


def test_a_notice_to_another_sellers_address_changes_nothing(mailed: Message) -> None:
    assert (
        bounces.take_in(notice(SENTENCES[0].format(mailed.order.amazon_order_id), to="rival@x.example")) == 0
    )


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe\x00", b"Content-Type: multipart/mixed; boundary=x\n\n--x"])
def test_a_broken_mail_is_no_notice(account: Connection, raw: bytes) -> None:
    assert bounces.take_in(raw) == 0


def test_where_the_answered_mail_and_the_named_order_disagree_neither_is_written_to(
    account: Connection, mailed: Message
) -> None:
    other = make_due(account, channel="relay_email", state=State.SENT, mail_id="<m2@x.example>")
    raw = notice(SENTENCES[0].format(other.order.amazon_order_id), reply_to="<m1@x.example>")
    assert bounces.take_in(raw) == 0
    assert {again(mailed).state, again(other).state} == {State.SENT}
    orders = {mailed.order.amazon_order_id, other.order.amazon_order_id}
    assert set(Suppression.objects.filter(kind="order").values_list("value", flat=True)) == orders


def test_a_seller_that_is_not_ready_keeps_no_other_from_its_notice(
    mailed: Message, account: Connection
) -> None:
    for number, state in enumerate(set(Seller.State) - {Seller.State.READY}):
        made = Seller(name="Gone", slug=f"gone-{number}", schema_name=f"seller_gone_{number}", state=state)
        [gone] = Seller.objects.bulk_create([made])  # a row without a schema
        Connection.objects.create(
            seller=gone,
            region="EU",
            selling_partner_id=f"AGONE{number}",
            marketplace_ids=[],
            authorised_at=soon(),
            sender_address=account.sender_address,
        )
    assert bounces.take_in(notice(SENTENCES[0].format(mailed.order.amazon_order_id))) == 1


def test_a_recipient_with_a_name_is_found(mailed: Message) -> None:
    raw = notice(SENTENCES[0].format(mailed.order.amazon_order_id), to="Marlow <Shop@marlow.example>")
    assert bounces.take_in(raw) == 1


@pytest.mark.parametrize(
    ("text", "said"), [(SENTENCES[0], "1 messages corrected"), ("Hello {}", "no opt-out notice")]
)
def test_a_mailbox_is_piped_into_the_command(
    mailed: Message, monkeypatch: pytest.MonkeyPatch, text: str, said: str
) -> None:
    raw, out = notice(text.format(mailed.order.amazon_order_id)), io.StringIO()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(raw)))
    call_command("take_in_notice", stdout=out)
    assert said in out.getvalue()
