"""What a batch of messages shares: its connections, and the day's room of each."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from accounts.models import Connection
from campaigns.services import caps
from campaigns.services.gate.facts import Facts


@dataclass(frozen=True)
class Around:
    connections: Mapping[int, Connection]
    rooms: Mapping[caps.Place, caps.Room]


def of(batch: Collection[Facts]) -> Around:
    """As it was at the moment of these facts."""
    connections = {one.account.pk: one.account for one in batch if one.account is not None}
    return Around(connections, caps.rooms(batch))
