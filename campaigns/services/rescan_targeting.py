"""Running campaigns under a changed rule pack: whom they write to, looked at again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Seller
from accounts.services import mail, people
from campaigns.domain.filters import FiltersInvalid
from campaigns.models import Campaign
from campaigns.services import lifecycle
from campaigns.services.lifecycle import CampaignRefused
from campaigns.services.readiness import targeting_draft
from compliance import pack
from compliance.engine.types import Outcome
from compliance.models import Case
from compliance.services import review


@dataclass(frozen=True)
class Paused:
    """A campaign whose choice of buyers breaks a rule now, and the findings' sentences."""

    campaign: Campaign
    sentences: Sequence[str]


def rescan(seller: Seller, now: datetime, limit: int) -> list[Paused]:
    """Pause, and tell the owners of, what breaks a rule now; have a person look at what is doubted, while it goes on. Each
    campaign in a transaction of its own. What is paused is resumed by a person, whatever becomes of the rule."""
    paused = [
        found for campaign in unscanned().order_by("pk")[:limit] if (found := _look(seller, campaign, now))
    ]
    if paused:
        mail.send("targeting_paused", people.owners(seller), seller=seller, paused=paused)
    return paused


def unscanned() -> QuerySet[Campaign]:
    return Campaign.objects.filter(state=Campaign.State.ACTIVE).exclude(pack=pack.version())


@transaction.atomic
def _look(seller: Seller, campaign: Campaign, now: datetime) -> Paused | None:
    paused = None
    try:
        draft = targeting_draft(campaign)
    except FiltersInvalid:  # it plans nothing, and its page says why
        draft = None
    if draft is not None:
        submission = review.Submission(Case.Subject.CAMPAIGN, campaign.public_id, campaign.name, [draft])
        judged = review.judge_live(seller, submission)
        review.rescan(seller, submission, now=now)
        if judged.outcome is Outcome.BLOCK:
            sentences = [f.message for f in judged.reasons if f.outcome is Outcome.BLOCK]
            paused = _pause(campaign, list(dict.fromkeys(sentences)), now)
    Campaign.objects.filter(pk=campaign.pk).update(pack=pack.version())
    return paused


def _pause(campaign: Campaign, sentences: Sequence[str], now: datetime) -> Paused | None:
    note = " ".join(["A rule has changed, and whom it writes to breaks it now.", *sentences])
    try:
        lifecycle.pause(campaign, actor=None, now=now, note=note)
    except CampaignRefused:  # somebody paused or ended it meanwhile
        return None
    return Paused(campaign, sentences)
