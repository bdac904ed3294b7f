"""Mail to the buyer's relay address. Nothing here ever learns or writes to any other address."""

import re
from datetime import UTC, datetime
from typing import ClassVar

from amazon.regions import MARKETPLACES
from campaigns.channels import mail
from campaigns.channels.base import Dedupe, Fence, Held, Parcel, Receipt, Refused
from campaigns.channels.smtp import Conversation, Relay
from campaigns.crashpoints import crashpoint
from campaigns.domain.vocabulary import Channel as Name

# Letters and digits, sometimes with a suffix after "+" (relay addresses as sellers show them, read
# 2026-11-23).
_LOCAL_PART = re.compile(r"[a-z0-9]{8,64}([.+_-][a-z0-9._-]{1,64})?", re.IGNORECASE)
_SENDER = re.compile(r"[^@\s<>,;:\"\\]+@[a-z0-9.-]+", re.IGNORECASE)


class RelayEmail:
    """Not for two threads. One conversation serves one message after another."""

    name: ClassVar[Name] = Name.RELAY_EMAIL
    dedupe: ClassVar[Dedupe] = Dedupe.NONE

    def __init__(self, relay: Relay) -> None:
        self._conversation = Conversation(relay)

    def send(self, parcel: Parcel, fence: Fence) -> Receipt:
        check_addresses(parcel)
        content = mail.compose(parcel, datetime.now(UTC))
        crashpoint("mail.before_envelope")
        envelope = self._conversation.open_envelope(parcel.sender, parcel.to)
        crashpoint("mail.before_fence")
        try:
            fence()
        except BaseException:
            envelope.abandon()
            raise
        crashpoint("mail.after_fence")
        return envelope.send(content)

    def close(self) -> None:
        self._conversation.quit()


def check_addresses(parcel: Parcel) -> None:
    """Raises Refused for any recipient but one relay address of the order's own marketplace, Held for a
    sender that is none.
    """
    if not parcel.to:
        raise Refused("no_relay_address")
    if not is_relay_address(parcel.to, parcel.marketplace_id):
        raise Refused("relay_address_odd")
    if not _SENDER.fullmatch(parcel.sender):
        raise Held("no_sender_address")


def is_relay_address(address: str, marketplace_id: str) -> bool:
    store = MARKETPLACES.get(marketplace_id)
    local, at, domain = address.rpartition("@")
    return bool(store and at and domain.lower() in store.relay_domains and _LOCAL_PART.fullmatch(local))
