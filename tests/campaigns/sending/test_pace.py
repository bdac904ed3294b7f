"""The other side's pace: it closes one channel of one account for a moment, and nothing else."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from accounts import due
from accounts.models import Connection, SellerDue
from campaigns.channels.base import Parcel, TryLater
from campaigns.domain.states import State
from campaigns.models import Message, TemplateText
from campaigns.services.claim import claim
from campaigns.services.dispatch import Turn
from campaigns.services.dispatch import round as rounds
from campaigns.services.dispatch.round import KIND, Round
from compliance import policy
from compliance.engine.types import Outcome
from compliance.services import checks
from tests.campaigns.sending.helpers import Remembering, again, make_due, make_sendable, seal_relay, soon
from tests.factories.campaigns import make_campaign, make_mail_campaign, make_message, make_template
from tests.factories.orders import make_order

Dispatch = Callable[..., Turn]


def _mail(account: Connection, **fields: object) -> Message:
    """A message of another channel, about an order of its own."""
    order = make_order(connection_id=account.pk, purchased_at=soon(days=-14))
    timing = {"due_at": soon(minutes=-1), "expires_at": soon(days=3), **fields}
    template = make_template(purpose="order_information")
    TemplateText.objects.filter(version=template.approved).update(language="de")
    campaign = make_mail_campaign(template=template, purpose="order_information", planned_revision=1)
    return seal_relay(make_message(order, campaign, **timing), account.seller)


def _typed(account: Connection) -> Message:
    order = make_order(connection_id=account.pk, purchased_at=soon(days=-3))
    template = make_template(
        channel="messaging", purpose="delivery_scheduling", message_type="confirmDeliveryDetails"
    )
    TemplateText.objects.filter(version=template.approved).update(language="de")
    campaign = make_campaign(
        channel="messaging",
        purpose="delivery_scheduling",
        trigger="shipped",
        template=template,
        planned_revision=1,
        name="Typed",
    )
    timing = {"due_at": soon(minutes=-1), "expires_at": soon(days=3)}
    return make_message(order, campaign, message_type="confirmDeliveryDetails", **timing)


def _slow(channel: str, after: timedelta = timedelta(seconds=1)) -> Callable[[Parcel], None]:
    def act(parcel: Parcel) -> None:
        if parcel.channel == channel:
            raise TryLater(after, "amazon_pace", is_pace=True)

    return act


def test_a_short_pause_leaves_due_times_alone_and_names_the_channel(
    account: Connection, channel: Remembering, dispatch: Dispatch
) -> None:
    campaign = make_campaign()
    waiting = [make_due(account, campaign) for _ in range(3)]
    channel.before = _slow("solicitation")
    turn = dispatch()
    assert turn.pauses == {("solicitation", account.pk): timedelta(seconds=1)}
    assert [again(m).state for m in waiting] == [State.PLANNED] * 3
    assert all(m.due_at < soon() for m in waiting)


def test_a_closed_channel_is_not_claimed_and_its_backlog_hides_no_other(account: Connection) -> None:
    campaign = make_campaign()
    for _ in range(3):
        make_due(account, campaign, due_at=soon(hours=-5), priority=9)
    other = _mail(account)
    assert claim(account.seller_id, 1, {("solicitation", account.pk)}).message_ids == (other.pk,)
    assert not claim(account.seller_id, 1, {("solicitation", account.pk)})


def test_the_same_channel_of_another_account_stays_open(account: Connection) -> None:
    make_due(account, make_campaign(), due_at=soon(hours=-5))
    elsewhere = make_sendable(account.seller, region="NA")
    other = make_due(elsewhere, make_campaign())
    claimed = claim(account.seller_id, 5, {("solicitation", account.pk)})
    assert claimed.message_ids == (other.pk,)


def test_what_a_person_wrote_waits_for_its_closed_channel_only(account: Connection) -> None:
    by_hand = _mail(account)
    Message.objects.filter(pk=by_hand.pk).update(campaign=None)
    assert not claim(account.seller_id, 5, {("relay_email", account.pk)})
    assert claim(account.seller_id, 5, {("solicitation", account.pk)}).message_ids == (by_hand.pk,)


def test_a_claim_says_which_channels_it_left(account: Connection) -> None:
    campaign = make_campaign()
    for _ in range(2):
        make_due(account, campaign, priority=9)
    assert claim(account.seller_id, 2).due_besides == frozenset()
    Message.objects.update(state=State.PLANNED, claim_token=None, leased_until=None, due_at=soon(minutes=-1))
    _mail(account)
    assert claim(account.seller_id, 1).due_besides == {"solicitation", "relay_email"}


@pytest.mark.parametrize("seconds", [0.05, 1, 3, 3.1, 60])
def test_one_channels_pace_holds_no_other_of_the_same_account(
    account: Connection, channel: Remembering, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    """More of the paced one is due than a turn takes, all of it before the others; one is met after each of its pauses."""
    monkeypatch.setattr(rounds, "Doors", lambda: channel)
    monkeypatch.setattr(checks, "judge", lambda draft, accepted=(): policy.Verdict(Outcome.PASS))
    campaign = make_campaign()
    waiting = [
        make_due(account, campaign, priority=9, due_at=soon(hours=-5)) for _ in range(rounds.FIRST_TURN + 1)
    ]
    others = [_mail(account), _typed(account), _mail(account)]
    tried = []

    def slow(parcel: Parcel) -> None:
        if parcel.channel == "solicitation":
            tried.append(parcel.message_id)
            raise TryLater(timedelta(seconds=seconds), "amazon_pace", is_pace=True)

    channel.before = slow
    due.lower(account.seller_id, KIND, soon(minutes=-1))
    Round(due.claim(10), threads=1, lasts=0.5).run()
    assert [again(m).state for m in others] == [State.SENT] * 3
    assert {again(m).state for m in waiting} == {State.PLANNED}
    assert len(tried) <= 1 + 0.5 / seconds, "the pace is kept"
    assert all(m.due_at < soon() for m in waiting) == (seconds <= 3)
    assert SellerDue.objects.get(seller=account.seller, kind=KIND).due_at is not None


def test_one_accounts_pace_holds_no_other_in_a_round(
    account: Connection, channel: Remembering, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The paced one is at the head of the queue, and the turn is full of it."""
    monkeypatch.setattr(rounds, "Doors", lambda: channel)
    campaign = make_campaign()
    waiting = [make_due(account, campaign, priority=9) for _ in range(rounds.FIRST_TURN + 1)]
    others = [
        make_due(make_sendable(account.seller, region="NA"), make_campaign()),
        make_due(make_sendable(account.seller, region="FE"), make_campaign()),
    ]
    held_at = account.pk

    def slow(parcel: Parcel) -> None:
        order = Message.objects.get(pk=parcel.message_id).order
        if order.connection_id == held_at:
            raise TryLater(timedelta(seconds=3), "amazon_pace", is_pace=True)

    channel.before = slow
    due.lower(account.seller_id, KIND, soon(minutes=-1))
    assert Round(due.claim(10), threads=1, lasts=1.0).run() == 2
    assert [again(m).state for m in others] == [State.SENT] * 2
    assert {again(m).state for m in waiting} == {State.PLANNED}
    assert SellerDue.objects.get(seller=account.seller, kind=KIND).due_at is not None


def test_a_paced_seller_is_due_again_when_the_pause_is_over(
    account: Connection, channel: Remembering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "Doors", lambda: channel)
    make_due(account)
    channel.before = _slow("solicitation", timedelta(seconds=3))
    due.lower(account.seller_id, KIND, soon(minutes=-1))
    Round(due.claim(10), threads=1, lasts=0.2).run()
    at = SellerDue.objects.get(seller=account.seller, kind=KIND).due_at
    assert at is not None
    assert at <= soon(seconds=3)
