"""A rule changes: whom campaigns write to and messages that wait are looked at again too, not the approved texts alone."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import Connection, User
from accounts.roles import Role
from campaigns.domain.states import State
from campaigns.domain.vocabulary import Channel, Purpose
from campaigns.models import Campaign, Message
from campaigns.services import lifecycle, one_off, rescan, rescan_one_offs, rescan_targeting, targeting_review
from campaigns.services.lifecycle import CampaignRefused
from campaigns.tasks import rescan as task
from compliance import pack
from compliance.desk.queues import Queue
from compliance.engine import run
from compliance.engine.types import Finding, Outcome
from compliance.models import Case, Verdict
from compliance.services import rescanning, review
from tests.accounts.makers import make_member
from tests.campaigns.sending.helpers import again, make_due, make_sendable
from tests.factories.campaigns import make_campaign

C = Campaign.State
WORDS = one_off.Words("Guten Tag, Ihre Lampe kommt morgen.", "de", "Ihre Bestellung")


class Rules:
    """The running rule pack: `become` gives it another version and one answer for whatever it is asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch = monkeypatch
        self.asked = 0

    def become(self, version: str, outcome: Outcome | None = None, where: str = "targeting") -> None:
        found = () if outcome is None else (self._finding(outcome, where),)

        def check(draft: Any, rules: Any = ()) -> run.Report:
            self.asked += 1
            return run.Report(found, version, 0.0)

        self._patch.setattr(pack, "version", lambda: version)
        self._patch.setattr(run, "check", check)

    def _finding(self, outcome: Outcome, where: Any) -> Finding:
        return Finding("nobody-blue", "P9", outcome, "Blue buyers are left out.", "blue", where)


@pytest.fixture
def rules(monkeypatch) -> Rules:
    found = Rules(monkeypatch)
    found.become("pack-before")
    return found


@pytest.fixture
def account(seller) -> Connection:
    return make_sendable(seller)


def scan(seller):
    return rescan.rescan(seller, timezone.now())


def state_of(campaign: Campaign) -> str:
    campaign.refresh_from_db()
    return campaign.state


# --- whom campaigns write to ----------------------------------------------------------------------------------------


def test_a_campaign_whose_choice_of_buyers_breaks_the_new_rule_is_paused_with_the_reason(account, rules):
    campaign = make_campaign()
    message = make_due(account, campaign)
    rules.become("pack-after", Outcome.BLOCK)
    [paused] = scan(account.seller).campaigns
    assert (paused.campaign.pk, paused.sentences) == (campaign.pk, ["Blue buyers are left out."])
    assert state_of(campaign) == C.PAUSED
    assert campaign.state_note == (
        "A rule has changed, and whom it writes to breaks it now. Blue buyers are left out."
    )
    assert (again(message).state, again(message).reason) == (State.HELD, "campaign_paused")
    with pytest.raises(CampaignRefused, match="Blue buyers"):
        lifecycle.resume(campaign, actor=None, now=timezone.now())


def test_its_owners_are_told_once(seller, rules, django_capture_on_commit_callbacks):
    owner = make_member(Role.SELLER_OWNER, seller)
    make_campaign(name="Ask")
    make_campaign(name="Ask again")
    for version in ("pack-after", "pack-later"):
        rules.become(version, Outcome.BLOCK)
        with django_capture_on_commit_callbacks(execute=True):
            scan(seller)
    [told] = [m for m in mail.outbox if owner.email in m.to]
    assert "2 campaigns are paused" in told.subject
    assert "“Ask again”" in told.body
    assert "Blue buyers are left out." in told.body


def test_a_doubted_choice_goes_on_while_a_person_looks_and_stops_at_a_no(seller, rules):
    campaign = make_campaign()
    rules.become("pack-after", Outcome.REVIEW)
    assert scan(seller).campaigns == []
    assert state_of(campaign) == C.ACTIVE
    case = Case.objects.get(subject_id=campaign.public_id)
    assert (case.queue, case.status) == (Queue.RESCAN, Case.Status.WAITING)
    review.decide(case.pk, Verdict.Answer.REJECTED, reviewer=None, reason="Not blue.", now=timezone.now())
    targeting_review.read_verdicts()
    assert state_of(campaign) == C.PAUSED


def test_a_doubt_that_a_later_pack_does_not_share_is_taken_back(seller, rules):
    make_campaign()
    rules.become("pack-after", Outcome.REVIEW)
    scan(seller)
    rules.become("pack-later")
    scan(seller)
    assert Case.objects.get(queue=Queue.RESCAN).status == Case.Status.WITHDRAWN


def test_each_running_campaign_is_looked_at_once_a_pack_and_no_other_is(seller, rules):
    make_campaign()
    make_campaign(state=C.PAUSED, name="Rests")
    rules.become("pack-after")
    rules.asked = 0
    assert rescan_targeting.unscanned().count() == 1
    scan(seller)
    scan(seller)
    assert (rules.asked, rescan_targeting.unscanned().count()) == (1, 0)


def test_what_is_switched_on_under_the_running_pack_is_not_looked_at_again(account, rules):
    campaign = make_campaign(state=C.PAUSED)
    lifecycle.resume(campaign, actor=None, now=timezone.now())
    assert not rescan_targeting.unscanned().exists()


def test_a_campaign_alone_keeps_its_seller_called_up_until_it_was_looked_at(seller, rules):
    make_campaign()
    rules.become("pack-after")
    rescanning.notice(timezone.now())
    assert seller.pk in {seller_id for seller_id, _ in task.lost_scans()}
    assert task._rescan(seller) is None
    assert seller.pk not in {seller_id for seller_id, _ in task.lost_scans()}


def test_filters_that_cannot_be_read_do_not_keep_the_others_waiting(seller, rules):
    make_campaign(filters={"price": "cheap"}, name="Broken")
    fine = make_campaign(name="Fine")
    rules.become("pack-after", Outcome.BLOCK)
    scan(seller)
    assert state_of(fine) == C.PAUSED
    assert not rescan.is_left()


# --- messages written by hand ---------------------------------------------------------------------------------------


def written(account: Connection, author: User | None = None) -> Message:
    order = make_due(account, state=State.CANCELLED, reason="campaign_ended").order
    return one_off.write(order, Channel.RELAY_EMAIL, Purpose.ORDER_PROBLEM, WORDS, author)


def test_a_waiting_message_that_breaks_the_new_rule_is_ended_and_author_and_owners_are_told(
    account, rules, django_capture_on_commit_callbacks
):
    owner, author = (
        make_member(Role.SELLER_OWNER, account.seller),
        make_member(Role.SELLER_AUTHOR, account.seller),
    )
    rules.become("pack-before", Outcome.REVIEW, "body")
    message = written(account, author)
    rules.become("pack-after", Outcome.BLOCK, "body")
    with django_capture_on_commit_callbacks(execute=True):
        assert [s.message.pk for s in scan(account.seller).one_offs] == [message.pk]
        assert scan(account.seller).one_offs == []
    assert (again(message).state, again(message).reason) == (State.BLOCKED, "text_blocked")
    assert again(message).reason_detail["findings"][0]["message"] == "Blue buyers are left out."
    assert Case.objects.get(subject_id=message.public_id).status == Case.Status.WITHDRAWN
    told = {address for m in mail.outbox for address in m.to if "not sent" in m.subject}
    assert told == {owner.email, author.email}


def test_a_planned_message_that_is_doubted_now_waits_for_a_person(account, rules):
    message = written(account)
    assert message.state == State.PLANNED
    rules.become("pack-after", Outcome.REVIEW, "body")
    scan(account.seller)
    scan(account.seller)
    assert (again(message).state, again(message).reason) == (State.HELD, "text_needs_review")
    case = Case.objects.get(subject_id=message.public_id)
    review.decide(case.pk, Verdict.Answer.APPROVED, reviewer=None, reason="", now=timezone.now())
    one_off.read_verdicts(timezone.now())
    assert again(message).state == State.PLANNED
    scan(account.seller)
    assert again(message).state == State.PLANNED  # what a reviewer accepted stays accepted


def test_a_message_that_a_person_looks_at_already_keeps_its_place(account, rules):
    rules.become("pack-before", Outcome.REVIEW, "body")
    message = written(account)
    case = Case.objects.get(subject_id=message.public_id)
    rules.become("pack-after", Outcome.REVIEW, "body")
    scan(account.seller)
    case.refresh_from_db()
    assert (case.status, case.queue) == (Case.Status.WAITING, Queue.NEW)


def test_messages_that_are_gone_or_of_campaigns_are_left_to_the_gate(account, rules):
    make_due(account, make_campaign())
    gone = written(account)
    Message.objects.filter(pk=gone.pk).update(
        state=State.CANCELLED, reason="text_rejected", due_at=timezone.now() + timedelta(days=1)
    )
    rules.become("pack-after", Outcome.BLOCK, "body")
    assert rescan_one_offs.rescan(account.seller, timezone.now()) == []
