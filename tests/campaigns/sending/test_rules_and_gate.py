"""The gate's own checks and the rules about when, to whom and how answer alike: each row of the table makes one thing wrong in
the database, and both say so; with nothing wrong both are silent.
"""

import email.policy
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Connection, Seller
from campaigns.channels import mail
from campaigns.channels.base import Parcel
from campaigns.domain.states import State
from campaigns.domain.vocabulary import CRITICAL, Channel
from campaigns.models import DayLedger, Message, TemplateText
from campaigns.services.gate import around, changed, facts
from campaigns.services.gate.checks import first_stop
from campaigns.services.gate.sending import sending_of
from compliance.engine import run
from compliance.engine.sending import Sending
from compliance.engine.types import Draft, Outcome
from compliance.rules import RULES
from compliance.rules.opt_out_respected import CRITICAL as CRITICAL_OF_THE_RULES
from compliance.services import checks
from orders.models import Order
from orders.selectors import facts_of, relay_address
from tests.campaigns.sending.helpers import Remembering, again, make_due, seal_relay, soon
from tests.factories.campaigns import make_campaign, make_mail_campaign, make_message, make_template, suppress

Change = Callable[[Message], object]


def order(**fields: Any) -> Change:
    return lambda m: Order.objects.filter(pk=m.order_id).update(**fields)


def account(**fields: Any) -> Change:
    return lambda m: Connection.objects.filter(pk=m.order.connection_id).update(**fields)


def restrict(message: Message) -> None:
    Seller.objects.filter(pk=Connection.objects.get(pk=message.order.connection_id).seller_id).update(
        restricted_at=timezone.now()
    )


def fill_the_day(message: Message) -> None:
    account(daily_cap=10)(message)
    DayLedger.objects.filter(connection_id=message.order.connection_id).update(used=9, allowed=10)


def contact(message: Message) -> None:
    timing = {"due_at": soon(days=-1), "expires_at": soon(days=3)}
    make_message(message.order, make_campaign(name="Before"), state="sent", sent_at=soon(days=-1), **timing)


@dataclass(frozen=True)
class Row:
    """One thing that is wrong, the rule that says so, and the gate's reason."""

    rule: str
    reason: str
    change: Change
    channels: tuple[str, ...] = ("solicitation", "relay_email", "messaging")
    name: str = field(default="")


LATE = {"purchased_at": soon(days=-45), "delivered_at": soon(days=-31)}
TABLE = (
    Row("window-30-days", "window_closed", order(**LATE), ("relay_email", "messaging")),
    Row(
        "window-30-days",
        "window_closed",
        order(purchased_at=soon(days=-31), delivered_at=None),
        ("messaging",),
        "unknown",
    ),
    Row("solicitation-window", "window_closed", order(**LATE), ("solicitation",), "late"),
    Row(
        "solicitation-window", "being_planned", order(delivered_at=soon(days=-4)), ("solicitation",), "early"
    ),
    Row(
        "solicitation-window", "status_not_reached", order(status="UNSHIPPED"), ("solicitation",), "unshipped"
    ),
    Row("order-state", "order_cancelled", order(status="CANCELLED")),
    Row("order-state", "order_cancelled", order(cancelled_at=soon()), name="cancelled_at"),
    Row(
        "order-state",
        "order_replacement",
        order(is_replacement=True),
        ("solicitation", "relay_email"),
        "replacement",
    ),
    Row("one-request-per-order", "already_contacted", contact, ("solicitation", "relay_email")),
    Row(
        "opt-out-respected",
        "opted_out",
        lambda m: suppress(m.order.amazon_order_id, source="opt_out"),
        ("solicitation", "relay_email"),
    ),
    Row("sender-approved", "no_sender_address", account(sender_address=""), ("relay_email",)),
    Row("restricted-account", "messaging_restricted", restrict, ("relay_email", "messaging")),
    Row("daily-volume", "cap_reached", fill_the_day, ("solicitation", "relay_email")),
)
CASES = [
    pytest.param(row, channel, id="-".join(filter(None, (row.rule, row.name, channel))))
    for row in TABLE
    for channel in row.channels
]
#: Rules about facts that nobody here knows beforehand, and who looks instead.
ELSEWHERE = {
    "authenticated-mail": "a setting of the installation: below",
    "buyer-fatigue": "the campaign's own filter: repeat_buyer_days",
    "channel-only-bsm": "campaigns/channels/mail.py: only a relay address is ever written to",
    "no-insiders": "nobody tells who the seller's own people are",
    "provider-adds-nothing": "what is put on the wire: below",
    "recipient-is-this-buyer": "the address is sealed to the order's own cell",
    "relay-recipient-only": "campaigns/channels/mail.py: only the store's own relay address",
    "return-messages-narrow": "reports tell of a return a day late: the trigger waits for it",
}


@pytest.fixture
def due(account: Connection) -> Callable[[str], Message]:
    def make(channel: str) -> Message:
        if channel == "solicitation":
            return make_due(account, make_campaign())
        purpose = "review_request" if channel == "relay_email" else "delivery_scheduling"
        kind = "confirmDeliveryDetails" if channel == "messaging" else ""
        template = make_template(channel=channel, purpose=purpose, message_type=kind)
        TemplateText.objects.filter(version=template.approved).update(language="de")
        fields = {"channel": channel, "purpose": purpose, "template": template, "on_amazon_de": "written"}
        if channel == "messaging":
            fields["trigger"] = "placed"
        message = make_due(
            account,
            make_mail_campaign(**fields),
            message_type=kind,
            is_proactive=channel != "messaging",
            version=template.approved,
        )
        return seal_relay(message, account.seller)

    return make


def gate_says(message: Message) -> str:
    [one] = facts.read([message.pk])
    stop = first_stop(one, around.of([one])) or changed.stops([one], 0).get(one.message_id)
    return stop.reason if stop else ""


def rules_say(message: Message) -> set[str]:
    report = run.check_sending(
        sending_about(message),
        medium="relay_email" if message.channel == "relay_email" else "messaging_api",
        purpose="review_request" if message.purpose.startswith("review") else message.purpose,  # type: ignore[arg-type]
        marketplace="DE",
    )
    return {
        finding.rule
        for finding in report.findings
        if finding.outcome > Outcome.ADVICE or finding.rule == "opt-out-respected"
    }


def sending_about(message: Message) -> Sending:
    [one] = facts.read([message.pk])
    found = Order.objects.get(pk=message.order_id)
    to = relay_address(found) if message.channel == Channel.RELAY_EMAIL else None
    return sending_of(one, facts_of(found), to or "")


@pytest.mark.parametrize(("row", "channel"), CASES)
def test_what_one_finds_wrong_the_other_does_too(
    due: Callable[[str], Message], row: Row, channel: str
) -> None:
    message = due(channel)
    assert (gate_says(message), rules_say(message)) == ("", set())
    row.change(message)
    assert row.rule in rules_say(message)
    assert gate_says(message) == row.reason


@pytest.mark.parametrize("channel", ["solicitation", "relay_email", "messaging"])
def test_a_restriction_and_an_empty_sender_stop_nothing_that_they_are_not_about(
    due: Callable[[str], Message], channel: str
) -> None:
    message = due(channel)
    if channel == "solicitation":
        restrict(message)
    if channel != "relay_email":
        account(sender_address="")(message)
    assert (gate_says(message), rules_say(message)) == ("", set())


def test_both_mean_the_same_by_critical() -> None:
    assert {str(purpose) for purpose in CRITICAL} == set(CRITICAL_OF_THE_RULES)


def test_each_rule_about_sending_is_in_the_table_or_says_who_looks_instead() -> None:
    about_sending = {rule.slug for rule in RULES if "sending" in rule.reads}
    assert about_sending == {row.rule for row in TABLE} | set(ELSEWHERE)


def test_mail_that_the_relay_does_not_sign_waits_for_a_person(
    due: Callable[[str], Message], account: Connection, channel: Remembering, dispatch: Any, settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    message = due("relay_email")
    assert sending_about(message).is_mail_signed is None
    settings.RELAY_SIGNS_MAIL = False
    assert rules_say(message) == {"authenticated-mail"}
    seen: list[Draft] = []
    monkeypatch.setattr(checks, "run", _Only(seen))
    dispatch()
    assert (again(message).state, message.reason, channel.sent) == (State.HELD, "text_needs_review", [])
    assert message.reason_detail["findings"][0]["rule"] == "authenticated-mail"
    assert seen[0].sending == replace(sending_about(message), at=seen[0].sending.at)  # type: ignore[union-attr]


class _Only:
    """The engine, with the rules about sending alone: what the words are like is not asked here."""

    def __init__(self, seen: list[Draft]) -> None:
        self._seen = seen

    def check(self, draft: Draft) -> run.Report:
        self._seen.append(draft)
        return run.check(draft, [rule for rule in RULES if rule.reads == {"sending"}])


@pytest.mark.parametrize("body_format", ["text", "html"])
def test_our_own_mail_adds_nothing_to_the_words(body_format: str) -> None:
    body = (
        "<p>Bestellung 302-1234567-1234567: <strong>unterwegs</strong>.</p>"
        if body_format == "html"
        else "Bestellung 302-1: ja."
    )
    to = "abcdefgh12345678@marketplace.amazon.de"
    parcel = Parcel(
        1, Channel.RELAY_EMAIL, "order_information", "302-1", "A1PA6795UKMFR9", subject="Ihre Bestellung", body=body,
        body_format=body_format, mail_id="<a@b.example>", sender="shop@marlow.example", to=to,
    )  # fmt: skip
    left = message_from_bytes(mail.compose(parcel, timezone.now()), policy=email.policy.default)
    part = left.get_body(("html",) if body_format == "html" else ("plain",))
    assert part is not None
    draft = Draft("relay_email", "order_information", body, "de-DE", "DE", body_format=body_format)  # type: ignore[arg-type]
    for text, rules in (
        (part.get_content(), set()),
        (part.get_content() + " Sent with Mailer.", {"provider-adds-nothing"}),
    ):
        said = run.check(
            replace(draft, sending=Sending(leaves_as=text)),
            [r for r in RULES if r.slug == "provider-adds-nothing"],
        )
        assert {finding.rule for finding in said.findings} == rules
