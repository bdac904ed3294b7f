"""What would have been sent, before anything is."""

from datetime import time, timedelta

import pytest
from django.core.management import CommandError, call_command

from campaigns.domain.filters import FiltersInvalid
from campaigns.models import Campaign, Message
from campaigns.services.forecast import forecast
from tests.factories.campaigns import make_campaign, make_message
from tests.factories.orders import NOW, make_order

pytestmark = pytest.mark.usefixtures("seller", "all_committed")


def draft(**fields):
    """Not saved."""
    defaults = {
        "name": "Draft",
        "channel": "solicitation",
        "purpose": "review_request",
        "trigger": "delivered",
        "delay_hours": 24 * 8,
        "window_from": time(9),
        "window_until": time(17),
    }
    return Campaign(**{**defaults, **fields})


def test_every_order_is_counted_once_with_its_reason():
    for _ in range(3):
        make_order(purchased_at=NOW - timedelta(days=29))
    make_order(returned_at=NOW)
    make_order(status="CANCELLED")
    make_order(purchased_at=NOW - timedelta(days=31))  # not looked at
    seen = forecast(draft(filters={"returned": "exclude"}), NOW)
    assert (seen.orders, seen.would_send) == (5, 3)
    assert seen.excluded == {"order_returned": 1, "order_cancelled": 1}
    assert all(group.sentence and group.samples for group in seen.groups)
    assert len(seen.samples) == 3


def test_each_order_is_judged_at_its_own_time():
    """Its window is long closed today; when it came it was open."""
    order = make_order(purchased_at=NOW - timedelta(days=60), delivered_at=NOW - timedelta(days=58))
    seen = forecast(draft(), NOW, days=90)
    assert seen.would_send == 1
    [day] = seen.per_day
    assert day == (order.delivered_at + timedelta(days=8)).date()


def test_a_saved_campaign_is_not_kept_from_what_it_sent_itself():
    campaign, order = make_campaign(), make_order()
    make_message(order, campaign, state="sent")
    assert forecast(campaign, NOW).would_send == 1


def test_a_campaign_that_would_go_first_is_not_kept_from_what_others_sent():
    order = make_order()
    make_message(order, make_campaign(), state="sent")
    assert forecast(draft(priority=1), NOW).would_send == 1
    assert forecast(draft(priority=-1), NOW).excluded == {"already_contacted": 1}


def test_orders_that_another_campaign_has_first_are_named():
    make_message(make_order(), make_campaign(priority=5))
    assert forecast(draft(), NOW).excluded == {"higher_priority": 1}


def test_the_backlog_says_what_would_go_at_once():
    make_order(purchased_at=NOW - timedelta(days=60), delivered_at=NOW - timedelta(days=10))  # due at once
    make_order(purchased_at=NOW - timedelta(days=10), delivered_at=NOW - timedelta(days=2))  # in six days
    make_order(purchased_at=NOW - timedelta(days=90), delivered_at=NOW - timedelta(days=40))  # too late
    backlog = forecast(draft(), NOW).backlog
    assert (backlog.would_plan, backlog.due_at_once) == (2, 1)


def test_a_forecast_writes_nothing():
    make_order()
    campaign = draft()
    forecast(campaign, NOW)
    assert campaign.pk is None
    assert not Message.objects.exists()


def test_faulty_filters_are_refused_by_name():
    with pytest.raises(FiltersInvalid, match="colour"):
        forecast(draft(filters={"colour": "red"}), NOW)


def test_the_command_says_it_in_words(capsys):
    make_order()
    make_campaign(name="Ask")
    call_command("forecast_campaign", "Ask", seller="acme")
    assert "would get the message" in capsys.readouterr().out


def test_the_command_names_the_campaigns_there_are():
    make_campaign(name="Ask")
    with pytest.raises(CommandError, match="“Ask”"):
        call_command("forecast_campaign", "Beg", seller="acme")
