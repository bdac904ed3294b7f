"""A message by hand: clean words go out, doubtful ones wait for a reviewer, forbidden ones are not even stored."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Connection
from campaigns.domain.states import State
from campaigns.domain.vocabulary import Channel, Purpose
from campaigns.models import Message
from campaigns.services import one_off, settle
from campaigns.services.dispatch import take_turn
from compliance.engine import run
from compliance.engine.types import Finding, Outcome
from compliance.errors import NotSubmittable
from compliance.models import Case, Verdict
from compliance.services import review
from tests.campaigns.sending.helpers import Remembering, again, make_due

WORDS = one_off.Words("Guten Tag, Ihre Lampe kommt morgen.", "de", "Ihre Bestellung")


def _rules_say(monkeypatch: pytest.MonkeyPatch, *outcomes: Outcome) -> None:
    found = tuple(Finding("no-shouting", "C1", outcome, "Too loud.", "LAMPE") for outcome in outcomes)
    monkeypatch.setattr(run, "check", lambda draft, rules=(): run.Report(found, "pack-1", 0.0))


def _write(account: Connection) -> Message:
    order = make_due(account, state=State.CANCELLED, reason="campaign_ended").order
    return one_off.write(order, Channel.RELAY_EMAIL, Purpose.ORDER_PROBLEM, WORDS, None)


def test_clean_words_go_out_with_the_next_turn(
    account: Connection, channel: Remembering, monkeypatch: pytest.MonkeyPatch
) -> None:
    from accounts import sealing
    from orders.models import Order

    _rules_say(monkeypatch)
    message = _write(account)
    sealed = sealing.seal(
        "abcdefgh12345678@marketplace.amazon.de",
        f"orders_order.relay_address_sealed.{message.order_id}",
        account.seller,
    )
    Order.objects.filter(pk=message.order_id).update(relay_address_sealed=sealed)
    assert take_turn(account.seller, channel, 5).sent == 1  # type: ignore[arg-type]
    assert (channel.sent[0].body, again(message).is_proactive) == (WORDS.body, False)


def test_forbidden_words_are_not_stored(account: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    _rules_say(monkeypatch, Outcome.BLOCK)
    with pytest.raises(NotSubmittable, match="Too loud"):
        _write(account)
    assert not Message.objects.filter(campaign__isnull=True).exists()


@pytest.mark.parametrize(("answer", "state"), [("approved", State.PLANNED), ("rejected", State.CANCELLED)])
def test_doubtful_words_wait_for_a_reviewer(
    account: Connection, monkeypatch: pytest.MonkeyPatch, answer: str, state: State
) -> None:
    _rules_say(monkeypatch, Outcome.REVIEW)
    message = _write(account)
    assert (message.state, message.reason) == (State.HELD, "text_needs_review")
    case = Case.objects.get(subject_id=message.public_id)
    now = timezone.now()
    review.decide(case.pk, Verdict.Answer(answer), reviewer=None, reason="Read it.", now=now)
    assert one_off.read_verdicts(now) == 1
    assert again(message).state == state
    assert one_off.read_verdicts(now) == 0


def test_what_a_reviewer_accepted_does_not_hold_it_again(
    account: Connection, channel: Remembering, monkeypatch: pytest.MonkeyPatch
) -> None:
    from campaigns.services.gate import around, facts
    from campaigns.services.gate.texts import Texts

    _rules_say(monkeypatch, Outcome.REVIEW)
    message = _write(account)
    case = Case.objects.get(subject_id=message.public_id)
    review.decide(case.pk, Verdict.Answer.APPROVED, reviewer=None, reason="", now=timezone.now())
    one_off.read_verdicts(timezone.now())
    monkeypatch.setattr(Texts, "_address", lambda self, facts: "abcdefgh12345678@marketplace.amazon.de")
    batch = facts.read([message.pk])
    surroundings = around.of(batch)
    parcel: Any = Texts(account.seller, batch, surroundings.connections).parcel(batch[0])
    assert parcel.body == WORDS.body


def test_a_person_withdraws_what_still_waits(account: Connection) -> None:
    message = make_due(account)
    settle.withdraw(message, None)
    assert (message.state, message.reason) == (State.CANCELLED, "withdrawn_by_hand")
    with pytest.raises(settle.NotSettlable):
        settle.withdraw(message, None)
