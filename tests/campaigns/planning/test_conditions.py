"""Each condition both ways: the code the planner finds, and the sentence the explanation says."""

from datetime import time, timedelta

import pytest

from campaigns.domain import conditions, reasons
from campaigns.domain.vocabulary import Trigger
from campaigns.models import Message
from campaigns.services.explain import explain
from campaigns.services.plan import plan_orders
from orders.models import Order
from tests.campaigns.planning.judging import first_unmet
from tests.factories.campaigns import make_campaign, make_mail_campaign, make_message, suppress
from tests.factories.orders import GB, NOW, US, make_order

pytestmark = pytest.mark.usefixtures("seller", "all_committed")
YEN = {"currency": "EUR", "min_minor": 1_000, "max_minor": 5_000}

#: code: the order's fields, the campaign's fields, words of the sentence. Without them all is met.
UNMET = {
    "campaign_not_active": ({}, {"state": "draft"}, "never switched on"),
    "campaign_ended": ({}, {"state": "ended"}, "has ended"),
    "campaign_paused": ({}, {"state": "paused"}, "waits until it is switched on again"),
    "bought_before_campaign": ({}, {"covers_from_at": NOW}, "covers orders from Mon 23 Nov 2026, 11:00"),
    "marketplace_not_chosen": ({}, {"filters": {"marketplaces": [US, GB]}}, "the campaign is for Amazon.co"),
    "fulfilment_not_chosen": ({}, {"filters": {"fulfilment": "FBA"}}, "The order is FBM"),
    "business_not_chosen": ({}, {"filters": {"business": "only"}}, "no business order"),
    "promotion_not_chosen": (
        {"has_promotion": True},
        {"filters": {"promotion": "exclude"}},
        "leaves those out",
    ),
    "price_out_of_range": ({"total_minor": 999}, {"filters": {"price": YEN}}, "total is 9.99 EUR"),
    "quantity_out_of_range": ({"item_count": 3}, {"filters": {"quantity": {"max": 2}}}, "3 units"),
    "country_not_chosen": ({}, {"filters": {"ship_countries": ["AT"]}}, "a country Amazon does not tell"),
    "product_not_chosen": ({}, {"filters": {"include_skus": ["PEN"]}}, "it has PAD-80-CH"),
    "product_excluded": ({}, {"filters": {"exclude_asins": ["B0C7GPRS41"]}}, "leaves out (B0C7GPRS41)"),
    "order_not_connected": ({"connection_id": None}, {}, "uploaded file"),
    "channel_not_for_fulfilment": (
        {"fulfilment": "FBA"},
        {"channel": "relay_email"},
        "fulfilled the order (FBA)",
    ),
    "no_relay_address": ({"relay_address_sealed": ""}, {"channel": "relay_email"}, "has not given us"),
    "order_cancelled": ({"status": "CANCELLED"}, {}, "was cancelled"),
    "cancel_requested": ({"cancel_requested_at": NOW}, {}, "asked on Mon 23 Nov 2026, 11:00 (Europe/Berlin)"),
    "order_replacement": ({"is_replacement": True, "replaces_order_id": "302-1-2"}, {}, "302-1-2"),
    "status_not_reached": (
        {"status": "UNSHIPPED"},
        {},
        "not shipped yet; the campaign waits until it is shipped",
    ),
    "undeliverable": ({"undeliverable_at": NOW}, {}, "could not be delivered"),
    "order_returned": (
        {"returned_at": NOW},
        {"filters": {"returned": "exclude"}},
        "returned the product on Mon 23 Nov 2026, and the campaign is set to leave returned orders out",
    ),
    "order_refunded": (
        {"refunded_at": NOW},
        {"filters": {"refunded": "exclude"}},
        "refunded on Mon 23 Nov 2026, and the campaign is set to leave refunded orders out",
    ),
    "moment_unknown": ({"delivered_at": None}, {}, "not known yet"),
    "window_unknown": (
        {"delivered_at": None},
        {"trigger": "placed"},
        "Amazon's window counts from the delivery",
    ),
    "window_closed": ({"delivered_at": NOW - timedelta(days=30)}, {}, "was over on Mon 23 Nov 2026, 11:00"),
    "no_send_moment": ({}, {"delay_hours": 24 * 30}, "after Amazon's window closes"),
}


def make(order_fields, campaign_fields):
    order = make_order(**order_fields)
    maker = make_mail_campaign if campaign_fields.get("channel") == "relay_email" else make_campaign
    return order, maker(**campaign_fields)


def check_unmet(order, campaign, code, words):
    [answer] = [a for a in explain(order, NOW) if a.campaign == campaign]
    first = next(a for a in answer.answers if not a.is_met)
    assert first.code == code
    assert words in first.sentence
    assert not answer.is_met
    plan_orders([order.pk], NOW)
    message = Message.objects.filter(order=order, campaign=campaign).first()
    assert message is None or (message.state, message.reason) == ("held", "campaign_paused")
    if campaign.state == "active":
        assert first_unmet(campaign, [order.pk], NOW) == {order.pk: code}


@pytest.mark.parametrize("code", UNMET)
def test_unmet_alone_it_keeps_the_order_out_and_says_why(code):
    order_fields, campaign_fields, words = UNMET[code]
    check_unmet(*make(order_fields, campaign_fields), code, words)


@pytest.mark.parametrize(
    ("kind", "source", "code"),
    [("order", "opt_out", "opted_out"), ("buyer", "opt_out", "opted_out"), ("order", "hand", "suppressed"),
     ("buyer", "hand", "suppressed"), ("order", "bounce", "suppressed")],
)  # fmt: skip
def test_a_suppression_of_order_or_buyer_keeps_it_out(kind, source, code):
    order, campaign = make({"buyer_key": "key"}, {})
    suppress(order.amazon_order_id if kind == "order" else "key", kind=kind, source=source)
    check_unmet(order, campaign, code, "buyer")


def test_a_critical_message_passes_an_opt_out():
    order, campaign = make({}, {"channel": "relay_email", "purpose": "order_problem"})
    suppress(order.amazon_order_id, source="opt_out")
    assert first_unmet(campaign, [order.pk], NOW) == {order.pk: None}


def test_an_earlier_message_keeps_it_out_and_is_named():
    order, campaign = make({}, {})
    make_message(order, make_campaign(name="Spring", state="ended"), state="sent", sent_at=NOW)
    check_unmet(order, campaign, "already_contacted", "“Spring” on Mon 23 Nov 2026, 11:00")


def test_a_campaign_that_goes_first_is_named():
    order, campaign = make({}, {})
    make_message(order, make_campaign(name="First", priority=1))
    check_unmet(order, campaign, "higher_priority", "“First” goes first")


def test_another_order_of_the_buyer_is_named():
    order, campaign = make({"buyer_key": "key"}, {"filters": {"repeat_buyer_days": 30}})
    other = make_order(buyer_key="key")
    make_message(other, None, state="sent", sent_at=NOW)
    check_unmet(order, campaign, "repeat_buyer", other.amazon_order_id)


def test_every_condition_is_tried_here():
    tried_below = {"opted_out", "suppressed", "already_contacted", "higher_priority", "repeat_buyer"}
    assert {*UNMET, *tried_below} == conditions.CODES


@pytest.mark.parametrize("condition", conditions.ALL, ids=lambda c: c.code)
def test_every_code_has_a_sentence_and_a_remedy(condition):
    reason = reasons.find(condition.code)
    assert reason.sentence.endswith(".")
    assert reason.remedy


def test_met_conditions_say_so_with_the_orders_values():
    order, _ = make({}, {"filters": {"price": YEN, "quantity": {"min": 1}, "include_asins": ["B0C7GPRS41"]}})
    [answer] = explain(order, NOW)
    said = {a.code: a.sentence for a in answer.answers}
    assert answer.is_met
    assert said["price_out_of_range"] == "The order's total is 24.90 EUR, in the campaign's range."
    assert said["moment_unknown"].startswith(
        "The delivery: Sat 21 Nov 2026, 11:00 (Europe/Berlin) (the carrier"
    )
    assert "Every product" not in said["product_not_chosen"]


def test_what_a_campaign_does_not_limit_is_said_too():
    order, _ = make({}, {})
    [answer] = explain(order, NOW)
    assert "Every product is included, new ones too." in [a.sentence for a in answer.answers]


def test_that_nobody_is_left_out_for_a_return_or_a_refund_is_said_too():
    order, _ = make({"returned_at": NOW, "refunded_at": NOW}, {})
    [answer] = explain(order, NOW)
    assert answer.is_met
    assert sum("leaves nobody out for it" in a.sentence for a in answer.answers) == 2


def test_the_sellers_own_clock_is_used_where_chosen(seller):
    seller.timezone = "Asia/Tokyo"
    order, _ = make({}, {"window_clock": "seller", "window_from": time(9), "window_until": time(10)})
    [answer] = explain(order, NOW)
    assert answer.due_words == "Fri 27 Nov 2026, 09:00 (Asia/Tokyo)"


@pytest.mark.parametrize("trigger", Trigger)
def test_every_trigger_finds_its_moment(trigger):
    moments = {
        "returned": {"returned_at": NOW}, "refunded": {"refunded_at": NOW}, "feedback_received": {"feedback_at": NOW},
        "estimated_delivery": {"estimated_arrival_at": NOW},
    }  # fmt: skip
    order, campaign = make(
        moments.get(trigger, {}), {"trigger": trigger, "purpose": "order_problem", "channel": "relay_email"}
    )
    assert first_unmet(campaign, [order.pk], NOW) == {order.pk: None}


@pytest.mark.parametrize("status", Order.Status.values)
def test_a_request_is_made_for_shipped_orders_only(status):
    order, campaign = make({"status": status}, {})
    assert (first_unmet(campaign, [order.pk], NOW)[order.pk] is None) == (status == "SHIPPED")
