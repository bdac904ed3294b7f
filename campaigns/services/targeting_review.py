"""A campaign's choice of buyers, where a person has to look at it."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.tenancy import current_seller
from campaigns.models import Campaign
from campaigns.services.readiness import activation_problems, targeting_draft
from compliance import selectors as reviews
from compliance.models import Case, Verdict
from compliance.services import review

S = Campaign.State


def is_needed(campaign: Campaign) -> bool:
    """A draft whose only trouble may be its targeting, and which does not wait already."""
    if campaign.state != S.DRAFT:
        return False
    return any(problem.code == "targeting_needs_review" for problem in activation_problems(campaign))


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
    """Apply what was decided on waiting campaigns; answers how many. May run twice."""
    waiting = {c.public_id: c for c in Campaign.objects.select_for_update().filter(state=S.IN_REVIEW)}
    verdicts = reviews.latest_verdicts(current_seller(), waiting.keys())
    for subject_id, verdict in verdicts.items():
        _apply(waiting[subject_id], verdict)
    return len(verdicts)


def _apply(campaign: Campaign, verdict: Verdict) -> None:
    """Back to a draft either way: an approved one may now be switched on, the others say why not."""
    campaign.state = S.DRAFT
    campaign.state_note = f"Review: {verdict.get_answer_display().lower()}. {verdict.reason}".strip()[:400]
    campaign.save(update_fields=["state", "state_note"])
