"""From campaign rows to the planner's terms."""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from psycopg.sql import SQL, Composable, Literal

from accounts.tenancy import current_seller
from campaigns.domain import filters
from campaigns.domain.conditions.standing import PLANNING
from campaigns.domain.schedule import SendWindow
from campaigns.domain.statement import NOW
from campaigns.domain.terms import Peer, Terms
from campaigns.domain.vocabulary import Channel, Purpose, Trigger, counts_as_proactive
from campaigns.models import Campaign

_log = logging.getLogger(__name__)


def rank(campaign: Campaign) -> tuple[int, float]:
    """Who goes first: the higher priority, then the older campaign; one that is not saved yet is the
    youngest.
    """
    return -campaign.priority, campaign.pk or float("inf")


def planning_campaigns() -> list[Campaign]:
    """The campaigns that plan, first one first."""
    return sorted(Campaign.objects.filter(state__in=PLANNING).select_related("template"), key=rank)


def of_planning() -> list[tuple[Campaign, Terms]]:
    """The planning campaigns with their terms, first one first, for statements that are filled with the moment (NOW).
    One whose stored filters cannot be read plans nothing and is logged; it does not stop the others.
    """
    planning = planning_campaigns()
    zone = current_seller().timezone
    found = []
    for campaign in planning:
        try:
            found.append((campaign, _terms(campaign, NOW, planning, zone, is_forecast=False)))
        except filters.FiltersInvalid as faulty:
            _log.error("A campaign's filters cannot be read: %s", faulty, extra={"campaign_id": campaign.pk})
    return found


def of_campaigns(campaigns: Iterable[Campaign], now: datetime) -> list[tuple[Campaign, Terms]]:
    planning = planning_campaigns()
    zone = current_seller().timezone
    return [(campaign, of_campaign(campaign, now, planning, zone)) for campaign in campaigns]


def of_campaign(campaign: Campaign, now: datetime, planning: Sequence[Campaign], seller_zone: str) -> Terms:
    """Raises filters.FiltersInvalid for stored filters that this version does not understand."""
    return _terms(
        campaign, SQL("{}::timestamptz").format(Literal(now)), planning, seller_zone, is_forecast=False
    )


def of_forecast(campaign: Campaign, planning: Sequence[Campaign], seller_zone: str) -> Terms:
    """Terms under which each order is judged at the moment it was bought."""
    return _terms(campaign, SQL("o.purchased_at"), planning, seller_zone, is_forecast=True)


def _terms(
    campaign: Campaign, now: Composable, planning: Sequence[Campaign], seller_zone: str, *, is_forecast: bool
) -> Terms:
    channel, purpose = Channel(campaign.channel), Purpose(campaign.purpose)
    before = [c for c in planning if c.pk != campaign.pk and rank(c) < rank(campaign)]
    return Terms(
        campaign_id=campaign.pk,
        name=campaign.name,
        state=campaign.state,
        channel=channel,
        purpose=purpose,
        trigger=Trigger(campaign.trigger),
        delay=timedelta(hours=campaign.delay_hours),
        window=send_window(campaign),
        own_zone=seller_zone if campaign.window_clock == Campaign.Clock.SELLER else None,
        is_proactive=counts_as_proactive(channel, purpose, by_hand=False),
        covers_from_at=campaign.covers_from_at,
        now=now,
        filters=filters.parse(campaign.filters),
        goes_after=tuple(Peer(c.pk, c.name) for c in _of_shared_stores(campaign, before)),
        is_forecast=is_forecast,
    )


def _of_shared_stores(campaign: Campaign, others: Sequence[Campaign]) -> list[Campaign]:
    """Those that can want an order which it wants too. An order stays in its store."""
    own = frozenset(filters.stores(campaign.filters))
    stores = ((other, filters.stores(other.filters)) for other in others)
    return [other for other, theirs in stores if not own or not theirs or not own.isdisjoint(theirs)]


def send_window(campaign: Campaign) -> SendWindow:
    return SendWindow(frozenset(campaign.window_days), campaign.window_from, campaign.window_until)
