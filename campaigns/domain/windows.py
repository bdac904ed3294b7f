"""From when until when Amazon permits a message about an order. SQL over the order `o`. Pure.

Solicitations: from five days after the earliest to thirty days after the latest delivery date ("Set up
the Solicitations API", read 2026-11-23). Amazon means the promised dates, which it does not tell for FBA;
there the best-known delivery stands in, and Amazon itself is asked just before sending. Everything else:
thirty days from completion of the order (communication guidelines, read 2026-11-23), which Amazon does
not define further: the best-known delivery, or the purchase where there is none.
"""

from dataclasses import dataclass
from datetime import timedelta

from psycopg.sql import SQL, Composable

from campaigns.domain.triggers import DELIVERY, EARLIEST_DELIVERY
from campaigns.domain.vocabulary import Channel

OPENS_AFTER = timedelta(days=5)
CLOSES_AFTER = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Window:
    """Both ends are timestamptz, NULL while unknown; the closing end is exclusive."""

    opens_at: Composable
    closes_at: Composable
    words: str


# Hours, not days: a day added to a time stamp depends on the session's zone.
_LATEST_DELIVERY = SQL("coalesce(o.promised_latest_at, o.delivered_at, o.estimated_arrival_at)")
_SOLICITATION = Window(
    SQL("({} + interval '120 hours')").format(EARLIEST_DELIVERY),
    SQL("({} + interval '720 hours')").format(_LATEST_DELIVERY),
    "from 5 days after the earliest to 30 days after the latest delivery date",
)
_WRITTEN = Window(
    SQL("o.purchased_at"),
    SQL("(coalesce({}, o.purchased_at) + interval '720 hours')").format(DELIVERY),
    "for 30 days after delivery",
)

WINDOWS: dict[Channel, Window] = {
    Channel.SOLICITATION: _SOLICITATION,
    Channel.RELAY_EMAIL: _WRITTEN,
    Channel.MESSAGING: _WRITTEN,
}
