"""An order's story in sentences. Pure."""

from dataclasses import dataclass
from datetime import datetime

from orders.facts import DeliveryEvidence, OrderFacts, delivery


@dataclass(frozen=True, slots=True)
class Event:
    """`at` is aware UTC. `kind` is a stable word for icons and tests; `is_estimate`: it need not have happened then."""

    at: datetime
    kind: str
    sentence: str
    is_estimate: bool = False


_PLAIN = (
    ("purchased_at", "placed", "The order was placed."),
    ("cancel_requested_at", "cancel_requested", "The buyer asked to cancel."),
    ("cancelled_at", "cancelled", "The order was cancelled."),
    ("shipped_at", "shipped", "The order was shipped."),
    ("undeliverable_at", "undeliverable", "A parcel was lost, refused or sent back."),
    ("returned_at", "returned", "The buyer returned something, or asked to."),
    ("refunded_at", "refunded", "A refund showed in Amazon's report of returns."),
)


def events_of(facts: OrderFacts) -> list[Event]:
    """What is known, oldest first; what is only estimated says so."""
    events = [
        Event(moment, kind, sentence)
        for name, kind, sentence in _PLAIN
        if (moment := getattr(facts, name)) is not None
    ]
    events += [*_delivery(facts), *_feedback(facts)]
    return sorted(events, key=lambda event: event.at)


def _delivery(facts: OrderFacts) -> list[Event]:
    moment, evidence = delivery(facts)
    if moment is None:
        return []
    if evidence is DeliveryEvidence.CARRIER:
        return [Event(moment, "delivered", evidence.sentence)]
    return [Event(moment, evidence.value, evidence.sentence, is_estimate=True)]


def _feedback(facts: OrderFacts) -> list[Event]:
    if facts.feedback_at is None:
        return []
    stars = f" of {facts.feedback_rating} out of 5" if facts.feedback_rating else ""
    return [Event(facts.feedback_at, "feedback", f"The buyer left seller feedback{stars}.")]
