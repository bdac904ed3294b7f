"""Planning, from changed orders to rows."""

from datetime import time, timedelta

import pytest

from accounts.models import SellerDue
from campaigns.models import Campaign, Message, MessageEvent, PlanCursor
from campaigns.selectors.messages import history
from campaigns.services.plan import plan_changes, plan_orders, replan
from orders.models import Order
from tests.campaigns.planning.judging import first_unmet
from tests.factories.campaigns import make_campaign, make_mail_campaign, make_message, suppress
from tests.factories.orders import NOW, change_order, make_order

pytestmark = pytest.mark.usefixtures("seller", "all_committed")


def only_message():
    return Message.objects.get()


def test_a_delivered_order_is_planned_once():
    make_campaign()
    order = make_order()
    done = plan_changes(NOW)
    assert (done.planned, done.moved, done.withdrawn) == (1, 0, 0)
    message = only_message()
    assert (message.order, message.state, message.reason, message.evidence) == (
        order,
        "planned",
        "",
        "carrier",
    )
    # Five days after delivery Amazon's window opens; three hours of delay are long over.
    assert message.due_at == order.delivered_at + timedelta(days=5)
    assert message.expires_at == order.delivered_at + timedelta(days=30)


def test_planning_again_changes_nothing():
    make_campaign()
    order = make_order()
    plan_changes(NOW)
    change_order(order)
    assert plan_changes(NOW).changed == 0
    assert (Message.objects.count(), MessageEvent.objects.count()) == (1, 0)


def test_the_dispatcher_is_woken_for_the_earliest_message(seller):
    make_campaign()
    make_order()
    done = plan_changes(NOW)
    assert (
        SellerDue.objects.get(seller=seller, kind="messages.due").due_at
        == done.next_due_at
        == only_message().due_at
    )


def test_a_later_delivery_moves_the_message_and_says_so():
    make_campaign()
    order = make_order(delivered_at=None, estimated_arrival_at=NOW)
    plan_changes(NOW)
    change_order(order, delivered_at=NOW + timedelta(days=3))
    assert plan_changes(NOW).moved == 1
    message = only_message()
    assert message.due_at == NOW + timedelta(days=8)
    assert message.evidence == "carrier"
    event = message.events.last()
    assert (event.before, event.after) == ("planned", "planned")
    assert set(event.detail) == {"due_at", "was_due_at"}


def test_what_people_are_not_told_of_is_written_all_the_same():
    campaign, order = make_campaign(), make_order()
    plan_changes(NOW)
    planned = only_message()
    change_order(order, promised_latest_at=order.delivered_at + timedelta(days=2))
    plan_changes(NOW)
    Campaign.objects.filter(pk=campaign.pk).update(priority=7, revision=2)
    replan(campaign, NOW)
    message = only_message()
    assert (message.expires_at, message.priority) == (planned.expires_at + timedelta(days=2), 7)
    assert (message.due_at, message.updated_at) == (planned.due_at, planned.updated_at)
    assert MessageEvent.objects.count() == 0


def test_a_refunded_order_is_asked_like_every_other_unless_the_campaign_leaves_it_out():
    everybody, choosy = make_campaign(), make_campaign(priority=-1, filters={"refunded": "exclude"})
    make_order(refunded_at=NOW)
    plan_changes(NOW)
    assert only_message().campaign == everybody
    Message.objects.all().delete()
    everybody.delete()
    plan_orders(Order.objects.values_list("pk", flat=True), NOW)
    assert not Message.objects.filter(campaign=choosy).exists()


def test_refunded_order_is_skipped_with_its_reason_where_the_campaign_leaves_it_out():
    make_campaign(filters={"refunded": "exclude"})
    order = make_order()
    plan_changes(NOW)
    change_order(order, refunded_at=NOW)
    assert plan_changes(NOW).withdrawn == 1
    message = only_message()
    assert (message.state, message.reason) == ("skipped", "order_refunded")
    assert [(e.before, e.after, e.reason) for e, _ in history(message)] == [
        ("", "planned", ""),
        ("planned", "skipped", "order_refunded"),
    ]


def test_the_making_of_a_message_is_the_first_line_of_its_history_and_no_row_of_its_own():
    make_campaign(name="on", filters={"fulfilment": "FBM"})
    make_campaign(name="paused", filters={"fulfilment": "FBA"}, state="paused")
    orders = make_order(fulfilment="FBM"), make_order(fulfilment="FBA")
    plan_changes(NOW)
    assert MessageEvent.objects.count() == 0
    planned, held = (Message.objects.get(order=order) for order in orders)
    Message.objects.filter(pk=planned.pk).update(state="sent")
    for _ in range(2):
        assert lines(planned) == [("planned", "")]
        assert lines(held)[0] == ("held", "campaign_paused")
        MessageEvent.objects.create(message=held, before="held", after="planned")
    assert history(planned)[0][0].at == planned.created_at


def lines(message):
    return [(event.after, event.reason) for event, _ in history(message)]


def test_a_skipped_order_that_fits_again_comes_back():
    make_campaign(filters={"refunded": "exclude"})
    order = make_order()
    plan_changes(NOW)
    change_order(order, refunded_at=NOW)
    plan_changes(NOW)
    change_order(order, refunded_at=None)
    assert plan_changes(NOW).returned == 1
    assert (only_message().state, only_message().reason) == ("planned", "")


@pytest.mark.parametrize("state", ["claimed", "on_wire", "sent", "uncertain"])
def test_what_is_claimed_or_further_is_never_touched(state):
    order, campaign = make_order(), make_campaign()
    reason = "outcome_unknown" if state == "uncertain" else ""
    token = "6f8ad8f6-2b4e-4a43-b48f-0d0d3b5f1c11"
    make_message(order, campaign, state=state, reason=reason, claim_token=token)
    change_order(order, refunded_at=NOW, cancelled_at=NOW)
    assert plan_changes(NOW).changed == 0
    assert only_message().state == state


def test_what_a_person_withdrew_stays_withdrawn():
    order, campaign = make_order(), make_campaign()
    make_message(order, campaign, state="cancelled", reason="withdrawn_by_hand")
    change_order(order)
    assert plan_changes(NOW).changed == 0


def test_what_the_gate_holds_stays_held_but_not_when_it_no_longer_fits():
    order, campaign = make_order(), make_campaign()
    make_message(order, campaign, state="held", reason="not_entitled")
    plan_changes(NOW)
    assert (only_message().state, only_message().reason) == ("held", "not_entitled")
    change_order(order, cancelled_at=NOW)
    plan_changes(NOW)
    assert (only_message().state, only_message().reason) == ("skipped", "order_cancelled")


def test_what_the_gate_put_off_is_not_brought_forward():
    order, campaign = make_order(), make_campaign()
    tomorrow = NOW + timedelta(days=4)
    make_message(
        order, campaign, due_at=tomorrow, attempts=1, expires_at=order.delivered_at + timedelta(days=30)
    )
    change_order(order)
    plan_changes(NOW)
    assert only_message().due_at == tomorrow


def test_a_late_order_waits_for_the_next_open_hour():
    campaign = make_campaign(window_from=time(9), window_until=time(17), delay_hours=0)
    make_order(delivered_at=NOW - timedelta(days=10))
    midnight = NOW.replace(hour=1)  # 02:00 in Berlin
    plan_changes(midnight)
    assert only_message().due_at == NOW.replace(hour=8)
    assert only_message().campaign == campaign


def test_a_due_message_is_left_alone_when_its_order_changes():
    make_campaign()
    order = make_order(delivered_at=NOW - timedelta(days=10))
    plan_changes(NOW)
    change_order(order)
    assert plan_changes(NOW + timedelta(minutes=5)).changed == 0


def test_a_paused_campaign_plans_into_held():
    make_campaign(state="paused")
    make_order()
    plan_changes(NOW)
    assert (only_message().state, only_message().reason) == ("held", "campaign_paused")


@pytest.mark.parametrize("state", ["draft", "in_review", "ended"])
def test_a_campaign_that_is_not_on_plans_nothing(state):
    make_campaign(state=state)
    make_order()
    assert plan_changes(NOW).changed == 0


# --- who goes first ---


def test_the_higher_priority_gets_the_order():
    low, high = make_campaign(name="low"), make_campaign(name="high", priority=5)
    order = make_order()
    plan_changes(NOW)
    assert only_message().campaign == high
    assert first_unmet(low, [order.pk], NOW) == {order.pk: "higher_priority"}


def test_between_equals_the_older_campaign_goes_first():
    older = make_campaign(name="older")
    make_campaign(name="younger")
    make_order()
    plan_changes(NOW)
    assert only_message().campaign == older


def test_when_the_first_campaign_loses_the_order_the_next_gets_it_in_the_same_tick():
    first = make_campaign(priority=1, filters={"quantity": {"max": 1}})
    second = make_campaign()
    order = make_order()
    plan_changes(NOW)
    change_order(order, item_count=2)
    plan_changes(NOW)
    assert Message.objects.get(campaign=first).reason == "quantity_out_of_range"
    assert Message.objects.get(campaign=second).state == "planned"


def test_raising_a_priority_moves_the_order_over():
    first, second = make_campaign(), make_campaign()
    make_order()
    plan_changes(NOW)
    Campaign.objects.filter(pk=second.pk).update(priority=9, revision=2)
    assert replan(second, NOW).planned == 1
    assert Message.objects.get(campaign=first).reason == "higher_priority"
    Campaign.objects.filter(pk=second.pk).update(priority=-9, revision=3)
    assert replan(second, NOW).withdrawn == 1
    assert Message.objects.get(campaign=first).state == "planned"
    assert Message.objects.get(campaign=second).reason == "higher_priority"


def test_a_message_that_must_be_sent_does_not_stop_a_request():
    make_mail_campaign(purpose="invoice", channel="messaging", priority=3, trigger="shipped")
    make_campaign()
    make_order()
    assert plan_changes(NOW).planned == 2


def test_an_order_already_contacted_by_hand_is_not_planned():
    campaign, order = make_campaign(), make_order()
    make_message(order, None, state="sent")
    plan_changes(NOW)
    assert first_unmet(campaign, [order.pk], NOW) == {order.pk: "already_contacted"}
    assert not Message.objects.filter(campaign=campaign).exists()


def test_when_the_first_message_ends_unsent_the_next_campaign_gets_its_turn():
    first, second = make_campaign(priority=1), make_campaign()
    order = make_order()
    plan_changes(NOW)
    Message.objects.filter(campaign=first).update(state="refused", reason="amazon_refused")
    plan_orders([order.pk], NOW)
    assert Message.objects.get(campaign=second).state == "planned"


def test_a_suppressed_order_is_withdrawn_when_asked():
    make_campaign()
    order = make_order()
    plan_changes(NOW)
    suppress(order.amazon_order_id)
    assert plan_orders([order.pk], NOW).withdrawn == 1
    assert only_message().reason == "suppressed"


# --- repeat buyers ---


def test_of_three_orders_of_one_buyer_those_far_enough_apart_are_planned():
    make_campaign(filters={"repeat_buyer_days": 5})
    orders = [make_order(buyer_key="b", delivered_at=NOW + timedelta(days=d)) for d in (0, 4, 8)]
    plan_changes(NOW)
    states = {m.order_id: m.state for m in Message.objects.all()}
    assert [states.get(order.pk) for order in orders] == ["planned", "skipped", "planned"]


# --- re-planning ---


def test_a_longer_delay_moves_every_planned_message_of_that_campaign():
    campaign = make_campaign()
    for _ in range(3):
        make_order()
    plan_changes(NOW)
    before = only_due(campaign)
    Campaign.objects.filter(pk=campaign.pk).update(delay_hours=24 * 8, revision=2)
    done = replan(campaign, NOW)
    assert (done.planned, done.moved, done.withdrawn) == (0, 3, 0)
    assert only_due(campaign) == before + timedelta(days=3)
    assert Campaign.objects.get(pk=campaign.pk).planned_revision == 2


def only_due(campaign):
    [due_at] = set(Message.objects.filter(campaign=campaign).values_list("due_at", flat=True))
    return due_at


def test_a_narrower_filter_withdraws_and_a_wider_one_brings_back():
    campaign = make_campaign()
    make_order(item_count=1)
    make_order(item_count=3)
    plan_changes(NOW)
    Campaign.objects.filter(pk=campaign.pk).update(filters={"quantity": {"max": 2}})
    assert replan(campaign, NOW).withdrawn == 1
    Campaign.objects.filter(pk=campaign.pk).update(filters={})
    assert replan(campaign, NOW).returned == 1


def test_a_new_campaign_reaches_back_to_where_it_begins():
    make_order(purchased_at=NOW - timedelta(days=20))
    make_order(purchased_at=NOW - timedelta(days=10))
    plan_changes(NOW)
    campaign = make_campaign(covers_from_at=NOW - timedelta(days=12))
    assert replan(campaign, NOW).planned == 1


# --- the cursor ---


def test_the_cursor_moves_with_the_plan_or_not_at_all(monkeypatch):
    make_campaign()
    make_order()
    before = PlanCursor.objects.filter(pk=1).values_list("changed_xact", flat=True).first()

    def crash(*args):
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr("campaigns.services.plan_cursor.finish_reading", crash)
        with pytest.raises(RuntimeError):
            plan_changes(NOW)
    assert not Message.objects.exists()
    assert PlanCursor.objects.filter(pk=1).values_list("changed_xact", flat=True).first() == before
    assert plan_changes(NOW).planned == 1


def test_an_idle_tick_is_one_look(django_assert_max_num_queries):
    make_campaign()
    make_order()
    plan_changes(NOW)
    with django_assert_max_num_queries(2):  # the other one sets the search path
        plan_changes(NOW)
