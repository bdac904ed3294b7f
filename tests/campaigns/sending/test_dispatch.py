"""A seller's turn: what leaves, what does not, and what is written about either."""

from collections.abc import Callable
from datetime import timedelta
from unittest import mock

import pytest
from django.db.models import F

from accounts import fuse
from accounts.models import Connection
from campaigns.channels.base import Held, OutcomeUnknown, Refused, TryLater
from campaigns.domain.states import State
from campaigns.models import Campaign, DayLedger, Message
from campaigns.services.claim import next_due_at
from campaigns.services.dispatch import Turn
from campaigns.services.dispatch import turn as turns
from campaigns.services.sweep import next_look_at
from orders.models import Order
from tests.campaigns.sending.helpers import (
    Remembering,
    again,
    history,
    make_due,
    make_sendable,
    raising,
    soon,
)
from tests.factories.campaigns import make_campaign, make_message, suppress

Dispatch = Callable[..., Turn]


def test_a_due_message_is_sent_and_says_so(
    account: Connection, channel: Remembering, dispatch: Dispatch
) -> None:
    message = make_due(account)
    assert dispatch().sent == 1
    assert (again(message).state, message.amazon_request_id, message.claim_token) == (
        State.SENT,
        "request-1",
        None,
    )
    assert message.sent_at is not None
    assert history(message) == ["on_wire", "sent"]
    assert channel.sent[0].amazon_order_id == message.order.amazon_order_id


def test_a_second_turn_sends_nothing_again(
    account: Connection, channel: Remembering, dispatch: Dispatch
) -> None:
    make_due(account)
    dispatch()
    dispatch()
    assert len(channel.sent) == 1


def test_everything_is_asked_again_at_the_fence(
    account: Connection, channel: Remembering, dispatch: Dispatch
) -> None:
    """What happened between the gate and the last moment counts."""
    changes: list[tuple[Callable[[Message], object], State, str]] = [
        (
            lambda m: Order.objects.filter(pk=m.order_id).update(status="CANCELLED"),
            State.SKIPPED,
            "order_cancelled",
        ),
        (
            lambda m: Order.objects.filter(pk=m.order_id).update(refunded_at=soon()),
            State.SKIPPED,
            "order_refunded",
        ),
        (lambda m: suppress(m.order.amazon_order_id), State.SKIPPED, "suppressed"),
        (lambda m: suppress(m.order.amazon_order_id, source="opt_out"), State.SKIPPED, "opted_out"),
        (
            lambda m: Campaign.objects.filter(pk=m.campaign_id).update(state="paused"),
            State.HELD,
            "campaign_paused",
        ),
        (
            lambda m: Campaign.objects.filter(pk=m.campaign_id).update(state="ended"),
            State.CANCELLED,
            "campaign_ended",
        ),
        (
            lambda m: Message.objects.filter(pk=m.pk).update(expires_at=soon(seconds=-1)),
            State.EXPIRED,
            "window_closed",
        ),
        (
            lambda m: Connection.objects.update(health="needs_reauthorisation"),
            State.HELD,
            "connection_needs_reauthorisation",
        ),
    ]
    for change, state, reason in changes:
        message = make_due(account, make_campaign(filters={"refunded": "exclude"}))
        channel.before = lambda parcel, change=change, message=message: change(message)
        dispatch()
        assert (again(message).state, message.reason) == (state, reason)
    assert channel.sent == []


def test_a_disarmed_installation_holds(account: Connection, channel: Remembering, dispatch: Dispatch) -> None:
    fuse.disarm()
    message = make_due(account)
    dispatch()
    assert (again(message).state, message.reason, channel.sent) == (State.HELD, "sending_not_armed", [])


def test_the_fuse_is_asked_at_the_fence(
    account: Connection, channel: Remembering, dispatch: Dispatch
) -> None:
    message = make_due(account)
    channel.before = lambda parcel: fuse.disarm()
    dispatch()
    assert (again(message).reason, channel.sent) == ("sending_not_armed", [])


def test_a_lost_claim_sends_nothing_and_writes_nothing(
    account: Connection, channel: Remembering, dispatch: Dispatch
) -> None:
    message = make_due(account)
    channel.before = lambda parcel: Message.objects.update(leased_until=soon(seconds=-1))
    dispatch()
    assert (again(message).state, channel.sent, history(message)) == (State.CLAIMED, [], [])


def test_an_unknown_outcome_is_shown_and_never_sent_again(
    account: Connection, channel: Remembering, dispatch: Dispatch
) -> None:
    message = make_due(account)
    channel.after = raising(OutcomeUnknown("no reply"))
    dispatch()
    assert (again(message).state, message.reason) == (State.UNCERTAIN, "outcome_unknown")
    channel.after = lambda parcel: None
    dispatch()
    assert channel.sent == []


def test_our_own_mistake_after_the_fence_is_an_unknown_outcome(
    account: Connection, channel: Remembering, dispatch: Dispatch
) -> None:
    message = make_due(account)
    channel.after = raising(ValueError("a bug"))
    dispatch()
    assert again(message).state == State.UNCERTAIN


def test_what_certainly_did_not_leave_is_tried_later_and_not_counted(
    account: Connection, channel: Remembering, dispatch: Dispatch
) -> None:
    message = make_due(account)
    channel.after = raising(TryLater(timedelta(minutes=5), "relay_busy", "cut before the dot"))
    dispatch()
    assert (again(message).state, message.reason_detail["waits_for"]) == (State.PLANNED, "relay_busy")
    assert message.due_at > soon(minutes=4)
    assert DayLedger.objects.get().used == 0


def test_a_refusal_ends_the_message(account: Connection, channel: Remembering, dispatch: Dispatch) -> None:
    message = make_due(account)
    channel.after = raising(Refused("relay_refused", "550 unknown user"))
    dispatch()
    assert (again(message).state, message.reason_detail["words"]) == (State.REFUSED, "550 unknown user")


def test_what_must_be_mended_first_is_held(
    account: Connection, channel: Remembering, dispatch: Dispatch
) -> None:
    message = make_due(account)
    channel.before = raising(Held("sender_refused"))
    dispatch()
    assert (again(message).state, message.reason) == (State.HELD, "sender_refused")


def test_pace_gives_the_rest_back_untouched(
    account: Connection, channel: Remembering, dispatch: Dispatch
) -> None:
    campaign = make_campaign()
    messages = [make_due(account, campaign) for _ in range(3)]
    channel.before = lambda parcel: (
        len(channel.sent) == 1
        and raising(TryLater(timedelta(seconds=1), "amazon_pace", is_pace=True))(parcel)
    )
    turn = dispatch()
    assert (turn.sent, turn.wait) == (1, timedelta(seconds=1))
    assert sorted(again(m).state for m in messages) == [State.PLANNED, State.PLANNED, State.SENT]
    assert sum(len(history(m)) for m in messages) == 2


def test_a_poison_row_is_parked_and_the_others_flow(
    account: Connection, channel: Remembering, dispatch: Dispatch
) -> None:
    campaign = make_campaign()
    poison, healthy = make_due(account, campaign, priority=9), make_due(account, campaign)
    channel.before = lambda parcel: parcel.message_id == poison.pk and raising(RuntimeError("poison"))(parcel)
    for _ in range(6):
        dispatch()
        Message.objects.filter(state=State.PLANNED).update(due_at=soon(minutes=-1))
    assert (again(poison).state, poison.reason) == (State.HELD, "keeps_failing")
    assert again(healthy).state == State.SENT


def test_the_day_has_a_limit(account: Connection, channel: Remembering, dispatch: Dispatch) -> None:
    Connection.objects.update(daily_cap=10)
    campaign = make_campaign()
    for _ in range(12):
        make_due(account, campaign)
    dispatch()
    held = Message.objects.filter(state=State.HELD)
    assert len(channel.sent) == 9  # a tenth is kept for what an order cannot do without
    assert {m.reason for m in held} == {"cap_reached"}
    assert all(soon() < m.due_at <= soon(hours=25) for m in held)


def test_the_reserve_is_for_what_an_order_cannot_do_without(
    account: Connection, channel: Remembering, dispatch: Dispatch
) -> None:
    Connection.objects.update(daily_cap=10)
    DayLedger.objects.create(connection_id=account.pk, day=_today(), used=9, allowed=10)
    asking = make_due(account)
    critical = make_message(
        make_due(account, due_at=soon(days=1)).order,
        make_campaign(purpose="order_problem", planned_revision=1),
        is_proactive=False,
        due_at=soon(minutes=-1),
        expires_at=soon(days=1),
    )
    dispatch()
    assert (again(asking).reason, again(critical).state) == ("cap_reached", State.SENT)


def _today() -> object:
    from zoneinfo import ZoneInfo

    return soon().astimezone(ZoneInfo("Europe/Berlin")).date()


def test_amazons_formula_limits_where_the_seller_set_nothing(
    account: Connection, channel: Remembering, dispatch: Dispatch
) -> None:
    make_due(account)
    dispatch()
    ledger = DayLedger.objects.get()
    assert (ledger.used, ledger.allowed) == (1, 600)


def test_the_hours_of_the_campaign_are_kept_at_sending(
    account: Connection, channel: Remembering, dispatch: Dispatch
) -> None:
    from datetime import time

    tomorrow = soon(days=1).isoweekday() % 7 + 1
    campaign = make_campaign(window_days=[tomorrow], window_from=time(9), window_until=time(10))
    message = make_due(account, campaign)
    dispatch()
    assert (again(message).state, message.reason_detail["waits_for"], channel.sent) == (
        State.PLANNED,
        "outside_hours",
        [],
    )
    assert message.due_at > soon(hours=12)


@pytest.mark.parametrize(
    "fields", [{"connection_id": None}, {"is_replacement": True}, {"status": "CANCELLED"}]
)
def test_orders_that_may_not_be_written_to_are_skipped(
    account: Connection, channel: Remembering, dispatch: Dispatch, fields: dict[str, object]
) -> None:
    message = make_due(account, order=fields)
    dispatch()
    assert (again(message).state, channel.sent) == (State.SKIPPED, [])


def test_a_campaign_that_stood_behind_gets_its_turn_when_the_first_ends_unsent(
    account: Connection, channel: Remembering, dispatch: Dispatch
) -> None:
    first = make_due(account, make_campaign(priority=5, purpose="review_request"), priority=5)
    behind = make_message(
        first.order,
        make_campaign(name="behind"),
        state="skipped",
        reason="higher_priority",
        due_at=soon(hours=1),
        expires_at=soon(days=9),
    )
    channel.before = raising(Refused("amazon_refused"))
    dispatch()
    assert again(first).state == State.REFUSED
    assert again(behind).state == State.PLANNED


def test_what_was_put_off_past_its_window_expires_in_a_turn(
    account: Connection, channel: Remembering, dispatch: Dispatch
) -> None:
    message = make_due(account, expires_at=soon(hours=1))
    channel.before = raising(TryLater(timedelta(days=1), "not_offered"))
    dispatch()
    assert (
        again(message).due_at == message.expires_at
    )  # it is looked at when its time is over, not a day later
    Message.objects.update(due_at=soon(seconds=-1), expires_at=soon(seconds=-1))
    assert dispatch().claimed == 0
    assert (again(message).state, message.reason) == (State.EXPIRED, "window_closed")


def test_out_of_time_messages_keep_no_seller_due(account: Connection) -> None:
    make_due(account, expires_at=soon(seconds=-1))
    assert next_due_at(timedelta()) is None
    assert next_look_at() is not None  # where every turn missed it, the sweep has it


@pytest.mark.parametrize(
    "answer",
    [
        TryLater(timedelta(minutes=5), "relay_busy", stops_channel=True),
        TryLater(timedelta(minutes=5), "amazon_pace", is_pace=True),
    ],
)
def test_one_channels_trouble_holds_no_other(
    account: Connection, channel: Remembering, dispatch: Dispatch, answer: TryLater
) -> None:
    troubled, healthy = make_campaign(name="troubled"), make_campaign(name="healthy")
    first, second = (make_due(account, troubled, priority=9) for _ in range(2))
    other = make_due(account, healthy, order={"connection_id": make_sendable(account.seller, region="NA").pk})
    channel.before = lambda parcel: parcel.message_id == first.pk and raising(answer)(parcel)
    turn = dispatch(limit=1)
    assert turn.wait is None
    assert second.due_at < soon() < again(second).due_at
    assert again(second).reason_detail == {"waits_for": answer.reason}
    dispatch(limit=1)
    assert again(other).state == State.SENT


def test_a_turn_gives_the_rest_back_before_its_lease_runs_out(
    account: Connection, channel: Remembering, dispatch: Dispatch
) -> None:
    campaign = make_campaign()
    first, rest = make_due(account, campaign, priority=9), make_due(account, campaign)
    times = [0.0, 0.0, 61.0]  # the claim, the first message, the next
    with mock.patch.object(turns, "monotonic", side_effect=times):
        dispatch()
    assert again(first).state == State.SENT
    assert (again(rest).state, rest.attempts, history(rest)) == (State.PLANNED, 0, [])


def test_under_an_edit_that_is_not_planned_yet_nothing_is_sent(
    account: Connection, channel: Remembering, dispatch: Dispatch
) -> None:
    message = make_due(account)
    Campaign.objects.update(revision=F("revision") + 1)
    dispatch()
    assert (again(message).state, message.reason_detail["waits_for"]) == (State.PLANNED, "being_planned")
    assert channel.sent == []
    assert message.due_at < soon(minutes=1)
    Campaign.objects.update(planned_revision=F("revision"))
    Message.objects.update(due_at=soon(minutes=-1))
    dispatch()
    assert again(message).state == State.SENT


def test_an_edit_is_seen_at_the_fence_too(
    account: Connection, channel: Remembering, dispatch: Dispatch
) -> None:
    message = make_due(account)
    channel.before = lambda parcel: Campaign.objects.update(revision=F("revision") + 1)
    dispatch()
    assert (again(message).state, channel.sent) == (State.PLANNED, [])
