"""A campaign's choice of buyers, where a person has to look at it."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.tenancy import current_seller
from campaigns.models import Campaign
from campaigns.services import lifecycle, telling
from campaigns.services.readiness import activation_problems, targeting_draft
from compliance.models import Case, Verdict
from compliance.services import review

S = Campaign.State


def is_needed(campaign: Campaign) -> bool:
    """A draft whose only trouble may be its targeting, and which does not wait already."""
    return campaign.state == S.DRAFT and _is_doubted(campaign)


@transaction.atomic
def submit(campaign: Campaign, *, user: User | None, now: datetime) -> str:
    """Open a case for the targeting; the sentence for the author. Raises NotSubmittable where a rule is broken for certain."""
    submission = review.Submission(
        Case.Subject.CAMPAIGN, campaign.public_id, campaign.name, [targeting_draft(campaign)]
    )
    review.submit(current_seller(), submission, user=user, now=now)
    Campaign.objects.filter(pk=campaign.pk, state=S.DRAFT).update(state=S.IN_REVIEW)
    read_verdicts()
    return "Submitted. A person looks at whom it writes to; you see the answer here."


@transaction.atomic
def read_verdicts() -> int:
    """Apply what was decided on the entered seller's campaigns, and tell their authors; answers how many. May run twice."""
    seller = current_seller()
    answered = review.not_taken_in(seller, Case.Subject.CAMPAIGN)
    found = {
        c.public_id: c for c in Campaign.objects.filter(public_id__in=[a.case.subject_id for a in answered])
    }
    for one in answered:
        if campaign := found.get(one.case.subject_id):
            outcome = _apply(campaign, one.verdict)
            telling.tell(one, reverse("campaign", args=[seller.slug, campaign.public_id]), outcome)
    review.taken_in(answered)
    return len(answered)


def _apply(campaign: Campaign, verdict: Verdict) -> str:
    """What waited is a draft again: an approved one may now be switched on, the others say why not. What runs stops where an
    approval was taken back; an approval starts nothing by itself."""
    note = f"Review: {verdict.get_answer_display().lower()}. {verdict.reason}".strip()[:400]
    Campaign.objects.filter(pk=campaign.pk, state=S.IN_REVIEW).update(state=S.DRAFT, state_note=note)
    if verdict.is_approval:
        return "It may be switched on now."
    if campaign.state == S.ACTIVE and _is_doubted(campaign):
        lifecycle.pause(campaign, actor=None, now=timezone.now(), note=note)
        return "It is paused. Change whom it writes to, or appeal: another person decides then."
    return "Change whom it writes to and submit it again, or appeal: another person decides then."


def _is_doubted(campaign: Campaign) -> bool:
    """Whether it needs the approval that was taken back; it may have been changed since."""
    return any(problem.code == "targeting_needs_review" for problem in activation_problems(campaign))
