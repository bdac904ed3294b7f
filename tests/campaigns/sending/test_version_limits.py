"""A version's first messages go in steps; an approval's limits hold at the fence; trouble and restriction stop texts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Connection, Seller
from accounts.roles import Role
from campaigns.channels.base import Refused
from campaigns.domain.states import State
from campaigns.domain.trouble import Ramp, Trouble, allowed, opens_in, pause_for, trouble_words
from campaigns.models import Campaign, Message, TemplateText, TemplateVersion
from campaigns.services import pausing, restriction, verdicts
from campaigns.services.dispatch import Turn
from compliance import policy
from compliance.engine.types import Outcome
from compliance.models import Case, Incident, Verdict
from compliance.services import checks, review
from tests.accounts.makers import make_member
from tests.campaigns.sending.helpers import Remembering, again, make_due, raising, seal_relay
from tests.factories.campaigns import make_campaign, make_mail_campaign, make_template

Dispatch = Callable[..., Turn]
START = timezone.now()
RAMP = Ramp(50, 10, timedelta(minutes=15))


@pytest.fixture(autouse=True)
def everything_may_be_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "judge", lambda draft, accepted=(): policy.Verdict(Outcome.PASS))


@pytest.fixture
def campaign(account: Connection) -> Campaign:
    template = make_template(body="Bestellung {{ order_id }}", purpose="order_information")
    TemplateText.objects.filter(version=template.approved).update(language="de")
    return make_mail_campaign(template=template, purpose="order_information")


def version_of(campaign: Campaign) -> TemplateVersion:
    assert campaign.template
    return TemplateVersion.objects.get(pk=campaign.template.approved_id)


def change(campaign: Campaign, **fields: Any) -> None:
    TemplateVersion.objects.filter(pk=version_of(campaign).pk).update(**fields)


def mail(account: Connection, campaign: Campaign, **fields: Any) -> Message:
    return seal_relay(make_due(account, campaign, **fields), account.seller)


def test_the_first_messages_of_a_version_go_in_steps(
    account: Connection, campaign: Campaign, channel: Remembering, dispatch: Dispatch, settings: Any
) -> None:
    settings.RAMP_SENDS, settings.RAMP_STEP = 6, 2
    messages = [mail(account, campaign) for _ in range(5)]
    dispatch()
    assert len(channel.sent) == 2
    waiting = [again(m) for m in messages if again(m).state == State.PLANNED]
    assert len(waiting) == 3
    assert all(m.reason_detail["waits_for"] == "version_ramping" for m in waiting)
    assert all(m.due_at > timezone.now() for m in waiting)
    change(campaign, first_sent_at=timezone.now() - settings.RAMP_EVERY * 9)
    Message.objects.filter(state=State.PLANNED).update(due_at=timezone.now())
    dispatch()
    assert len(channel.sent) == 5


def test_amazons_own_request_has_no_ramp(
    account: Connection, channel: Remembering, dispatch: Dispatch, settings: Any
) -> None:
    settings.RAMP_SENDS, settings.RAMP_STEP = 6, 1
    for _ in range(3):
        make_due(account)
    dispatch()
    assert len(channel.sent) == 3


def test_an_approval_for_so_many_messages_lets_no_more_out(
    account: Connection, campaign: Campaign, channel: Remembering, dispatch: Dispatch
) -> None:
    change(campaign, limit_volume=2)
    messages = [mail(account, campaign) for _ in range(4)]
    dispatch()
    dispatch()
    assert len(channel.sent) == 2
    assert version_of(campaign).sends == 2
    held = [again(m) for m in messages if again(m).state != State.SENT]
    assert {m.reason or m.reason_detail["waits_for"] for m in held} <= {"limit_reached", "version_ramping"}


def test_what_certainly_did_not_leave_gives_its_place_back(
    account: Connection, campaign: Campaign, channel: Remembering, dispatch: Dispatch
) -> None:
    mail(account, campaign)
    channel.after = raising(Refused("relay_refused"))
    dispatch()
    assert version_of(campaign).sends == 0


@pytest.mark.parametrize(
    ("limits", "state", "reason"),
    [
        ({"limit_marketplaces": ["US"]}, State.SKIPPED, "limit_marketplace"),
        ({"limit_until": START - timedelta(minutes=1)}, State.HELD, "limit_over"),
        ({"paused_until": START + timedelta(hours=3)}, State.HELD, "version_rests"),
    ],
)
def test_a_limit_is_asked_at_the_gate_and_again_at_the_fence(
    account: Connection,
    campaign: Campaign,
    channel: Remembering,
    dispatch: Dispatch,
    limits: dict[str, Any],
    state: State,
    reason: str,
) -> None:
    late = mail(account, campaign)
    channel.before = lambda parcel: change(campaign, **limits)
    dispatch()
    assert (again(late).state, late.reason) == (state, reason)
    early = mail(account, campaign)
    channel.before = lambda parcel: pytest.fail("the gate let it through")
    dispatch()
    assert (again(early).state, early.reason) == (state, reason)
    assert not channel.sent


def refuse(account: Connection, campaign: Campaign, number: int, reason: str = "amazon_refused") -> None:
    for _ in range(number):
        mail(account, campaign, state=State.REFUSED, reason=reason, version=version_of(campaign))


def test_a_text_that_amazon_keeps_refusing_rests_for_three_hours_then_a_day_then_goes_back_to_review(
    account: Connection, campaign: Campaign, mailoutbox: Any, django_capture_on_commit_callbacks: Any
) -> None:
    owner = make_member(Role.SELLER_OWNER, account.seller)
    now = timezone.now()
    change(campaign, sends=20, decided_at=now - timedelta(days=1))
    rests = []
    for _ in range(2):
        refuse(account, campaign, 3)
        with django_capture_on_commit_callbacks(execute=True):
            assert pausing.watch(now) == 1
        rests.append(version_of(campaign).paused_until - now)
        assert pausing.watch(now) == 0, "while it rests nothing more is counted"
        now = timezone.now()
        change(campaign, paused_until=now - timedelta(seconds=1))
        Message.objects.filter(state=State.REFUSED).update(updated_at=now - timedelta(hours=1))
    assert rests[0] == timedelta(hours=3)
    assert timedelta(hours=23) < rests[1] <= timedelta(hours=24)
    assert mailoutbox[0].to == [owner.email]
    version = version_of(campaign)
    refuse(account, campaign, 3)
    assert pausing.watch(timezone.now()) == 1
    version.refresh_from_db()
    assert version.state == TemplateVersion.State.IN_REVIEW
    assert Case.objects.get(subject_id=version.public_id).queue == "rescan"
    assert Incident.objects.filter(kind="blocked").count() == 3
    case = Case.objects.get(subject_id=version.public_id)
    review.decide(case.pk, Verdict.Answer.APPROVED, reviewer=None, reason="", now=timezone.now())
    verdicts.read_verdicts(timezone.now())
    version.refresh_from_db()
    assert (version.state, version.pauses) == ("approved", 0)


def test_wishes_of_buyers_pause_a_text_too(account: Connection, campaign: Campaign) -> None:
    change(campaign, sends=40, decided_at=timezone.now() - timedelta(days=1))
    refuse(account, campaign, 4, "opted_out")
    assert pausing.watch(timezone.now()) == 0
    refuse(account, campaign, 1, "opted_out")
    assert pausing.watch(timezone.now()) == 1
    assert "5 of 40 buyers" in version_of(campaign).pause_note


def test_old_trouble_is_forgotten(account: Connection, campaign: Campaign) -> None:
    change(campaign, sends=20, decided_at=timezone.now() - timedelta(days=30))
    refuse(account, campaign, 5)
    Message.objects.update(updated_at=timezone.now() - timedelta(days=8))
    assert pausing.watch(timezone.now()) == 0


def test_a_restriction_holds_every_own_text_and_lets_amazons_request_go_on(
    account: Connection, campaign: Campaign, channel: Remembering, dispatch: Dispatch
) -> None:
    own, amazons = mail(account, campaign), make_due(account)
    assert restriction.report("They wrote.", actor=None, now=timezone.now())
    assert not restriction.report("Again.", actor=None, now=timezone.now())
    dispatch()
    assert (again(own).state, own.reason) == (State.HELD, "messaging_restricted")
    assert again(amazons).state == State.SENT
    assert restriction.end(actor=None, now=timezone.now()) == 1
    dispatch()
    assert again(own).state == State.SENT
    assert Incident.objects.get(kind="restricted").ended_at


def test_a_restricted_seller_is_offered_amazons_request_for_the_same_orders(seller: Seller) -> None:
    asking = make_mail_campaign(filters={"include_skus": ["A-1"]}, delay_hours=200)
    make_mail_campaign(purpose="order_information")
    assert restriction.replaceable() == [asking]
    made = restriction.stand_in(asking, actor=None)
    assert (made.channel, made.state, made.delay_hours) == ("solicitation", "draft", 200)
    assert made.filters == asking.filters
    make_campaign(state=Campaign.State.ACTIVE)
    assert restriction.replaceable() == []


# --- pure -------------------------------------------------------------------------------------------------------------


@given(st.integers(0, 60), st.integers(0, 200))
def test_the_step_that_opens_is_the_one_that_counts(sends: int, minutes: int) -> None:
    now = START + timedelta(minutes=minutes)
    is_open = opens_in(RAMP, sends, START, now) == timedelta(0)
    assert is_open == (sends < allowed(RAMP, START, now) or sends >= RAMP.sends)


def test_pauses_grow_and_end_with_a_person() -> None:
    assert [pause_for(n) for n in range(3)] == [timedelta(hours=3), timedelta(hours=24), None]


@pytest.mark.parametrize(
    ("trouble", "is_troubled"),
    [
        (Trouble(20, 2, 0), False),
        (Trouble(20, 3, 0), True),
        (Trouble(1000, 3, 0), False),
        (Trouble(1000, 50, 0), True),
        (Trouble(60, 0, 4), False),
        (Trouble(60, 0, 5), True),
        (Trouble(0, 0, 0), False),
    ],
)
def test_a_few_refusals_among_many_are_no_trouble(trouble: Trouble, is_troubled: bool) -> None:
    assert bool(trouble_words(trouble)) == is_troubled
