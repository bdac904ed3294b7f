"""A seller that may send, due messages, and a channel that only remembers what it was given."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import connection as db
from django.db.models import F
from django.utils import timezone

from accounts import fuse, sealing
from accounts.models import Connection, Seller
from campaigns.channels.base import Dedupe, Fence, Parcel, Receipt
from campaigns.domain.vocabulary import Channel as Name
from campaigns.models import Campaign, Message
from orders.models import Order
from tests.factories.campaigns import make_campaign, make_message
from tests.factories.orders import make_order

RELAY = "abcdefgh12345678@marketplace.amazon.de"


def make_sendable(seller: Seller, **fields: Any) -> Connection:
    """Arm the fuse and connect the entered seller."""
    fuse.arm()
    defaults: dict[str, Any] = {
        "seller": seller,
        "region": "EU",
        "selling_partner_id": f"A{seller.pk:09d}",
        "marketplace_ids": ["A1PA6795UKMFR9"],
        "store_name": "Marlow Kitchen Supply",
        "authorised_at": timezone.now() - timedelta(days=30),
        "sender_address": "shop@marlow.example",
    }
    return Connection.objects.create(**{**defaults, **fields})


def make_due(
    connection: Connection,
    campaign: Campaign | None = None,
    *,
    order: dict[str, Any] | None = None,
    **fields: Any,
) -> Message:
    """A message about a delivered order, due a minute ago and in time for three weeks; its campaign has been planned."""
    now = timezone.now()
    made = make_order(
        **{"connection_id": connection.pk, "purchased_at": now - timedelta(days=14), **(order or {})}
    )
    timing = {"due_at": now - timedelta(minutes=1), "expires_at": now + timedelta(days=20)}
    message = make_message(made, campaign or make_campaign(), **{**timing, **fields})
    Campaign.objects.filter(pk=message.campaign_id).update(planned_revision=F("revision"))
    return message


def seal_relay(message: Message, seller: Seller, address: str = RELAY) -> Message:
    """Give the message's order a relay address that opens."""
    sealed = sealing.seal(address, f"orders_order.relay_address_sealed.{message.order_id}", seller)
    Order.objects.filter(pk=message.order_id).update(relay_address_sealed=sealed)
    return message


def again(message: Message) -> Message:
    message.refresh_from_db()
    return message


def history(message: Message) -> list[str]:
    return [event.after for event in message.events.all()]


class Remembering:
    """Stands where Amazon is: keeps what was sent, and does what it is told at either side of the fence."""

    name: ClassVar[Name] = Name.SOLICITATION
    dedupe: ClassVar[Dedupe] = Dedupe.NONE

    def __init__(self) -> None:
        self.sent: list[Parcel] = []
        self.before: Callable[[Parcel], None] = lambda parcel: None
        self.after: Callable[[Parcel], None] = lambda parcel: None
        self.had_transaction: list[bool] = []

    def send(self, parcel: Parcel, fence: Fence) -> Receipt:
        self.before(parcel)
        self.had_transaction.append(db.in_atomic_block)
        fence()
        self.had_transaction.append(db.in_atomic_block)
        self.after(parcel)
        self.sent.append(parcel)
        return Receipt(f"request-{len(self.sent)}")

    def to(self, name: str, connection: Connection) -> "Remembering":
        """It is its own set of doors too."""
        return self

    def close(self) -> None:
        pass


def raising(error: Exception) -> Callable[[Parcel], None]:
    def act(parcel: Parcel) -> None:
        raise error

    return act


def soon(**delta: float) -> datetime:
    return timezone.now() + timedelta(**delta)
