"""What the rules about when, to whom and how a message goes may know of one: the same facts as the gate's own checks, in the
words of `compliance.engine.sending`. The gate decides by its checks; a text is looked at by the rules with these facts beside
it, so that neither can let go what the other would not (tests/campaigns/sending/test_rules_and_gate.py).
"""

from datetime import datetime

from django.conf import settings

from campaigns.domain.vocabulary import CRITICAL, Channel
from campaigns.services import caps
from campaigns.services.gate.facts import Facts
from compliance.engine.sending import Sending
from orders.facts import OrderFacts, delivery


def sending_of(one: Facts, order: OrderFacts, recipient: str = "") -> Sending:
    """`recipient` is the relay address of this very order, "" where none is used.

    Left out is what nobody here knows: whether the sender's address is approved (only Seller Central shows it), whether the
    buyer is one of the seller's own people, whether Amazon offers the message (it is asked just before), what the relay does to
    a mail after it took it.
    """
    room, is_mail = caps.room(one), one.channel == Channel.RELAY_EMAIL
    sender = one.account.sender_address if one.account and is_mail else ""
    return Sending(
        at=one.now, channel=one.channel, order_status="CANCELLED" if one.is_cancelled else one.order_status,
        purchased_at=order.purchased_at, delivered_at=delivery(order)[0],
        promised_earliest_at=_first(
            order.promised_earliest_at, order.delivered_at, order.estimated_arrival_at, order.promised_latest_at
        ),
        promised_latest_at=_first(order.promised_latest_at, order.delivered_at, order.estimated_arrival_at),
        is_replacement=one.is_replacement, is_refunded=one.is_refunded, is_returned=one.is_returned,
        has_open_return=True if one.is_returned else None,  # reports tell of a return a day late
        proactive_before=int(one.is_contacted_otherwise) if one.is_proactive else None,
        recipient=recipient, is_recipient_of_order=True if recipient else None,
        is_opted_out=one.suppressed_by == "opt_out",
        sender=sender, is_sender_approved=False if is_mail and not sender else None,
        is_mail_signed=settings.RELAY_SIGNS_MAIL if is_mail else None,
        is_account_restricted=one.is_restricted,
        sent_today=room.used, daily_limit=room.limit_for(one.purpose in CRITICAL),
    )  # fmt: skip


def _first(*moments: datetime | None) -> datetime | None:
    """The window of Amazon's own request, as `campaigns.domain.windows` reads it."""
    return next((at for at in moments if at is not None), None)
