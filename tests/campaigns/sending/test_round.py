"""Many sellers at once: who is due when a round ends."""

from datetime import timedelta

from accounts import due
from accounts.models import Connection, SellerDue
from campaigns.models import Message
from campaigns.services.dispatch.round import KIND, Round
from tests.campaigns.sending.helpers import make_due, soon


def test_a_seller_that_a_full_round_never_reached_is_due_at_once(account: Connection) -> None:
    make_due(account)
    due.lower(account.seller_id, KIND, soon(minutes=-1))
    Round(due.claim(10), threads=1, lasts=0.0).run()
    assert SellerDue.objects.get(seller=account.seller, kind=KIND).due_at <= soon(seconds=1)
    assert Message.objects.get().state == "planned"


def test_a_seller_whose_due_messages_others_have_in_hand_is_asked_a_little_later(account: Connection) -> None:
    from campaigns.services.claim import claim
    from tests.factories.campaigns import make_mail_campaign, make_message

    in_hand = make_due(account)
    assert claim(account.seller_id)
    make_message(in_hand.order, make_mail_campaign(), due_at=soon(minutes=-1), expires_at=soon(days=3))
    due.lower(account.seller_id, KIND, soon(minutes=-1))
    Round(due.claim(10), threads=1, lasts=5.0).run()
    assert soon(seconds=5) < SellerDue.objects.get(seller=account.seller, kind=KIND).due_at
    assert timedelta(0) < SellerDue.objects.get(seller=account.seller, kind=KIND).due_at - soon()
