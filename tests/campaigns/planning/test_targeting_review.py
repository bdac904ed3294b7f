"""A campaign's choice of buyers at the desk: answered, appealed, taken back, and never decided on once it is changed."""

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from campaigns.models import Campaign
from campaigns.services import appeals, lifecycle, targeting_review
from compliance.errors import StaleCase
from compliance.models import Case, Verdict
from compliance.services import deciding, holding
from compliance.services.deciding import Decision
from tests.accounts.makers import make_connection, make_member
from tests.compliance.desk.makers import lead, reviewer
from tests.factories.campaigns import make_campaign

A, S = Verdict.Answer, Campaign.State
FILTERS = {"returned": "exclude"}


@pytest.fixture
def author(seller) -> User:
    return make_member(Role.SELLER_AUTHOR, seller)


@pytest.fixture
def campaign(seller, author) -> Campaign:
    """It leaves out who sent the goods back, and waits for a person."""
    make_connection(seller, pk=1, store_name="Acme Store", sender_address="hello@acme.example")
    made = make_campaign(state=S.DRAFT, activated_at=None, covers_from_at=None, filters=FILTERS)
    targeting_review.submit(made, user=author, now=timezone.now())
    assert again(made).state == S.IN_REVIEW
    return made


def again(campaign: Campaign) -> Campaign:
    return Campaign.objects.get(pk=campaign.pk)


def case_of(campaign: Campaign) -> Case:
    return Case.objects.filter(subject_id=campaign.public_id).latest("pk")


def answer(campaign: Campaign, answer: Verdict.Answer) -> Verdict:
    by = reviewer()
    holding.take(case_of(campaign).pk, by)
    told = deciding.decide(
        case_of(campaign).pk, Decision(answer, "Because."), reviewer=by, now=timezone.now()
    )
    targeting_review.read_verdicts()
    return told


def test_an_appeal_granted_lets_it_be_switched_on(campaign):
    answer(campaign, A.REJECTED)
    assert again(campaign).state == S.DRAFT
    appeals.dispute_targeting(
        again(campaign), "A returned lamp cannot be reviewed.", user=None, now=timezone.now()
    )
    assert again(campaign).state == S.IN_REVIEW
    answer(campaign, A.APPROVED)
    assert again(campaign).state == S.DRAFT
    lifecycle.activate(again(campaign), actor=None, now=timezone.now())
    assert again(campaign).state == S.ACTIVE


def test_the_answer_reaches_the_author_by_mail(
    campaign, author, mailoutbox, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        answer(campaign, A.REJECTED)
        targeting_review.read_verdicts()
    [mail] = mailoutbox
    assert mail.to == [author.email]
    assert "Because." in mail.body
    assert f"/campaigns/{campaign.public_id}/" in mail.body


def test_an_approval_that_is_taken_back_pauses_what_runs(campaign):
    old = answer(campaign, A.APPROVED)
    lifecycle.activate(again(campaign), actor=None, now=timezone.now())
    deciding.correct(old.pk, Decision(A.REJECTED, "A miss."), reviewer=lead(), now=timezone.now())
    targeting_review.read_verdicts()
    assert again(campaign).state == S.PAUSED
    assert "A miss." in again(campaign).state_note
    with pytest.raises(lifecycle.CampaignRefused):
        lifecycle.resume(again(campaign), actor=None, now=timezone.now())


def test_a_choice_that_was_changed_is_taken_back_from_who_looks_at_it(campaign):
    by, case, found = reviewer(), case_of(campaign), again(campaign)
    holding.take(case.pk, by)
    changes = {"filters": {"returned": "exclude", "refunded": "exclude"}}
    done = lifecycle.edit(found, changes, based_on=found.revision, actor=None, now=timezone.now())
    assert "submit it again" in done.sentence
    assert again(campaign).state == S.DRAFT
    with pytest.raises(StaleCase):
        deciding.decide(case.pk, Decision(A.APPROVED), reviewer=by, now=timezone.now())


def test_a_new_name_leaves_it_where_it_waits(campaign):
    found = again(campaign)
    lifecycle.edit(found, {"name": "Another"}, based_on=found.revision, actor=None, now=timezone.now())
    assert again(campaign).state == S.IN_REVIEW
    assert case_of(campaign).status == Case.Status.WAITING
