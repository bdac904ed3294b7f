"""A campaign as the planner reads it: everything its conditions are made of, in one frozen value. Pure."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from psycopg.sql import SQL, Composable, Literal

from amazon.regions import MARKETPLACES
from campaigns.domain.filters import Filters
from campaigns.domain.schedule import SendWindow
from campaigns.domain.vocabulary import Channel, Purpose, Trigger


@dataclass(frozen=True, slots=True)
class Peer:
    """Another campaign, as much of it as a sentence needs."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Terms:
    """`now` is an SQL expression (timestamptz): a moment, or, in a forecast, the order's own time."""

    campaign_id: int | None
    name: str
    state: str
    channel: Channel
    purpose: Purpose
    trigger: Trigger
    delay: timedelta
    window: SendWindow
    #: The seller's own zone where the campaign follows it; None: each order's marketplace.
    own_zone: str | None
    is_proactive: bool
    covers_from_at: datetime | None
    now: Composable
    filters: Filters = field(default_factory=Filters)
    #: Campaigns that get an order before this one, if both want it.
    goes_after: tuple[Peer, ...] = ()
    #: Judges orders as if each had just come: what lower campaigns did to them meanwhile does not count.
    is_forecast: bool = False
    #: Judged in one statement with other campaigns: who it is and who goes first is then read from the row. Alone both
    #: are constants, by which PostgreSQL can look a million orders up in one go.
    is_among_others: bool = False

    @property
    def own_id(self) -> Composable:
        return (
            SQL("o.campaign_id")
            if self.is_among_others
            else SQL("{}::bigint").format(Literal(self.campaign_id))
        )

    @property
    def rivals(self) -> Composable:
        """The ids of the campaigns it goes after."""
        known = SQL("{}::bigint[]").format(Literal([peer.id for peer in self.goes_after]))
        return SQL("o.rivals") if self.is_among_others else known


def zone_of(marketplace_id: str, terms: Terms) -> str:
    """The IANA name of the clock that the send window is read from."""
    if terms.own_zone:
        return terms.own_zone
    store = MARKETPLACES.get(marketplace_id)
    return store.timezone if store else "UTC"


def zone_sql(terms: Terms) -> Composable:
    """`zone_of` for the order `o`."""
    if terms.own_zone:
        return Literal(terms.own_zone)
    stores = [MARKETPLACES[known] for known in terms.filters.marketplaces] or list(MARKETPLACES.values())
    if len({store.timezone for store in stores}) == 1 and terms.filters.marketplaces:
        return Literal(stores[0].timezone)
    whens = [SQL("WHEN {} THEN {}").format(Literal(store.id), Literal(store.timezone)) for store in stores]
    return SQL("CASE o.marketplace_id {} ELSE 'UTC' END").format(SQL(" ").join(whens))
