"""A campaign's acts, and what each did in numbers."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEntry, Connection, SellerDue
from campaigns.domain import campaign_states, filters
from campaigns.domain.conditions import CODES
from campaigns.models import Campaign, Message
from campaigns.selectors.campaigns import campaign_rows, skipped_by_reason
from campaigns.selectors.messages import history
from campaigns.services import lifecycle, readiness
from campaigns.services.lifecycle import CampaignRefused, StaleCampaign
from campaigns.services.plan import plan_changes
from campaigns.starters.campaigns import DEFAULT, STARTERS
from tests.factories.campaigns import make_campaign, make_mail_campaign, make_message, make_template
from tests.factories.orders import NOW, make_order

pytestmark = pytest.mark.usefixtures("seller", "all_committed")


@pytest.fixture
def connected(seller):
    return Connection.objects.create(
        seller=seller,
        region="EU",
        selling_partner_id="A1",
        marketplace_ids=[],
        authorised_at=timezone.now(),
        sender_address="shop@example.com",
    )


def problems_of(refused):
    return {(p.code, p.field) for p in refused.value.problems}


def test_every_starter_makes_a_sound_campaign():
    for starter in STARTERS:
        made = lifecycle.create({"name": starter.title, **starter.values}, actor=None)
        assert made.state == "draft"
    assert DEFAULT.values["channel"] == "solicitation"


def test_the_default_starter_can_be_switched_on_at_once(connected):
    draft = lifecycle.create({"name": DEFAULT.title, **DEFAULT.values}, actor=None)
    assert lifecycle.activation_problems(draft) == []


def test_activating_plans_and_says_how_many(connected):
    make_order()
    make_order(purchased_at=NOW - timedelta(days=20))
    draft = make_campaign(state="draft", activated_at=None, covers_from_at=None)
    done = lifecycle.activate(draft, actor=None, now=NOW, covers_from_at=NOW - timedelta(days=12))
    assert (done.planned.planned, done.campaign.state) == (1, "active")
    assert done.sentence == "Switched on. 1 message planned."
    kept = AuditEntry.objects.get(action="campaign.activated", seller=connected.seller)
    assert kept.data == {"planned": 1}


def test_activating_covers_only_new_orders_unless_told(connected):
    make_order(purchased_at=NOW - timedelta(minutes=1))
    draft = make_campaign(state="draft", activated_at=None, covers_from_at=None)
    done = lifecycle.activate(draft, actor=None, now=NOW)
    assert done.campaign.covers_from_at == NOW
    assert done.planned.planned == 0


def test_a_mail_campaign_without_an_approved_text_cannot_be_switched_on(connected):
    template = make_template()
    template.approved = None
    template.save()
    draft = make_mail_campaign(state="draft", template=template)
    with pytest.raises(CampaignRefused) as refused:
        lifecycle.activate(draft, actor=None, now=NOW)
    assert problems_of(refused) == {("version_not_approved", "template")}
    draft.refresh_from_db()
    assert draft.state == "draft"


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"purpose": "invoice"}, ("purpose_not_carried", "purpose")),
        ({"delay_hours": 24 * 30}, ("delay_too_long", "delay_hours")),
        ({"trigger": "review_window_opens", "delay_hours": 24 * 25}, ("delay_too_long", "delay_hours")),
        ({"trigger": "feedback_received"}, ("targeting_blocked", "filters")),
        ({"filters": {"returned": "exclude"}}, ("targeting_needs_review", "filters")),
    ],
)
def test_what_stands_in_the_way_is_named(connected, fields, problem):
    campaign = make_campaign(state="draft", **fields)
    assert [(p.code, p.field) for p in lifecycle.activation_problems(campaign)] == [problem]


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        ({}, []),
        ({"on_amazon_de": "written"}, ["targeting_needs_review"]),
        ({"on_amazon_de": "written", "filters": {"marketplaces": ["A13V1IB3VIYZZH"]}}, []),
        ({"filters": {"marketplaces": ["A1PA6795UKMFR9"]}}, []),
    ],
)
def test_asking_german_buyers_in_own_words_needs_a_person_once(connected, fields, codes):
    campaign = make_mail_campaign(state="draft", **fields)
    assert [p.code for p in lifecycle.activation_problems(campaign)] == codes


def test_another_campaign_that_asks_the_same_buyers_is_pointed_out(connected):
    make_campaign(name="Day 20")
    campaign = make_campaign(state="draft")
    assert lifecycle.activation_problems(campaign) == []
    assert "Day 20" in readiness.advice(campaign)[0]


def test_without_an_amazon_account_nothing_is_switched_on():
    assert [p.code for p in lifecycle.activation_problems(make_campaign())] == ["not_connected"]


# --- edits ---


def test_a_longer_delay_says_how_many_messages_moved(connected):
    campaign = make_campaign()
    make_order()
    make_order()
    plan_changes(NOW)
    done = lifecycle.edit(campaign, {"delay_hours": 24 * 8}, based_on=1, actor=None, now=NOW)
    assert done.sentence == "Saved. 2 messages moved."
    assert (done.campaign.revision, done.campaign.planned_revision) == (2, 2)


def test_a_new_name_moves_nothing(connected):
    campaign = make_campaign()
    done = lifecycle.edit(campaign, {"name": "Ask"}, based_on=1, actor=None, now=NOW)
    assert (done.sentence, done.planned.changed) == ("Saved.", 0)
    assert Campaign.objects.get(pk=campaign.pk).name == "Ask"


def test_a_stale_form_is_refused_and_nothing_is_saved(connected):
    campaign = make_campaign()
    lifecycle.edit(campaign, {"name": "First"}, based_on=1, actor=None, now=NOW)
    with pytest.raises(StaleCampaign, match="changed meanwhile"):
        lifecycle.edit(campaign, {"name": "Second"}, based_on=1, actor=None, now=NOW)
    assert Campaign.objects.get(pk=campaign.pk).name == "First"


def test_an_active_campaign_is_not_edited_into_what_may_not_send(connected):
    campaign = make_campaign()
    with pytest.raises(CampaignRefused) as refused:
        lifecycle.edit(campaign, {"channel": "relay_email"}, based_on=1, actor=None, now=NOW)
    assert ("template_missing", "template") in problems_of(refused)
    assert Campaign.objects.get(pk=campaign.pk).channel == "solicitation"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"window_days": []}, "window_days"),
        ({"window_days": [0]}, "window_days"),
        ({"name": ""}, "name"),
        ({"trigger": "full_moon"}, "trigger"),
        ({"delay_hours": -1}, "delay_hours"),
        (
            {"filters": {"price": {"currency": "EUR", "min_minor": 5, "max_minor": 1}}},
            "filters.price.max_minor",
        ),
    ],
)
def test_bad_input_is_refused_by_field(changes, field):
    campaign = make_campaign(state="draft")
    with pytest.raises(CampaignRefused) as refused:
        lifecycle.edit(campaign, changes, based_on=1, actor=None, now=NOW)
    assert field in {p.field for p in refused.value.problems}
    assert Campaign.objects.get(pk=campaign.pk).revision == 1


def test_so_many_orders_are_left_to_the_worker(connected, monkeypatch, seller):
    monkeypatch.setattr(lifecycle, "PLAN_AT_ONCE", 1)
    campaign = make_campaign()
    make_order()
    make_order()
    plan_changes(NOW)
    done = lifecycle.edit(campaign, {"delay_hours": 24 * 8}, based_on=1, actor=None, now=NOW)
    assert done.is_later
    assert SellerDue.objects.get(seller=seller, kind="campaigns.edited").due_at == NOW
    assert lifecycle.replan_edited(NOW).moved == 2
    assert lifecycle.replan_edited(NOW).changed == 0


# --- pause, resume, end ---


def test_pausing_holds_what_was_planned_and_resuming_brings_it_back(connected):
    campaign = make_campaign()
    order = make_order()
    plan_changes(NOW)
    due_at = Message.objects.get().due_at
    done = lifecycle.pause(campaign, actor=None, now=NOW, note="Holidays")
    assert (done.held, done.sentence) == (1, "Paused. 1 message held and will come back when you resume.")
    assert (Message.objects.get().state, Message.objects.get().reason) == ("held", "campaign_paused")
    done = lifecycle.resume(campaign, actor=None, now=NOW)
    assert done.planned.returned == 1
    message = Message.objects.get(order=order)
    assert (message.state, message.reason, message.due_at) == ("planned", "", due_at)
    assert [e.after for e, _ in history(message)] == ["planned", "held", "planned"]


def test_pausing_does_not_hand_the_orders_to_another_campaign(connected):
    first = make_campaign(priority=1)
    second = make_campaign()
    order = make_order()
    plan_changes(NOW)
    lifecycle.pause(first, actor=None, now=NOW)
    from campaigns.services.plan import plan_orders

    plan_orders([order.pk], NOW)
    assert not Message.objects.filter(campaign=second).exists()


def test_pausing_leaves_what_is_claimed_to_the_fence(connected):
    campaign = make_campaign()
    make_message(make_order(), campaign, state="claimed", claim_token="6f8ad8f6-2b4e-4a43-b48f-0d0d3b5f1c11")
    assert lifecycle.pause(campaign, actor=None, now=NOW).held == 0


def test_ending_cancels_what_waits_and_lets_the_next_campaign_have_it(connected):
    first, second = make_campaign(priority=1), make_campaign()
    make_order()
    plan_changes(NOW)
    done = lifecycle.end(first, actor=None, now=NOW)
    assert done.cancelled == 1
    assert done.sentence == "Ended. 1 message cancelled. 1 message planned instead by other campaigns."
    assert Message.objects.get(campaign=first).reason == "campaign_ended"
    assert Message.objects.get(campaign=second).state == "planned"


def test_an_ended_campaign_stays_ended(connected):
    campaign = make_campaign(state="ended")
    for act in (lifecycle.activate, lifecycle.pause, lifecycle.resume, lifecycle.end):
        with pytest.raises(CampaignRefused, match="ended"):
            act(campaign, actor=None, now=NOW)


def test_the_table_of_moves_knows_every_state():
    states = set(Campaign.State.values)
    assert set(campaign_states.MOVES) == states
    assert all(after <= states for after in campaign_states.MOVES.values())
    assert not campaign_states.may_move("draft", "paused")


# --- reading ---


def test_the_list_counts_messages_and_puts_live_ones_first(django_assert_max_num_queries):
    ended, draft = make_campaign(name="ended", state="ended"), make_campaign(name="draft", state="draft")
    live = make_campaign(name="live")
    make_message(make_order(), live)
    make_message(make_order(), live, state="skipped", reason="order_returned")
    with django_assert_max_num_queries(4):
        rows = campaign_rows()
    assert [row.campaign for row in rows] == [live, draft, ended]
    assert (rows[0].counts, rows[0].waiting) == ({"planned": 1, "skipped": 1}, 1)
    assert skipped_by_reason(live) == {"order_returned": 1}


def test_codes_fit_the_column_and_bad_filters_name_their_field():
    assert all(len(code) <= 40 for code in CODES)
    with pytest.raises(filters.FiltersInvalid, match="colour"):
        filters.parse({"colour": "red"})
