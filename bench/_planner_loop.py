"""What the planner is measured against: a loop over orders and campaigns with the ORM, as one would write it first."""

from datetime import timedelta

from django.db import transaction

from bench._planner_world import NOW, ZONES
from campaigns.domain.schedule import next_moment
from campaigns.domain.states import CONTACTED
from campaigns.models import Campaign, Message, MessageEvent, Suppression
from campaigns.services.terms import planning_campaigns, send_window
from orders.models import Order


class Loop:
    """The sample is read before the clock starts; what the loop writes is to be rolled back."""

    def __init__(self, sample: int) -> None:
        self.campaigns = planning_campaigns()
        self.orders = list(Order.objects.order_by("buyer_key", "pk")[:sample])

    def run(self) -> None:
        with transaction.atomic():
            for order in self.orders:
                _plan(order, self.campaigns)
            transaction.set_rollback(True)


def _plan(order: Order, campaigns: list[Campaign]) -> None:
    for campaign in campaigns:
        if not _fits(order, campaign):
            continue
        if Message.objects.filter(order=order, campaign=campaign).exists():
            continue
        if Suppression.objects.filter(value__in=[order.amazon_order_id, order.buyer_key]).exists():
            continue
        if Message.objects.filter(order=order, is_proactive=True, state__in=[*CONTACTED, "planned"]).exists():
            continue
        _create(order, campaign)


def _fits(order: Order, campaign: Campaign) -> bool:
    wanted = campaign.filters
    return (
        order.status == "SHIPPED"
        and order.marketplace_id in wanted["marketplaces"]
        and order.fulfilment == wanted["fulfilment"]
        and not order.is_replacement
        and order.returned_at is None
        and order.refunded_at is None
        and order.delivered_at is not None
        and order.delivered_at + timedelta(days=30) > NOW
    )


def _create(order: Order, campaign: Campaign) -> None:
    assert order.delivered_at
    earliest = max(order.delivered_at + timedelta(hours=max(campaign.delay_hours, 120)), NOW)
    due_at = next_moment(send_window(campaign), ZONES[order.marketplace_id], earliest)
    if due_at and due_at < order.delivered_at + timedelta(days=30):
        message = Message.objects.create(
            order=order,
            campaign=campaign,
            channel=campaign.channel,
            purpose=campaign.purpose,
            is_proactive=True,
            due_at=due_at,
            expires_at=order.delivered_at + timedelta(days=30),
            evidence="carrier",
        )
        MessageEvent.objects.create(message=message, after="planned")
