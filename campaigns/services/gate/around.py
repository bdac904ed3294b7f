"""What decides about every message of a seller alike: the fuse, the subscription, the connections, the
day's room.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from accounts import entitlement, fuse
from accounts.models import Connection, Seller
from campaigns.services import caps


@dataclass(frozen=True)
class Around:
    is_armed: bool
    is_entitled: bool
    why_not_entitled: str
    #: The seller's own zone, for campaigns that keep its clock.
    timezone: str
    connections: Mapping[int, Connection]
    rooms: Mapping[tuple[int, str], caps.Room]
    #: Over the plan's step for a second month: texts of the seller's own wait until then.
    own_texts_held_until: datetime | None = None


def read(seller_id: int, places: Collection[tuple[int, str]]) -> Around:
    """Read afresh. `places` are (connection id, marketplace id) of the messages in question."""
    ids = {connection_id for connection_id, _ in places}
    found = Connection.objects.filter(seller_id=seller_id, pk__in=ids).select_related("seller__entitlement")
    connections = {connection.pk: connection for connection in found}
    # One statement where there is a connection: this is asked for every single message.
    seller = next((c.seller for c in connections.values()), None) or _seller(seller_id)
    entitled = entitlement.of(seller)
    known = [
        (connections[connection_id], marketplace)
        for connection_id, marketplace in set(places)
        if connection_id in connections
    ]
    return Around(
        fuse.is_armed(),
        entitled.is_entitled,
        entitled.reason,
        seller.timezone,
        connections,
        caps.rooms(known),
        entitled.own_texts_held_until,
    )


def _seller(seller_id: int) -> Seller:
    return Seller.objects.select_related("entitlement").get(pk=seller_id)
