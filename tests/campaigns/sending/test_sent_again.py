"""A message whose outcome nobody learnt and that a person has sent again: its order stays contacted."""

from datetime import timedelta
from uuid import uuid4

import pytest

from accounts.models import Connection
from campaigns.channels.base import Refused, TryLater
from campaigns.domain.states import State
from campaigns.models import Message
from campaigns.services import settle
from campaigns.services.claim import claim
from campaigns.services.gate import facts
from tests.campaigns.sending.helpers import Remembering, again, history, make_due, raising, soon
from tests.campaigns.sending.test_dispatch import Dispatch
from tests.factories.campaigns import make_mail_campaign, make_message

GONE = TryLater(timedelta(days=1), "not_offered", "Amazon offers nothing.")


@pytest.fixture
def sent_again(account: Connection) -> Message:
    message = make_due(account)
    Message.objects.filter(pk=message.pk).update(
        state=State.UNCERTAIN, reason="outcome_unknown", claim_token=uuid4(), on_wire_at=soon(minutes=-9)
    )
    settle.send_again(again(message), None)
    return again(message)


def _rival(message: Message) -> Message:
    return make_message(
        message.order, make_mail_campaign(), due_at=soon(minutes=-1), expires_at=soon(days=3), priority=9
    )


def test_another_campaign_does_not_write_to_the_order(sent_again: Message, account: Connection) -> None:
    rival = _rival(sent_again)
    assert claim(account.seller_id).message_ids == (sent_again.pk,)
    assert (again(rival).state, rival.reason) == (State.SKIPPED, "already_contacted")


def test_neither_once_the_repeat_has_ended(sent_again: Message, account: Connection) -> None:
    Message.objects.filter(pk=sent_again.pk).update(state=State.HELD, reason="sender_refused")
    rival = _rival(sent_again)
    assert facts.read([rival.pk])[0].is_contacted_otherwise
    assert not claim(account.seller_id)
    assert again(rival).reason == "already_contacted"


def test_where_amazon_offers_it_no_more_nobody_knows_again(
    sent_again: Message, account: Connection, channel: Remembering, dispatch: Dispatch
) -> None:
    channel.before = raising(GONE)
    dispatch()
    assert (again(sent_again).state, sent_again.reason) == (State.UNCERTAIN, "outcome_unknown")
    assert soon(hours=5) < sent_again.due_at  # one empty answer proves nothing
    assert "gone_at" in sent_again.reason_detail


def test_what_never_was_uncertain_is_asked_for_again_daily(
    account: Connection, channel: Remembering, dispatch: Dispatch
) -> None:
    message = make_due(account)
    channel.before = raising(GONE)
    dispatch()
    assert again(message).state == State.PLANNED


def test_a_repeat_that_amazon_refuses_settles_it_as_sent(
    sent_again: Message, account: Connection, channel: Remembering, dispatch: Dispatch
) -> None:
    channel.before = raising(Refused("asked_elsewhere"))
    dispatch()
    assert again(sent_again).state == State.SENT
    assert sent_again.events.last().detail == {"witness": "amazon_refuses_repeat"}


def test_a_definite_not_taken_is_no_proof_that_we_sent(
    account: Connection, channel: Remembering, dispatch: Dispatch
) -> None:
    """It was on the wire and came back untaken; then somebody pressed the button in Seller Central."""
    message = make_due(account)
    channel.after = raising(TryLater(timedelta(minutes=5), "amazon_busy"))
    dispatch()
    assert (again(message).on_wire_at, history(message)) == (None, ["on_wire", "planned"])
    Message.objects.update(due_at=soon(minutes=-1))
    channel.before = raising(Refused("asked_elsewhere"))
    dispatch()
    assert (again(message).state, message.reason) == (State.REFUSED, "asked_elsewhere")
