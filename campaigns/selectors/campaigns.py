"""Reading campaigns: the list with what each has done and will do."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q

from campaigns.models import Campaign, Message
from campaigns.services.terms import rank

_LIVE = (Campaign.State.ACTIVE, Campaign.State.PAUSED)


@dataclass(frozen=True)
class CampaignRow:
    """`counts` are messages by state, every state that has any; `next_due_at` the earliest planned one."""

    campaign: Campaign
    counts: Mapping[str, int]
    next_due_at: datetime | None

    @property
    def sent(self) -> int:
        return self.counts.get("sent", 0)

    @property
    def waiting(self) -> int:
        return self.counts.get("planned", 0) + self.counts.get("held", 0)


def campaign_rows() -> list[CampaignRow]:
    """Live campaigns in the order in which they take an order, then drafts, then ended ones; two
    statements whatever their number.
    """
    counts = _counts()
    campaigns = sorted(Campaign.objects.select_related("template"), key=_place)
    return [_row(campaign, counts.get(campaign.pk, [])) for campaign in campaigns]


def campaign_row(campaign: Campaign) -> CampaignRow:
    return _row(campaign, _counts(campaign.pk).get(campaign.pk, []))


def campaign_by_public_id(public_id: uuid.UUID) -> Campaign:
    """Raises Campaign.DoesNotExist."""
    return Campaign.objects.select_related("template__approved").get(public_id=public_id)


def skipped_by_reason(campaign: Campaign) -> dict[str, int]:
    """Why messages of this campaign were not sent: reason code to number, most first."""
    rows = Message.objects.filter(campaign=campaign).exclude(reason="").values_list("reason")
    return dict(rows.annotate(n=Count("pk")).order_by("-n", "reason"))


def _place(campaign: Campaign) -> tuple[int, tuple[int, float]]:
    if campaign.state in _LIVE:
        return 0, rank(campaign)
    return (2 if campaign.state == Campaign.State.ENDED else 1), (0, -campaign.pk)


def _counts(campaign_id: int | None = None) -> dict[int, list[tuple[str, int, datetime | None]]]:
    wanted = Q(campaign_id=campaign_id) if campaign_id else Q(campaign__isnull=False)
    found: dict[int, list[tuple[str, int, datetime | None]]] = {}
    rows = (
        Message.objects.filter(wanted)
        .values_list("campaign_id", "state")
        .annotate(n=Count("pk"), first=Min("due_at"))
    )
    for campaign, state, count, first in rows:
        found.setdefault(int(campaign or 0), []).append((state, count, first))
    return found


def _row(campaign: Campaign, counts: list[tuple[str, int, datetime | None]]) -> CampaignRow:
    first = next((first for state, _, first in counts if state == "planned"), None)
    return CampaignRow(campaign, {state: count for state, count, _ in counts}, first)
