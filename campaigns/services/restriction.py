"""Amazon restricted a seller's free messaging: every text of ours rests, and Amazon's own request goes on.

Amazon tells the seller by a performance notification in Seller Central, which no interface hands us: a person says so here, and
says when it is over.
"""

import uuid
from datetime import datetime

from django.db import transaction

from accounts.models import Seller, User
from accounts.services import audit
from accounts.tenancy import current_seller
from campaigns.domain.vocabulary import ASKS, Channel
from campaigns.models import Campaign
from campaigns.services import lifecycle, sweep
from compliance.models import Incident
from compliance.services import review

REASON = "messaging_restricted"


@transaction.atomic
def report(note: str, *, actor: User | None, now: datetime) -> bool:
    """False: it was known already. What waits under free texts is held from the next look on."""
    seller = current_seller()
    changed = Seller.objects.filter(pk=seller.pk, restricted_at__isnull=True).update(restricted_at=now)
    if changed:
        review.report_incident(
            seller, Incident.Kind.RESTRICTED, reference=f"said:{uuid.uuid4()}", at=now, note=note
        )
        audit.record("seller.restricted", actor=actor, seller=seller, target=seller.slug)
    return bool(changed)


@transaction.atomic
def end(*, actor: User | None, now: datetime) -> int:
    """Amazon lifted it; answers how many held messages are looked at again. What is no longer in time expires."""
    seller = current_seller()
    Seller.objects.filter(pk=seller.pk).update(restricted_at=None)
    review.end_restriction(seller, at=now)
    audit.record("seller.restriction_ended", actor=actor, seller=seller, target=seller.slug)
    return sweep.release_held([REASON])


def replaceable() -> list[Campaign]:
    """Live campaigns that ask by a text of the seller's, for which Amazon's own request could stand in."""
    live = Campaign.objects.filter(state__in=(Campaign.State.ACTIVE, Campaign.State.PAUSED))
    asking = live.filter(purpose__in=ASKS).exclude(channel=Channel.SOLICITATION)
    covered = Campaign.objects.filter(channel=Channel.SOLICITATION, state=Campaign.State.ACTIVE)
    return [] if covered.exists() else list(asking.order_by("-priority", "pk"))


#: What a stand-in takes over from the campaign it stands in for.
_COPIED = ("trigger", "delay_hours", "window_days", "window_from", "window_until", "window_clock", "filters")


def stand_in(campaign: Campaign, *, actor: User | None) -> Campaign:
    """A draft that lets Amazon ask the same orders; the seller looks at its forecast and switches it on."""
    fields = {name: getattr(campaign, name) for name in _COPIED}
    return lifecycle.create(
        {
            **fields, "name": f"{campaign.name[:90]} (Amazon's request)", "channel": Channel.SOLICITATION,
            "purpose": "review_and_feedback_request", "priority": campaign.priority,
        },
        actor=actor,
    )  # fmt: skip
