"""Who gets an order when several campaigns may want it: all in one statement, in turns, or one after another."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Connection
from campaigns.domain.states import State
from campaigns.models import Campaign, Message, MessageEvent
from campaigns.services import lifecycle, plan
from campaigns.services.plan import plan_changes, turns
from campaigns.services.terms import of_planning
from tests.campaigns.planning.judging import first_unmet
from tests.factories.campaigns import make_campaign, make_message
from tests.factories.orders import DE, NOW, US, change_order, make_order

pytestmark = pytest.mark.usefixtures("seller", "all_committed")


def states():
    return {(m.campaign.name, m.order_id): m.state for m in Message.objects.select_related("campaign")}


def test_campaigns_for_different_orders_share_a_statement_and_an_order_has_one_at_a_time():
    first, second, third = (make_campaign(priority=priority) for priority in (3, 2, 1))
    found = {first.pk: [1, 2], second.pk: [2, 3], third.pk: [2]}
    taken = [(sorted(c.pk for c, _ in members), wanted) for members, wanted in turns(of_planning(), found)]
    assert taken == [
        ([first.pk, second.pk], [(first.pk, 1), (first.pk, 2), (second.pk, 3)]),
        ([second.pk], [(second.pk, 2)]),
        ([third.pk], [(third.pk, 2)]),
    ]


def test_a_campaign_that_minds_other_orders_of_a_buyer_has_its_turn_alone():
    campaigns = [
        make_campaign(priority=9),
        make_campaign(filters={"repeat_buyer_days": 3}),
        make_campaign(priority=-1),
    ]
    found = {c.pk: [n] for n, c in enumerate(campaigns)}
    assert [[c.pk for c, _ in members] for members, _ in turns(of_planning(), found)] == [
        [c.pk] for c in campaigns
    ]


def test_one_statement_keeps_each_campaigns_own_delay_hours_and_channel():
    make_campaign(name="de", filters={"marketplaces": [DE]}, delay_hours=24 * 8)
    make_campaign(
        name="us", filters={"marketplaces": [US]}, delay_hours=24 * 9, purpose="review_request", priority=4
    )
    german, american = make_order(marketplace_id=DE), make_order(marketplace_id=US)
    plan_changes(NOW)
    rows = {m.campaign.name: m for m in Message.objects.select_related("campaign")}
    assert (rows["de"].order, rows["us"].order) == (german, american)
    assert rows["de"].due_at == german.delivered_at + timedelta(days=8)
    assert rows["us"].due_at == american.delivered_at + timedelta(days=9)
    assert (rows["us"].purpose, rows["us"].priority, rows["de"].priority) == ("review_request", 4, 0)


@pytest.mark.parametrize("at_once", [2_000, 0], ids=["few changed", "many changed"])
def test_an_order_that_several_want_goes_to_the_first_and_from_one_to_the_other(at_once, monkeypatch):
    """Whatever the way: all in one statement and turns after it, or one campaign after another."""
    monkeypatch.setattr(plan, "SIFT_UP_TO", at_once)
    make_campaign(name="fbm", priority=3, filters={"fulfilment": "FBM"})
    make_campaign(name="fba", priority=2, filters={"fulfilment": "FBA"})
    make_campaign(name="all", priority=1)
    order = make_order(fulfilment="FBM")
    assert plan_changes(NOW).planned == 1
    assert states() == {("fbm", order.pk): "planned"}
    change_order(order, fulfilment="FBA")
    assert changes(plan_changes(NOW)) == (1, 1, 0)
    assert states() == {("fbm", order.pk): "skipped", ("fba", order.pk): "planned"}
    change_order(order, fulfilment="")
    assert changes(plan_changes(NOW)) == (1, 1, 0)
    change_order(order, fulfilment="FBM")
    assert changes(plan_changes(NOW)) == (0, 1, 1)
    assert states() == {
        ("fbm", order.pk): "planned",
        ("fba", order.pk): "skipped",
        ("all", order.pk): "skipped",
    }


def test_a_campaign_goes_after_those_that_may_want_an_order_of_its_stores():
    german, american, both, everywhere, last = (
        make_campaign(name=str(place), priority=-place, filters={"marketplaces": stores} if stores else {})
        for place, stores in enumerate([[DE], [US], [DE, US], [], [US]])
    )
    before = {c.pk: [peer.id for peer in terms.goes_after] for c, terms in of_planning()}
    assert before == {
        german.pk: [],
        american.pk: [],
        both.pk: [german.pk, american.pk],
        everywhere.pk: [german.pk, american.pk, both.pk],
        last.pk: [american.pk, both.pk, everywhere.pk],
    }


@pytest.mark.parametrize(
    "stored", [{"marketplaces": [["DE"]]}, {"marketplaces": "DE"}, [], {"marketplaces": None}]
)
def test_a_rival_whose_filters_cannot_be_read_counts_as_one_for_every_store(stored):
    first, second = make_campaign(priority=1), make_campaign(filters={"marketplaces": [DE]})
    Campaign.objects.filter(pk=first.pk).update(filters=stored)
    terms = {c.pk: t for c, t in of_planning()}
    assert [peer.id for peer in terms[second.pk].goes_after] == [first.pk]


def changes(done):
    return done.planned, done.withdrawn, done.returned


def test_orders_near_a_moved_clock_are_planned_with_the_others():
    """The quick statement leaves them to the one in full."""
    hours = {
        "window_from": timezone.datetime(2026, 1, 1, 9).time(),
        "window_until": timezone.datetime(2026, 1, 1, 17).time(),
    }
    make_campaign(name="de", filters={"marketplaces": [DE]}, delay_hours=24 * 8, **hours)
    moved = timezone.datetime(2027, 3, 28, 1, tzinfo=NOW.tzinfo)
    near = make_order(delivered_at=moved - timedelta(days=8, hours=3), purchased_at=NOW)
    far = make_order(delivered_at=moved - timedelta(days=20), purchased_at=NOW)
    assert plan_changes(NOW).planned == 2
    due = {m.order_id: m.due_at for m in Message.objects.all()}
    assert due[near.pk] == moved.replace(hour=7)  # nine o'clock in summer
    assert due[far.pk] == (moved - timedelta(days=12)).replace(hour=8)  # nine o'clock in winter


# --- switching on and resuming ---


@pytest.fixture
def connected(seller):
    return Connection.objects.create(
        seller=seller, region="EU", selling_partner_id="A1", marketplace_ids=[], authorised_at=timezone.now()
    )


RIVALS = [
    ("skipped", "already_contacted"),
    ("expired", "window_closed"),
    ("cancelled", "withdrawn_by_hand"),
    ("blocked", "rule_broken"),
    ("held", "not_entitled"),
    ("refused", "amazon_refused"),
]


@pytest.mark.usefixtures("connected")
@pytest.mark.parametrize(("state", "reason"), RIVALS)
def test_switching_on_and_resuming_judge_an_order_alike_whatever_became_of_its_rival(state, reason):
    rival = make_campaign(name="rival", priority=5)
    fresh, kept = make_order(), make_order()
    for order in (fresh, kept):
        make_message(order, rival, state=state, reason=reason)
    begun = make_campaign(name="begun", state="draft", activated_at=None)
    lifecycle.activate(begun, actor=None, now=NOW, covers_from_at=NOW - timedelta(days=90))
    switched_on = outcome(rival, begun)
    Message.objects.all().delete()
    for order in (fresh, kept):
        make_message(order, rival, state=state, reason=reason)
        make_message(order, begun)
    lifecycle.pause(begun, actor=None, now=NOW)
    lifecycle.resume(begun, actor=None, now=NOW)
    assert outcome(rival, begun) == switched_on


def outcome(*campaigns):
    """For each campaign the states of its open rows: one that was never made and one taken back are alike."""
    rows = Message.objects.filter(state__in=[State.PLANNED, State.HELD])
    return [sorted(rows.filter(campaign=c).values_list("state", "reason")) for c in campaigns]


# --- sent again ---


def test_no_second_campaign_is_planned_for_an_order_that_a_person_had_sent_again():
    rival, order = make_campaign(name="rival", priority=5), make_order()
    first = make_campaign(name="first")
    message = make_message(order, first, state="held", reason="sender_refused")
    MessageEvent.objects.create(message=message, before="uncertain", after="planned", detail={"by": "person"})
    plan_changes(NOW)
    assert not Message.objects.filter(campaign=rival).exists()
    assert first_unmet(rival, [order.pk], NOW) == {order.pk: "already_contacted"}
