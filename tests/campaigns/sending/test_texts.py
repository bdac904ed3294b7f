"""The words at the gate: filled in, looked at by the rules, in the buyer's language, with the files as approved."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from accounts import sealing
from accounts.models import Connection
from campaigns.domain.states import State
from campaigns.models import Message, TemplateAttachment, TemplateText
from campaigns.services.dispatch import Turn
from compliance import policy
from compliance.engine.types import Finding, Outcome
from compliance.services import checks
from orders.models import Order
from tests.campaigns.sending.helpers import Remembering, again, make_due
from tests.factories.campaigns import make_mail_campaign, make_template

Dispatch = Callable[..., Turn]
RELAY = "abcdefgh12345678@marketplace.amazon.de"


def make_mail(
    account: Connection, language: str = "de", body: str = "Bestellung {{ order_id }}", **fields: Any
) -> Message:
    template = make_template(body=body, purpose="order_information")
    TemplateText.objects.filter(version=template.approved).update(language=language)
    message = make_due(account, make_mail_campaign(template=template, purpose="order_information", **fields))
    sealed = sealing.seal(RELAY, f"orders_order.relay_address_sealed.{message.order_id}", account.seller)
    Order.objects.filter(pk=message.order_id).update(relay_address_sealed=sealed)
    return message


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The drafts the rules were shown; every text passes."""
    drafts: list[Any] = []

    def judge(draft: Any, accepted: Any = ()) -> policy.Verdict:
        drafts.append(draft)
        return policy.Verdict(Outcome.PASS)

    monkeypatch.setattr(checks, "judge", judge)
    return drafts


def answering(monkeypatch: pytest.MonkeyPatch, outcome: Outcome, rule: str = "no-emoji") -> None:
    finding = Finding(rule, "C1", outcome, "An emoji.", "🙂")
    monkeypatch.setattr(checks, "judge", lambda draft, accepted=(): policy.Verdict(outcome, (finding,)))


def test_the_rules_see_the_very_text_that_leaves(
    account: Connection, channel: Remembering, dispatch: Dispatch, seen: list[Any]
) -> None:
    message = make_mail(account)
    dispatch()
    [parcel] = channel.sent
    assert parcel.body == seen[0].body == f"Bestellung {message.order.amazon_order_id}"
    assert (seen[0].stage, parcel.to, parcel.sender) == ("rendered", RELAY, "shop@marlow.example")
    assert (again(message).body, message.language, message.mail_id) == (parcel.body, "de", parcel.mail_id)


def test_the_message_id_is_the_same_for_every_attempt(
    account: Connection, channel: Remembering, dispatch: Dispatch, seen: list[Any]
) -> None:
    message = make_mail(account)
    dispatch()
    Message.objects.update(state=State.PLANNED)
    dispatch()
    assert channel.sent[0].mail_id == channel.sent[1].mail_id == again(message).mail_id


def test_a_text_that_breaks_a_rule_is_blocked_with_the_finding(
    account: Connection, channel: Remembering, dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, Outcome.BLOCK)
    message = make_mail(account)
    dispatch()
    assert (again(message).state, message.reason, channel.sent) == (State.BLOCKED, "text_blocked", [])
    assert message.reason_detail["findings"][0]["rule"] == "no-emoji"


def test_a_text_that_needs_a_person_is_held(
    account: Connection, channel: Remembering, dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, Outcome.REVIEW)
    message = make_mail(account)
    dispatch()
    assert (again(message).state, message.reason, channel.sent) == (State.HELD, "text_needs_review", [])


def test_advice_stops_nothing(
    account: Connection, channel: Remembering, dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, Outcome.ADVICE)
    make_mail(account)
    assert dispatch().sent == 1


def test_the_gate_fails_closed(
    account: Connection, channel: Remembering, dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(draft: Any, accepted: Any = ()) -> policy.Verdict:
        raise RuntimeError("a rule fell over")

    monkeypatch.setattr(checks, "judge", crash)
    message = make_mail(account)
    dispatch()
    assert (again(message).state, message.reason, channel.sent) == (State.HELD, "check_failed", [])


def test_a_rule_that_crashed_holds(
    account: Connection, channel: Remembering, dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, Outcome.REVIEW, "rule-crashed")
    message = make_mail(account)
    dispatch()
    assert again(message).reason == "check_failed"


def test_a_text_without_the_buyers_language_is_skipped(
    account: Connection, channel: Remembering, dispatch: Dispatch, seen: list[Any]
) -> None:
    message = make_mail(account, language="fr")
    dispatch()
    assert (again(message).state, message.reason, channel.sent) == (State.SKIPPED, "no_language", [])


def test_a_text_of_files_only_goes_in_any_language(
    account: Connection,
    channel: Remembering,
    dispatch: Dispatch,
    seen: list[Any],
    tmp_path: Path,
    settings: Any,
) -> None:
    settings.MEDIA_ROOT = tmp_path
    message = make_mail(account, language="fr", body="")
    TemplateText.objects.update(subject="")
    _attach(message, tmp_path, b"%PDF", b"%PDF")
    dispatch()
    assert again(message).state == State.SENT


def test_it_falls_back_to_amazons_own_request_where_the_campaign_says_so(
    account: Connection, channel: Remembering, dispatch: Dispatch, seen: list[Any]
) -> None:
    message = make_mail(account, language="fr", when_no_language="solicitation")
    dispatch()
    dispatch()
    assert (again(message).state, message.channel, message.version) == (State.SENT, "solicitation", None)
    assert channel.sent[0].body == ""


def test_in_germany_amazon_asks_in_place_of_the_sellers_own_words(
    account: Connection, channel: Remembering, dispatch: Dispatch, seen: list[Any]
) -> None:
    message = make_mail(account)
    Message.objects.update(purpose="review_request", is_proactive=True)
    dispatch()
    assert message.events.filter(reason="asks_in_germany").exists()
    dispatch()
    assert (again(message).state, message.channel) == (State.SENT, "solicitation")


def test_in_germany_the_sellers_words_go_out_where_the_buyers_have_agreed(
    account: Connection, channel: Remembering, dispatch: Dispatch, seen: list[Any]
) -> None:
    message = make_mail(account, on_amazon_de="written")
    Message.objects.update(purpose="review_request", is_proactive=True)
    dispatch()
    assert (again(message).state, message.channel) == (State.SENT, "relay_email")


def test_a_placeholder_without_a_value_holds(
    account: Connection, channel: Remembering, dispatch: Dispatch, seen: list[Any]
) -> None:
    message = make_mail(account, body="Ihr Paket {{ sku }}")
    message.order.items.update(sku="")
    dispatch()
    assert (again(message).state, message.reason) == (State.HELD, "render_failed")


def test_a_version_that_lost_its_approval_holds(
    account: Connection, channel: Remembering, dispatch: Dispatch, seen: list[Any]
) -> None:
    message = make_mail(account)
    channel.before = lambda parcel: again(message).version.template.versions.update(state="paused")
    dispatch()
    assert (again(message).state, message.reason, channel.sent) == (State.HELD, "version_paused", [])


def _attach(message: Message, folder: Path, content: bytes, digest_of: bytes) -> None:
    (folder / "file").write_bytes(content)
    TemplateAttachment.objects.create(
        version=message.campaign.template.approved,
        file_name="Rechnung.pdf",
        stored_as="file",
        content_type="application/pdf",
        size_bytes=len(content),
        sha256=hashlib.sha256(digest_of).hexdigest(),
    )


def test_files_go_along(
    account: Connection,
    channel: Remembering,
    dispatch: Dispatch,
    seen: list[Any],
    tmp_path: Path,
    settings: Any,
) -> None:
    settings.MEDIA_ROOT = tmp_path
    _attach(make_mail(account), tmp_path, b"%PDF", b"%PDF")
    dispatch()
    assert [file.content for file in channel.sent[0].attachments] == [b"%PDF"]


def test_a_file_changed_since_its_approval_holds(
    account: Connection,
    channel: Remembering,
    dispatch: Dispatch,
    seen: list[Any],
    tmp_path: Path,
    settings: Any,
) -> None:
    settings.MEDIA_ROOT = tmp_path
    message = make_mail(account)
    _attach(message, tmp_path, b"another", b"%PDF")
    dispatch()
    assert (again(message).reason, channel.sent) == ("attachment_missing", [])


def test_a_batch_costs_no_query_for_each_text(
    account: Connection,
    channel: Remembering,
    dispatch: Dispatch,
    seen: list[Any],
    django_assert_max_num_queries: Any,
) -> None:
    """The gate's reads are for the batch: two messages more cost only their own fence and outcome."""
    from campaigns.services.gate import around, facts
    from campaigns.services.gate.texts import Texts

    ids = [make_mail(account).pk for _ in range(6)]
    batch = facts.read(ids)
    surroundings = around.of(batch)
    with django_assert_max_num_queries(6):
        Texts(account.seller, batch, surroundings.connections)
