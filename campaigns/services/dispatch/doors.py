"""The channels as one thread uses them: opened when first needed, kept for the next message, hung up at
the end.
"""

from django.conf import settings

from accounts.models import Connection
from accounts.services.connections import selling_partner
from amazon.client import SellingPartner
from campaigns.channels.base import Channel, Held
from campaigns.channels.messaging import Messaging
from campaigns.channels.relay_email import RelayEmail
from campaigns.channels.smtp import Relay
from campaigns.channels.solicitation import Solicitation
from campaigns.domain.vocabulary import Channel as Name


class Doors:
    """Not for two threads: a mail conversation belongs to one."""

    def __init__(self) -> None:
        self._mail: RelayEmail | None = None
        #: By the connection and its sealed token, which is opened once a round.
        self._partners: dict[tuple[int, str], SellingPartner] = {}

    def to(self, name: str, connection: Connection) -> Channel:
        """Raises Held where the channel is not set up, AmazonError where there is no authorisation to use."""
        if name == Name.SOLICITATION:
            return Solicitation(self._partner(connection))
        return Messaging(self._partner(connection)) if name == Name.MESSAGING else self._relay()

    def close(self) -> None:
        if self._mail is not None:
            self._mail.close()
        self._mail = None

    def _partner(self, connection: Connection) -> SellingPartner:
        key = (connection.pk, connection.refresh_token_sealed)
        if key not in self._partners:
            self._partners[key] = selling_partner(connection)
        return self._partners[key]

    def _relay(self) -> RelayEmail:
        if self._mail is None:
            if not settings.RELAY_SMTP_URL:
                raise Held("relay_not_set_up")
            self._mail = RelayEmail(Relay.from_url(settings.RELAY_SMTP_URL))
        return self._mail


def messaging(connection: Connection) -> Messaging:
    return Messaging(selling_partner(connection))
