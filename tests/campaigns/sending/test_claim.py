"""Claiming: each due message once, the most urgent first, and never two proactive ones of an order."""

from datetime import timedelta

from accounts.models import Connection, SellerDue
from campaigns.domain.states import State
from campaigns.models import Message
from campaigns.services.claim import claim, next_due_at
from tests.campaigns.sending.helpers import again, make_due, soon
from tests.factories.campaigns import make_campaign, make_mail_campaign, make_message


def test_due_messages_are_claimed_with_token_and_lease(account: Connection) -> None:
    due, later = make_due(account), make_due(account, make_campaign(), due_at=soon(hours=1))
    claimed = claim(account.seller_id)
    assert claimed.message_ids == (due.pk,)
    assert (again(due).state, due.claim_token) == (State.CLAIMED, claimed.token)
    assert due.leased_until is not None
    assert again(later).state == State.PLANNED


def test_a_claimed_message_is_not_claimed_again(account: Connection) -> None:
    make_due(account)
    assert claim(account.seller_id)
    assert not claim(account.seller_id)


def test_the_most_urgent_are_claimed_first(account: Connection) -> None:
    campaign = make_campaign()
    low = make_due(account, campaign, due_at=soon(hours=-5))
    high = make_due(account, campaign, priority=7)
    assert claim(account.seller_id, 1).message_ids == (high.pk,)
    assert claim(account.seller_id, 1).message_ids == (low.pk,)


def test_an_expired_message_is_not_claimed(account: Connection) -> None:
    make_due(account, expires_at=soon(seconds=-1))
    assert not claim(account.seller_id)


def test_of_two_campaigns_for_one_order_only_the_higher_is_claimed(account: Connection) -> None:
    first = make_due(account, make_campaign(), priority=1)
    rival = make_message(
        first.order, make_mail_campaign(), priority=5, due_at=soon(minutes=-1), expires_at=soon(days=3)
    )
    assert claim(account.seller_id).message_ids == (rival.pk,)
    assert again(first).state == State.PLANNED  # it waits for what becomes of the other


def test_an_order_that_was_contacted_is_skipped_with_its_reason(account: Connection) -> None:
    sent = make_due(account, make_campaign(), state=State.SENT)
    rival = make_message(sent.order, make_mail_campaign(), due_at=soon(minutes=-1), expires_at=soon(days=3))
    other = make_due(account, make_campaign())
    assert claim(account.seller_id).message_ids == (other.pk,)  # one stuck row does not fail the batch
    assert (again(rival).state, rival.reason) == (State.SKIPPED, "already_contacted")


def test_an_order_amazon_says_was_asked_elsewhere_is_not_written_to(account: Connection) -> None:
    refused = make_due(account, make_campaign(), state=State.REFUSED, reason="asked_elsewhere")
    rival = make_message(
        refused.order, make_mail_campaign(), due_at=soon(minutes=-1), expires_at=soon(days=3)
    )
    assert not claim(account.seller_id)
    assert again(rival).reason == "already_contacted"


def test_messages_that_are_not_proactive_go_beside_one_that_is(account: Connection) -> None:
    asked = make_due(account, make_campaign(), state=State.SENT)
    invoice = make_message(
        asked.order,
        make_mail_campaign(purpose="invoice"),
        is_proactive=False,
        due_at=soon(minutes=-1),
        expires_at=soon(days=3),
    )
    assert claim(account.seller_id).message_ids == (invoice.pk,)


def test_the_claim_fixes_the_version_that_is_approved_now(account: Connection) -> None:
    campaign = make_mail_campaign()
    message = make_due(account, campaign)
    claim(account.seller_id)
    assert again(message).version == campaign.template.approved


def test_a_claim_leaves_word_for_the_sweep(account: Connection) -> None:
    make_due(account)
    claimed = claim(account.seller_id)
    assert claimed.until is not None
    assert SellerDue.objects.get(seller=account.seller, kind="messages.sweep").due_at >= claimed.until


def test_the_next_due_time_is_the_earliest_planned_one(account: Connection) -> None:
    assert next_due_at(timedelta()) is None
    message = make_due(account, due_at=soon(hours=3))
    assert next_due_at(timedelta()) == message.due_at
    Message.objects.update(state=State.SENT)
    assert next_due_at(timedelta()) is None
