"""What time does: leases that ran out, windows that closed, held messages whose reason is gone."""

from uuid import uuid4

import pytest

from accounts import fuse
from accounts.models import Connection, SellerDue
from campaigns.domain.states import State
from campaigns.models import Campaign, Message, Suppression
from campaigns.services import one_off, settle, suppression
from campaigns.services.claim import claim
from campaigns.services.plan import plan_orders
from campaigns.services.sweep import next_look_at, release_held, sweep
from campaigns.tasks.sending import lost_due, lost_sweeps
from tests.campaigns.sending.helpers import again, history, make_due, soon
from tests.factories.campaigns import make_campaign


def _stand(message: Message, state: str, reason: str = "", **fields: object) -> Message:
    Message.objects.filter(pk=message.pk).update(state=state, reason=reason, **fields)
    return again(message)


def test_a_dead_workers_claim_goes_back_to_the_queue(account: Connection) -> None:
    message = make_due(account)
    claim(account.seller_id)
    Message.objects.update(leased_until=soon(seconds=-1))
    assert sweep(account.seller).taken_back == 1
    assert (again(message).state, message.claim_token, message.attempts) == (State.PLANNED, None, 1)


def test_a_living_claim_is_left_alone(account: Connection) -> None:
    make_due(account)
    claim(account.seller_id)
    assert sweep(account.seller).taken_back == 0


def test_what_was_on_the_wire_becomes_uncertain_and_stays_so(account: Connection) -> None:
    message = _stand(make_due(account), "on_wire", claim_token=uuid4(), leased_until=soon(seconds=-1))
    sweep(account.seller)
    assert (again(message).state, message.reason) == (State.UNCERTAIN, "outcome_unknown")
    assert message.claim_token is not None  # its worker may still wake up and know
    assert not claim(account.seller_id)


def test_messages_past_their_window_expire_also_while_held(account: Connection) -> None:
    planned = make_due(account, expires_at=soon(seconds=-1))
    held = _stand(make_due(account, make_campaign(), expires_at=soon(seconds=-1)), "held", "campaign_paused")
    assert sweep(account.seller).expired == 2
    assert {again(planned).reason, again(held).reason} == {"window_closed"}


@pytest.mark.parametrize(
    "reason", ["campaign_paused", "connection_needs_reauthorisation", "sending_not_armed"]
)
def test_a_held_message_goes_on_once_nothing_is_in_the_way(account: Connection, reason: str) -> None:
    message = _stand(make_due(account), "held", reason)
    assert sweep(account.seller).released == 1
    assert again(message).state == State.PLANNED
    assert SellerDue.objects.filter(seller=account.seller, kind="messages.due", due_at__isnull=False).exists()


def test_a_message_still_held_for_the_same_reason_keeps_its_history_short(account: Connection) -> None:
    fuse.disarm()
    message = _stand(make_due(account), "held", "sending_not_armed")
    sweep(account.seller)
    assert (again(message).state, history(message)) == (State.HELD, [])
    assert message.due_at > soon(minutes=10)


def test_a_held_message_whose_order_was_cancelled_is_skipped(account: Connection) -> None:
    message = _stand(make_due(account, order={"status": "CANCELLED"}), "held", "campaign_paused")
    sweep(account.seller)
    assert (again(message).state, message.reason) == (State.SKIPPED, "order_cancelled")


def test_mending_releases_at_once(account: Connection) -> None:
    message = _stand(make_due(account), "held", "text_needs_review", due_at=soon(hours=4))
    other = _stand(make_due(account, make_campaign()), "held", "campaign_paused", due_at=soon(hours=4))
    assert release_held(["text_needs_review"]) == 1
    assert (again(message).state, again(other).state) == (State.PLANNED, State.HELD)


def test_a_seller_with_nothing_waiting_is_not_looked_at_again(account: Connection) -> None:
    assert next_look_at() is None
    message = _stand(make_due(account), "held", "campaign_paused", due_at=soon(minutes=3))
    assert next_look_at() == message.due_at


def test_lost_entries_of_the_due_index_are_found(account: Connection) -> None:
    message = make_due(account, due_at=soon(hours=2))
    held = _stand(make_due(account, make_campaign()), "held", "campaign_paused", due_at=soon(minutes=3))
    assert dict(lost_due())[account.seller_id] == message.due_at
    assert dict(lost_sweeps())[account.seller_id] == held.due_at


# --- by a person ---


@pytest.fixture
def uncertain(account: Connection) -> Message:
    return _stand(
        make_due(account), "uncertain", "outcome_unknown", claim_token=uuid4(), on_wire_at=soon(minutes=-9)
    )


def test_a_person_says_that_it_went(uncertain: Message) -> None:
    settle.it_went(uncertain, None)
    assert (uncertain.state, uncertain.sent_at, uncertain.reason) == (State.SENT, uncertain.on_wire_at, "")


def test_a_person_has_it_sent_again(uncertain: Message, account: Connection) -> None:
    settle.send_again(uncertain, None)
    assert (uncertain.state, uncertain.claim_token) == (State.PLANNED, None)
    assert claim(account.seller_id).message_ids == (uncertain.pk,)


def test_what_is_out_of_time_is_not_sent_again(uncertain: Message) -> None:
    uncertain.expires_at = soon(seconds=-1)
    with pytest.raises(settle.NotSettlable):
        settle.send_again(uncertain, None)


def test_a_person_leaves_it_open(uncertain: Message) -> None:
    settle.leave(uncertain, None)
    assert (uncertain.state, uncertain.reason, next_look_at()) == (State.UNCERTAIN, "left_open", None)


def test_only_uncertain_messages_can_be_settled(account: Connection) -> None:
    message = make_due(account)
    for verb in (settle.it_went, settle.send_again, settle.leave):
        with pytest.raises(settle.NotSettlable, match="planned now"):
            verb(message, None)
    assert again(message).state == State.PLANNED


def test_blocked_messages_are_looked_at_anew_once_the_text_was_mended(account: Connection) -> None:
    campaign = make_campaign()
    message = _stand(make_due(account, campaign), "blocked", "text_blocked")
    other = _stand(make_due(account, make_campaign()), "blocked", "text_blocked")
    assert settle.release_blocked(campaign.pk) == 1
    assert (again(message).state, again(other).state) == (State.PLANNED, State.BLOCKED)


# --- the do-not-write list ---


def test_suppressing_an_order_stops_what_waits_for_its_buyer(account: Connection) -> None:
    first = make_due(account, order={"buyer_key": "k" * 64})
    second = make_due(account, make_campaign(), order={"buyer_key": "k" * 64})
    stranger = make_due(account, make_campaign(), order={"buyer_key": "s" * 64})
    done = suppression.suppress(first.order.amazon_order_id)
    assert (done.kinds, done.stopped) == (("order", "buyer"), 2)
    assert (again(second).reason, again(stranger).state) == ("suppressed", State.PLANNED)
    assert suppression.suppress(first.order.amazon_order_id).kinds == ()  # twice changes nothing


def test_an_unknown_order_cannot_be_suppressed(account: Connection) -> None:
    with pytest.raises(suppression.NothingToSuppress, match="302-0"):
        suppression.suppress("302-0000000-0000000")
    assert not Suppression.objects.exists()


def test_a_buyers_own_wish_cannot_be_lifted_here(account: Connection) -> None:
    message = make_due(account)
    suppression.suppress(message.order.amazon_order_id, source="opt_out")
    with pytest.raises(ValueError, match="Amazon"):
        suppression.lift(Suppression.objects.get())


def test_taken_off_the_list_an_order_is_planned_again(account: Connection) -> None:
    message = make_due(account, make_campaign(), order={"delivered_at": soon(days=-8), "buyer_key": "k" * 64})
    order = message.order
    message.delete()
    plan_orders([order.pk], soon())
    suppression.suppress(order.amazon_order_id)
    assert {m.reason for m in Message.objects.all()} == {"suppressed"}
    for entry in Suppression.objects.all():
        suppression.lift(entry)
    assert [m.state for m in Message.objects.all()] == [State.PLANNED]


# --- a message by hand ---


@pytest.mark.parametrize(
    ("fields", "channel", "field"),
    [
        ({"body": " "}, "relay_email", "body"),
        ({"subject": ""}, "relay_email", "subject"),
        ({}, "solicitation", "channel"),
        ({"message_type": "postcard"}, "messaging", "body"),
        ({"message_type": "warranty"}, "messaging", "body"),
    ],
)
def test_what_cannot_go_by_hand_names_the_field(
    account: Connection, fields: dict[str, str], channel: str, field: str
) -> None:
    from campaigns.domain.vocabulary import Channel, Purpose

    order = make_due(account).order
    words = one_off.Words(**{"body": "Guten Tag", "language": "de", "subject": "Ihre Bestellung", **fields})
    with pytest.raises(one_off.OneOffRefused) as refused:
        one_off.write(order, Channel(channel), Purpose.ORDER_PROBLEM, words, None)
    assert refused.value.field == field
    assert not Message.objects.filter(campaign__isnull=True).exists()
    assert Campaign.objects.exists()
