"""The subscription at the gate and at the fence: a lapse holds, coming back lets go without a burst and never late."""

from collections.abc import Callable
from datetime import time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.utils import timezone

from accounts import due
from accounts.billing import plans, usage
from accounts.models import (
    BillingAccount,
    Connection,
    Seller,
    SellerDue,
    SellerEntitlement,
    SellerUsage,
    Subscription,
)
from accounts.services.billing import counting, opening, standing
from campaigns.domain.pacing import PAUSE, Waiting, spread
from campaigns.domain.schedule import SendWindow, is_open
from campaigns.domain.states import State
from campaigns.models import Message
from campaigns.selectors.messages import history
from campaigns.services import release
from campaigns.services import usage as counted
from campaigns.services.dispatch import Turn
from campaigns.services.dispatch import round as rounds
from campaigns.services.sweep import sweep
from tests.campaigns.sending.helpers import Remembering, again, make_due
from tests.factories.campaigns import make_campaign, make_mail_campaign, make_message
from tests.factories.orders import NOW, make_order
from tests.support.stripe import KEY

Dispatch = Callable[..., Turn]
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _sold(settings: Any) -> None:
    settings.STRIPE_SECRET_KEY = KEY


@pytest.fixture
def payer(account: Connection) -> BillingAccount:
    own = opening.open_seller(account.seller)
    BillingAccount.objects.filter(pk=own.pk).update(trial_ends_at=None)
    own.refresh_from_db()
    return own


def subscribe(payer: BillingAccount, status: str, **fields: Any) -> Subscription:
    now = timezone.now()
    values = {
        "account": payer, "status": status, "step": "solo-500", "interval": "month", "period_ends_at": now + 20 * DAY,
        "created_at": now, "fetched_at": now, "item_id": "si_1", **fields,
    }  # fmt: skip
    found, _ = Subscription.objects.update_or_create(stripe_id="sub_1", defaults=values)
    standing.refresh_covered_by(payer)
    return found


def test_a_lapse_holds_with_what_is_the_matter_and_nothing_is_sent(
    payer: BillingAccount, account: Connection, channel: Remembering, dispatch: Dispatch
) -> None:
    message = make_due(account)
    subscribe(payer, "unpaid")
    dispatch()
    assert (again(message).state, message.reason, channel.sent) == (State.HELD, "not_entitled", [])
    assert message.reason_detail["why"].startswith("An invoice was not paid, so nothing is sent.")
    assert Message.objects.count() == 1


def test_it_is_read_at_the_fence_and_not_only_before(
    payer: BillingAccount, account: Connection, channel: Remembering, dispatch: Dispatch
) -> None:
    subscribe(payer, "active")
    message = make_due(account)
    channel.before = lambda parcel: subscribe(payer, "unpaid") and None
    dispatch()
    assert (again(message).state, message.reason, channel.sent) == (State.HELD, "not_entitled", [])


def test_the_end_of_a_grace_counts_at_once_even_where_no_tick_came(
    payer: BillingAccount, account: Connection, channel: Remembering, dispatch: Dispatch
) -> None:
    subscribe(payer, "past_due", troubled_since=timezone.now() - 6 * DAY)
    first, second = make_due(account), make_due(account)
    dispatch(limit=1)
    assert len(channel.sent) == 1
    SellerEntitlement.objects.update(holds_from_at=timezone.now())
    dispatch()
    held = next(m for m in (again(first), again(second)) if m.state == State.HELD)
    assert "7 days" in held.reason_detail["why"]


@pytest.mark.parametrize("status", ["trialing", "active", "past_due", "incomplete", "canceled"])
def test_what_is_not_a_lapse_sends(
    payer: BillingAccount, account: Connection, channel: Remembering, dispatch: Dispatch, status: str
) -> None:
    subscribe(payer, status, troubled_since=timezone.now())
    make_due(account)
    assert dispatch().sent == 1


def test_an_installation_that_sells_nothing_holds_nothing(
    payer: BillingAccount, account: Connection, dispatch: Dispatch, settings: Any
) -> None:
    settings.STRIPE_SECRET_KEY = ""
    subscribe(payer, "unpaid")
    make_due(account)
    assert dispatch().sent == 1


def held_ones(
    account: Connection, payer: BillingAccount, dispatch: Dispatch, n: int, **campaign: Any
) -> list[Message]:
    made = make_campaign(**campaign)
    now = timezone.now()
    messages = [make_due(account, made, expires_at=now + DAY * (k + 2)) for k in range(n)]
    subscribe(payer, "unpaid")
    dispatch()
    assert {again(m).state for m in messages} == {State.HELD}
    return messages


def test_coming_back_lets_go_one_after_the_other_what_expires_first_first(
    payer: BillingAccount, account: Connection, channel: Remembering, dispatch: Dispatch
) -> None:
    messages = held_ones(account, payer, dispatch, 5)
    subscribe(payer, "active")
    assert SellerDue.objects.filter(
        seller=account.seller, kind=release.KIND, due_at__lte=timezone.now()
    ).exists()
    release.release(account.seller)
    times = [again(m).due_at for m in messages]
    assert {m.state for m in messages} == {State.PLANNED}
    assert {history(m)[-1][0].reason for m in messages} == {"covered_again"}
    assert all(later - earlier >= PAUSE * 0.9 for earlier, later in pairwise(times))
    dispatch()
    assert len(channel.sent) <= 1


def test_the_sweep_lets_nothing_go_in_a_burst_either(
    payer: BillingAccount, account: Connection, dispatch: Dispatch
) -> None:
    messages = held_ones(account, payer, dispatch, 3)
    subscribe(payer, "active")
    Message.objects.update(due_at=timezone.now() - timedelta(minutes=1))
    sweep(account.seller)
    assert {again(m).state for m in messages} == {State.HELD}
    release.release(account.seller)
    assert {again(m).state for m in messages} == {State.PLANNED}


def test_what_expired_meanwhile_is_not_sent_late(
    payer: BillingAccount, account: Connection, channel: Remembering, dispatch: Dispatch
) -> None:
    (message,) = held_ones(account, payer, dispatch, 1)
    Message.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    subscribe(payer, "active")
    release.release(account.seller)
    sweep(account.seller)
    dispatch()
    assert (again(message).state, message.reason, channel.sent) == (State.EXPIRED, "window_closed", [])


def test_nothing_is_let_go_while_the_lapse_lasts(
    payer: BillingAccount, account: Connection, dispatch: Dispatch
) -> None:
    (message,) = held_ones(account, payer, dispatch, 1)
    release.release(account.seller)
    assert again(message).state == State.HELD


# -- the step


def over(payer: BillingAccount) -> None:
    """Last month went over Free's fifty, and this one is full."""
    month = usage.month_of(timezone.now(), payer.seller.timezone if payer.seller else "UTC").first
    before = counting.previous(month)
    for first, n, went_over in ((before, 70, True), (month, 50, False)):
        SellerUsage.objects.create(
            seller=payer.seller, month=first, counted=n, went_over=went_over, counted_at=timezone.now()
        )
    counting.weigh(payer)


def test_a_second_month_over_the_step_holds_own_texts_and_not_amazons_request(
    payer: BillingAccount, account: Connection, channel: Remembering, dispatch: Dispatch
) -> None:
    standing.refresh_covered_by(payer)
    over(payer)
    asked = make_due(account)
    own = make_due(account, make_mail_campaign())
    dispatch()
    assert again(asked).state == State.SENT
    assert (again(own).state, own.reason) == (State.HELD, "over_step")


def test_a_larger_step_lets_them_go(payer: BillingAccount, account: Connection, dispatch: Dispatch) -> None:
    over(payer)
    own = make_due(account, make_mail_campaign())
    dispatch()
    assert again(own).state == State.HELD
    subscribe(payer, "active")
    counting.weigh(payer)
    release.release(account.seller)
    assert again(own).state == State.PLANNED


def test_the_first_month_over_the_step_holds_nothing(
    payer: BillingAccount, account: Connection, dispatch: Dispatch
) -> None:
    SellerUsage.objects.create(
        seller=payer.seller,
        month=usage.month_of(timezone.now(), "UTC").first,
        counted=900,
        counted_at=timezone.now(),
    )
    counting.weigh(payer)
    own = make_due(account, make_mail_campaign())
    dispatch()
    assert again(own).reason != "over_step"


# -- what counts


def sent(
    seller: Seller, channel: str = "relay_email", order: Any = None, at: Any = None, **fields: Any
) -> Message:
    campaign = make_campaign() if channel == "solicitation" else make_mail_campaign()
    moment = at or timezone.now()
    values = {"state": State.SENT, "sent_at": moment, "channel": channel, "is_proactive": False, **fields}
    return make_message(order or make_order(), campaign, **values)


def test_an_order_counts_once_with_its_first_own_message_and_amazons_request_does_not(seller: Seller) -> None:
    opening.open_seller(seller)
    order, older = make_order(), make_order()
    sent(seller, order=order)
    sent(seller, "messaging", order=order)
    sent(seller, "solicitation")
    sent(seller, order=older, at=timezone.now() - 40 * DAY)
    sent(seller, order=older)  # counted in its first month
    sent(seller, state=State.REFUSED, reason="opted_out")
    sent(seller, state=State.BLOCKED, reason="text_blocked", sent_at=None)
    counted.count(seller)
    row = SellerUsage.objects.get(seller=seller, month=usage.month_of(timezone.now(), seller.timezone).first)
    assert (row.counted, row.details["own"], row.details["amazon"], row.details["further"]) == (1, 3, 1, 2)


def test_a_seller_that_sent_has_its_orders_counted_soon(
    payer: BillingAccount, account: Connection, channel: Remembering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "Doors", lambda: channel)
    make_due(account)
    due.lower(account.seller_id, rounds.KIND, timezone.now())
    rounds.Round(due.claim(10), threads=1, lasts=1.0).run()
    assert SellerDue.objects.get(seller=account.seller, kind=counted.KIND).due_at > timezone.now()


# -- pacing, pure


def waiting(n: int, window: SendWindow, days: float = 20) -> list[Waiting]:
    return [Waiting(k, NOW + timedelta(days=days, minutes=k), window, "Europe/Berlin") for k in range(n)]


@pytest.mark.parametrize("n", [1, 10, 20_000])
def test_all_go_within_a_day_evenly(n: int) -> None:
    always = SendWindow(frozenset(range(1, 8)), time.min, time.max)
    times = [at for _, at in spread(waiting(n, always), NOW)]
    assert times[0] == NOW
    assert times[-1] - NOW < DAY
    assert len(set(times)) == n


def test_none_goes_outside_its_hours() -> None:
    narrow = SendWindow(frozenset({1, 3}), time(9), time(9, 20))
    times = [at for _, at in spread(waiting(100, narrow), NOW)]
    assert all(is_open(narrow, "Europe/Berlin", at) for at in times)
    assert len(set(times)) == 100


def test_what_has_no_open_hour_left_is_let_expire() -> None:
    narrow = SendWindow(frozenset({7}), time(9), time(10))
    (one,) = spread(waiting(1, narrow, days=2), NOW)
    assert one == (0, NOW + timedelta(days=2))


def test_the_free_plan_holds_fifty_orders(payer: BillingAccount) -> None:
    standing.refresh_covered_by(payer)
    assert counting.step_of(payer) == (plans.FREE, 1)
