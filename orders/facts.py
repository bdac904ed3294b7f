"""What other apps may reason about: one order's facts, frozen. Pure.

A fact named in `unknown_facts` (by Amazon's data set) is unknown: its empty value says nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """`price_minor` is one unit's price; None: not told."""

    asin: str = ""
    sku: str = ""
    title: str = ""
    quantity: int = 0
    price_minor: int | None = None
    currency: str = ""
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """Times are aware UTC; None: not told, or not yet. `fulfilment` is FBA, FBM or empty (not told)."""

    amazon_order_id: str
    marketplace_id: str
    status: str
    fulfilment: str
    purchased_at: datetime
    items: tuple[ItemFacts, ...] = ()
    programs: tuple[str, ...] = ()
    is_business: bool = False
    is_replacement: bool = False
    replaces_order_id: str = ""
    has_promotion: bool = False
    item_count: int = 0
    total_minor: int | None = None
    currency: str = ""
    ship_country: str = ""
    shipped_at: datetime | None = None
    promised_earliest_at: datetime | None = None
    promised_latest_at: datetime | None = None
    estimated_arrival_at: datetime | None = None
    delivered_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancel_requested_at: datetime | None = None
    undeliverable_at: datetime | None = None
    returned_at: datetime | None = None
    refunded_at: datetime | None = None
    feedback_at: datetime | None = None
    feedback_rating: int | None = None
    unknown_facts: frozenset[str] = frozenset()


class DeliveryEvidence(StrEnum):
    """How we know when an order was, or will be, delivered; best first."""

    CARRIER = "carrier"
    ESTIMATED_ARRIVAL = "estimated_arrival"
    PROMISED_LATEST = "promised_latest"
    NONE = ""

    @property
    def sentence(self) -> str:
        return _SENTENCES[self]


_SENTENCES = {
    DeliveryEvidence.CARRIER: "The carrier reported the delivery.",
    DeliveryEvidence.ESTIMATED_ARRIVAL: "Amazon's estimate; it does not tell when an FBA parcel came.",
    DeliveryEvidence.PROMISED_LATEST: "The latest date promised to the buyer; nobody reported the delivery.",
    DeliveryEvidence.NONE: "Amazon told us no delivery date.",
}


def delivery(facts: OrderFacts) -> tuple[datetime | None, DeliveryEvidence]:
    """The best known moment of delivery and how it is known. It may lie in the future unless the carrier said it."""
    if facts.delivered_at:
        return facts.delivered_at, DeliveryEvidence.CARRIER
    if facts.estimated_arrival_at:
        return facts.estimated_arrival_at, DeliveryEvidence.ESTIMATED_ARRIVAL
    if facts.promised_latest_at:
        return facts.promised_latest_at, DeliveryEvidence.PROMISED_LATEST
    return None, DeliveryEvidence.NONE
