"""The planner plans an order exactly when the explanation says that every condition is met: random
orders, random campaigns.
"""

from datetime import time, timedelta
from unittest import mock

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.models import Message
from campaigns.services import plan
from campaigns.services.explain import explain
from campaigns.services.plan import plan_changes
from orders.models import Order
from tests.campaigns.planning.judging import first_unmet
from tests.factories.campaigns import make_campaign, make_message, make_template, suppress
from tests.factories.orders import DE, GB, NOW, US, make_order

some_time = st.one_of(st.none(), st.integers(-45 * 24, 20 * 24).map(lambda h: NOW + timedelta(hours=h)))
rarely_some_time = st.one_of(st.none(), st.none(), st.none(), some_time)
rarely = st.sampled_from([False, False, False, True])

orders = st.fixed_dictionaries(
    {
        "connection_id": st.sampled_from([1, 1, 1, None]),
        "marketplace_id": st.sampled_from([DE, US, GB]),
        "status": st.sampled_from(["SHIPPED"] * 5 + list(Order.Status.values)),
        "fulfilment": st.sampled_from(["FBM", "FBA", ""]),
        "is_business": st.booleans(),
        "is_replacement": rarely,
        "has_promotion": st.booleans(),
        "item_count": st.integers(0, 3),
        "total_minor": st.one_of(st.none(), st.integers(0, 3_000)),
        "currency": st.sampled_from(["EUR", "USD", ""]),
        "ship_country": st.sampled_from(["", "DE", "US"]),
        "purchased_at": st.integers(-50 * 24, 0).map(lambda h: NOW + timedelta(hours=h)),
        "shipped_at": some_time,
        "promised_earliest_at": rarely_some_time,
        "promised_latest_at": rarely_some_time,
        "estimated_arrival_at": rarely_some_time,
        "delivered_at": some_time,
        "cancelled_at": rarely_some_time,
        "cancel_requested_at": rarely_some_time,
        "undeliverable_at": rarely_some_time,
        "returned_at": rarely_some_time,
        "refunded_at": rarely_some_time,
        "feedback_at": rarely_some_time,
        "unknown_facts": st.sampled_from([[], [], ["PROMOTION"]]),
        "relay_address_sealed": st.sampled_from(["sealed", "sealed", ""]),
        "buyer_key": st.sampled_from(["", "one", "two"]),
        "items": st.lists(
            st.fixed_dictionaries(
                {
                    "asin": st.sampled_from(["B0C7GPRS41", "B000000001", ""]),
                    "sku": st.sampled_from(["PAD-80-CH", "PEN"]),
                    "is_cancelled": rarely,
                }
            ),
            max_size=2,
        ),
    }
)


def pick_two(given):
    if not given:
        return st.just({})
    return st.sets(st.sampled_from(sorted(given)), max_size=2).map(lambda keep: {k: given[k] for k in keep})


filters = st.fixed_dictionaries(
    {},
    optional={
        "marketplaces": st.sampled_from([[DE], [DE, US]]),
        "fulfilment": st.sampled_from(["FBA", "FBM"]),
        "include_asins": st.just(["B0C7GPRS41"]),
        "include_skus": st.just(["PEN"]),
        "exclude_asins": st.just(["B000000001"]),
        "exclude_skus": st.just(["PEN"]),
        "price": st.sampled_from(
            [{"currency": "EUR", "min_minor": 500}, {"currency": "EUR", "max_minor": 2_500}]
        ),
        "quantity": st.sampled_from([{"min": 1}, {"max": 2}, {"min": 1, "max": 1}]),
        "business": st.sampled_from(["only", "exclude"]),
        "promotion": st.sampled_from(["only", "exclude"]),
        "replacements": st.just("include"),
        "returned": st.just("exclude"),
        "refunded": st.just("exclude"),
        "ship_countries": st.just(["DE"]),
        "repeat_buyer_days": st.sampled_from([3, 30]),
    },
).flatmap(pick_two)

campaigns = st.fixed_dictionaries(
    {
        "channel": st.sampled_from(["solicitation", "relay_email", "messaging"]),
        "purpose": st.sampled_from(["review_request", "invoice", "order_problem"]),
        "trigger": st.sampled_from(
            [
                "placed",
                "shipped",
                "delivered",
                "estimated_delivery",
                "review_window_opens",
                "returned",
                "refunded",
                "feedback_received",
            ]
        ),
        "delay_hours": st.sampled_from([0, 3, 24, 24 * 8, 24 * 29]),
        "window_days": st.sampled_from([[1, 2, 3, 4, 5, 6, 7], [1], [6, 7]]),
        "window_from": st.sampled_from([time(0), time(9)]),
        "window_until": st.sampled_from([time(17), time.max]),
        "window_clock": st.sampled_from(["marketplace", "seller"]),
        "priority": st.integers(-1, 1),
        "filters": filters,
        "covers_from_at": st.sampled_from([NOW - timedelta(days=365), NOW - timedelta(days=20)]),
        "state": st.sampled_from(["active", "active", "active", "active", "paused"]),
    }
)

#: What happened to an order before: a message by hand, or a place on the do-not-write list.
histories = st.sampled_from(
    ["", "", "", "sent by hand", "refused by hand", "asked elsewhere", "order", "opt_out", "buyer"]
)


def make_history(order, what):
    if what == "sent by hand":
        make_message(order, None, state="sent", sent_at=NOW - timedelta(days=2))
    elif what == "refused by hand":
        make_message(order, None, state="refused", reason="amazon_refused")
    elif what == "asked elsewhere":
        make_message(order, None, state="skipped", reason="asked_elsewhere")
    elif what == "order":
        suppress(order.amazon_order_id)
    elif what == "opt_out":
        suppress(order.amazon_order_id, source="opt_out")
    elif what == "buyer" and order.buyer_key:
        suppress(order.buyer_key, kind="buyer")


@pytest.mark.usefixtures("all_committed")
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.tuples(orders, histories), min_size=1, max_size=6),
    st.lists(campaigns, min_size=1, max_size=4),
    st.sampled_from([plan.SIFT_UP_TO, plan.SIFT_UP_TO, 0]),
)
def test_planned_exactly_when_all_is_said_to_be_met(seller, some_orders, some_campaigns, at_once):
    """However many orders are planned at once: in one statement for all campaigns, or one campaign after another."""
    with transaction.atomic(), mock.patch.object(plan, "SIFT_UP_TO", at_once):
        template = make_template()
        made = [make_order(**fields) for fields, _ in some_orders]
        for order, (_, history) in zip(made, some_orders, strict=True):
            make_history(order, history)
        for fields in some_campaigns:
            make_campaign(**fields, template=None if fields["channel"] == "solicitation" else template)
        plan_changes(NOW)
        check(made)
        transaction.set_rollback(True)


def check(made):
    for order in made:
        for answer in explain(order, NOW):
            campaign, message = (
                answer.campaign,
                Message.objects.filter(order=order, campaign=answer.campaign).first(),
            )
            unmet = [a.code for a in answer.answers if not a.is_met]
            if campaign.state == "paused":
                assert (message is not None and message.reason == "campaign_paused") == (
                    unmet == ["campaign_paused"]
                )
                continue
            assert (message is not None and message.state == "planned") == (not unmet), (unmet, message)
            assert first_unmet(campaign, [order.pk], NOW)[order.pk] == (unmet[0] if unmet else None)
            if message and message.state == "planned":
                assert NOW <= message.due_at < message.expires_at
                assert answer.verdict == f"Planned for {answer.due_words}."
