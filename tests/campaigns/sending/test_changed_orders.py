"""An order that changed after it was planned: the campaign's own conditions are asked again before anything leaves."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as db
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from accounts.models import Connection, Seller
from accounts.tenancy import current_seller
from campaigns.domain.states import State
from campaigns.models import Campaign, Message, PlanCursor
from campaigns.services import moves, plan, settle, sweep
from campaigns.services.claim import claim
from campaigns.services.dispatch import Turn, take_turn
from campaigns.services.gate import changed, facts
from campaigns.services.moves import Move
from campaigns.services.plan import plan_changes
from orders.models import Order
from tests.campaigns.sending.helpers import Remembering, again, history, make_due, make_sendable, soon
from tests.factories.campaigns import make_campaign, make_message
from tests.factories.orders import change_order

Dispatch = Callable[..., Turn]
CHANGES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("order_returned", {"returned_at": soon()}, {"filters": {"returned": "exclude"}}),
    ("order_refunded", {"refunded_at": soon()}, {"filters": {"refunded": "exclude"}}),
    ("order_cancelled", {"cancelled_at": soon()}, {}),
    ("cancel_requested", {"cancel_requested_at": soon()}, {}),
    ("undeliverable", {"undeliverable_at": soon()}, {}),
    ("status_not_reached", {"status": "UNSHIPPED"}, {}),
    ("moment_unknown", {"delivered_at": None}, {}),
    (
        "price_out_of_range",
        {"total_minor": 900},
        {"filters": {"price": {"currency": "EUR", "min_minor": 1000}}},
    ),
    ("business_not_chosen", {"is_business": True}, {"filters": {"business": "exclude"}}),
]


def _change_later(message: Message, **fields: Any) -> None:
    """As another transaction would; all of a test is one."""
    Order.objects.filter(pk=message.order_id).update(changed_xact=F("changed_xact") + 1, **fields)


@pytest.mark.parametrize(("reason", "change", "terms"), CHANGES, ids=[reason for reason, _, _ in CHANGES])
def test_what_the_order_no_longer_meets_at_the_gate_is_the_reason(
    account: Connection, channel: Remembering, dispatch: Dispatch, reason: str, change: Any, terms: Any
) -> None:
    campaign = make_campaign(**terms)
    message, other = make_due(account, campaign), make_due(account, campaign)
    change_order(message.order, **change)
    dispatch()
    assert (again(message).state, message.reason) == (State.SKIPPED, reason)
    assert again(other).state == State.SENT
    assert history(message) == ["claimed", "skipped"] or history(message) == ["skipped"]


@pytest.mark.parametrize(("reason", "change", "terms"), CHANGES, ids=[reason for reason, _, _ in CHANGES])
def test_what_changes_between_gate_and_fence_is_the_reason_too(
    account: Connection, channel: Remembering, dispatch: Dispatch, reason: str, change: Any, terms: Any
) -> None:
    message = make_due(account, make_campaign(**terms))
    channel.before = lambda parcel: _change_later(message, **change)
    dispatch()
    dispatch()
    assert channel.sent == []
    assert (again(message).state, message.reason) == (State.SKIPPED, reason)


def test_a_change_that_matters_to_nobody_delays_nothing(
    account: Connection, channel: Remembering, dispatch: Dispatch
) -> None:
    message = make_due(account)
    channel.before = lambda parcel: _change_later(message, ship_country="AT")
    dispatch()
    assert again(message).due_at <= soon()
    channel.before = lambda parcel: None
    dispatch()
    assert again(message).state == State.SENT


def test_a_delivery_that_turns_out_later_moves_the_message(
    account: Connection, channel: Remembering, dispatch: Dispatch
) -> None:
    message = make_due(account, make_campaign(delay_hours=48))
    change_order(message.order, delivered_at=soon(hours=-8))
    dispatch()
    assert channel.sent == []
    assert (again(message).state, message.reason_detail["waits_for"]) == (State.PLANNED, "being_planned")
    assert soon(hours=39) < message.due_at < soon(hours=41) or message.due_at > soon(
        days=4
    )  # Amazon's window opens later


def test_a_whole_batch_is_asked_about_at_once(
    account: Connection, channel: Remembering, dispatch: Dispatch
) -> None:
    campaigns = [make_campaign(name=f"c{n}", delay_hours=n) for n in range(3)]

    def queries(count: int) -> int:
        made = [make_due(account, campaigns[n % 3]) for n in range(count)]
        for message in made:
            change_order(message.order, cancel_requested_at=soon())
        with CaptureQueriesContext(db) as seen:
            dispatch()
        assert {again(message).reason for message in made} == {"cancel_requested"}
        return len(seen)

    queries(3)
    assert queries(3) == queries(30)


def test_where_no_order_changed_since_it_was_planned_nothing_more_is_asked(
    account: Connection, channel: Remembering, dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = make_due(account)
    Order.objects.update(changed_xact=5)
    PlanCursor.objects.create(changed_xact=6)
    monkeypatch.setattr(changed.plan, "judge", lambda *_: pytest.fail("asked"))
    dispatch()
    assert again(message).state == State.SENT


def test_what_a_person_wrote_is_no_campaigns_business(
    account: Connection, channel: Remembering, dispatch: Dispatch
) -> None:
    message = make_due(account)
    by_hand = make_message(
        message.order,
        None,
        is_proactive=False,
        purpose="order_problem",
        due_at=soon(minutes=-1),
        expires_at=soon(days=2),
    )
    change_order(message.order, cancel_requested_at=soon())
    assert not changed.stops(facts.read([by_hand.pk]), 0)
    assert changed.stops(facts.read([message.pk]), 0)[message.pk].reason == "cancel_requested"


def test_a_plan_that_ran_while_it_was_claimed_hides_no_change(live_seller: Seller) -> None:
    """No plan touches a claimed message; its cursor moves on all the same. What counts is where it stood at the claim."""
    account = make_sendable(live_seller)
    message = make_due(account)
    plan_changes(soon())
    claimed = claim(live_seller.pk)
    change_order(message.order, undeliverable_at=soon())
    plan_changes(soon())
    assert Message.objects.get().state == "claimed"
    assert PlanCursor.objects.get().changed_xact > Order.objects.get().changed_xact
    assert (
        changed.stops(facts.read([message.pk]), claimed.planned_until)[message.pk].reason == "undeliverable"
    )


def test_a_campaign_whose_filters_cannot_be_read_sends_nothing_about_a_changed_order(
    account: Connection, channel: Remembering, dispatch: Dispatch
) -> None:
    message = make_due(account, make_campaign(filters={"colour": "red"}))
    dispatch()
    assert (again(message).state, channel.sent) == (State.PLANNED, [])
    assert message.due_at > soon() + timedelta(seconds=20)


def _back_by_the_fence(token: Any, message: Message) -> None:
    moves.apply(
        [Move(message.pk, State.PLANNED, "being_planned", {}, timedelta(0))], [State.CLAIMED], token=token
    )


def _back_untouched(token: Any, message: Message) -> None:
    moves.release([message.pk], token)


def _back_from_a_dead_worker(token: Any, message: Message) -> None:
    Message.objects.update(leased_until=soon(seconds=-1))
    sweep.sweep(current_seller())


def _back_by_way_of_a_hold(token: Any, message: Message) -> None:
    moves.apply([Move(message.pk, State.HELD, "sending_not_armed")], [State.CLAIMED], token=token)
    sweep.release_held(["sending_not_armed"])


def _back_after_its_text_was_mended(token: Any, message: Message) -> None:
    moves.apply([Move(message.pk, State.BLOCKED, "text_blocked")], [State.CLAIMED], token=token)
    settle.release_blocked(message.campaign_id or 0)


@pytest.mark.parametrize(
    "put_back",
    [
        _back_by_the_fence,
        _back_untouched,
        _back_from_a_dead_worker,
        _back_by_way_of_a_hold,
        _back_after_its_text_was_mended,
    ],
)
def test_what_changed_and_was_passed_over_while_it_was_in_hand_is_asked_at_the_next_claim(
    live_seller: Seller, put_back: Callable[[Any, Message], None]
) -> None:
    """No plan touches a claimed message, and its cursor moves past the change all the same: the next claim finds it there."""
    account = make_sendable(live_seller)
    message = make_due(account)
    plan_changes(soon())
    claimed = claim(live_seller.pk)
    change_order(message.order, undeliverable_at=soon())
    plan_changes(soon())
    assert PlanCursor.objects.get().changed_xact > Order.objects.get().changed_xact
    put_back(claimed.token, message)
    Message.objects.update(due_at=soon(minutes=-1))
    sent = Remembering()
    take_turn(live_seller, sent, 10)  # type: ignore[arg-type]
    assert sent.sent == []
    assert (again(message).state, message.reason) == (State.SKIPPED, "undeliverable")


def test_a_campaign_edited_and_planned_anew_between_gate_and_fence_is_asked_again(
    account: Connection, channel: Remembering, dispatch: Dispatch
) -> None:
    """A batch may be in hand for a minute: long enough to edit the campaign and to plan it anew."""
    message = make_due(account)
    campaign = message.campaign
    assert campaign is not None

    def edit(parcel: Any) -> None:
        Campaign.objects.update(filters={"business": "only"}, revision=F("revision") + 1)
        plan.replan(campaign, soon())
        channel.before = lambda parcel: None

    channel.before = edit
    dispatch()
    dispatch()
    assert channel.sent == []
    assert (again(message).state, message.reason) == (State.SKIPPED, "business_not_chosen")
