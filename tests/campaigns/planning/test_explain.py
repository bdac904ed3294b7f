"""The verdict in one sentence, and the command that prints it."""

from datetime import time, timedelta

import pytest
from django.core.management import CommandError, call_command

from campaigns.models import Message
from campaigns.services.explain import explain
from campaigns.services.plan import plan_changes
from tests.factories.campaigns import make_campaign, make_message
from tests.factories.orders import NOW, make_order

pytestmark = pytest.mark.usefixtures("seller", "all_committed")
TOKEN = "6f8ad8f6-2b4e-4a43-b48f-0d0d3b5f1c11"


def only_answer(order):
    [answer] = explain(order, NOW)
    return answer


def test_before_planning_it_says_when_it_will_be():
    make_campaign()
    assert only_answer(make_order()).verdict == (
        "The order fits; the message will be planned for Thu 26 Nov 2026, 11:00 (Europe/Berlin)."
    )


def test_planned_says_when_and_what_it_waits_for():
    make_campaign()
    order = make_order()
    plan_changes(NOW)
    answer = only_answer(order)
    assert answer.verdict == "Planned for Thu 26 Nov 2026, 11:00 (Europe/Berlin)."
    assert answer.waits_for == "Amazon's window opens on Thu 26 Nov 2026, 11:00 (Europe/Berlin)."


def test_it_says_when_the_send_window_sets_the_time():
    make_campaign(window_from=time(14), window_until=time(16))
    order = make_order()
    plan_changes(NOW)
    assert (
        only_answer(order).waits_for
        == "The send window next opens on Thu 26 Nov 2026, 14:00 (Europe/Berlin)."
    )


def test_it_says_when_the_delay_sets_the_time():
    make_campaign(delay_hours=24 * 8)
    order = make_order()
    plan_changes(NOW)
    assert only_answer(order).waits_for == "It goes 8 days after the delivery."


def test_what_was_put_off_says_for_what():
    campaign, order = make_campaign(), make_order()
    make_message(order, campaign, reason_detail={"waits_for": "cap_reached"})
    assert only_answer(order).waits_for == "The day's limit of messages is reached."


@pytest.mark.parametrize(
    ("fields", "verdict"),
    [
        ({"state": "sent", "sent_at": NOW}, "Sent on Mon 23 Nov 2026, 11:00 (Europe/Berlin)."),
        ({"state": "claimed", "claim_token": TOKEN}, "It is being sent right now."),
        (
            {"state": "held", "reason": "not_entitled"},
            "Held: the subscription does not cover sending at present.",
        ),
        ({"state": "blocked", "reason": "text_blocked"}, "Blocked: with this order's details filled in"),
        ({"state": "refused", "reason": "amazon_refused"}, "Refused: Amazon refused the message."),
        ({"state": "expired", "reason": "window_closed"}, "Not sent in time: the time in which"),
        ({"state": "uncertain", "reason": "outcome_unknown"}, "It probably went out"),
        (
            {"state": "skipped", "reason": "order_returned"},
            "It was taken back (the product was sent back, and",
        ),
    ],
)
def test_each_state_has_its_sentence(fields, verdict):
    campaign, order = make_campaign(), make_order()
    make_message(order, campaign, **fields)
    assert only_answer(order).verdict.startswith(verdict)


def test_no_message_says_why_first():
    make_campaign(filters={"returned": "exclude"})
    answer = only_answer(make_order(returned_at=NOW))
    assert answer.verdict.startswith(
        "No message: the buyer returned the product on Mon 23 Nov 2026, and the campaign"
    )


def test_not_yet_is_told_from_never():
    make_campaign()
    answer = only_answer(make_order(delivered_at=None))
    assert answer.verdict.startswith("Not yet: the date of delivery is not known yet")
    assert answer.waits_for


def test_drafts_and_ended_campaigns_answer_too():
    make_campaign(state="draft", name="d")
    make_campaign(state="ended", name="e")
    make_campaign(name="a")
    assert [a.campaign.name for a in explain(make_order(), NOW)] == ["a", "e", "d"]


def test_filters_that_cannot_be_read_stop_one_campaign_only(caplog):
    make_campaign(filters={"colour": "red"})
    sound = make_campaign()
    order = make_order()
    plan_changes(NOW)
    assert Message.objects.get().campaign == sound
    assert any("colour" in a.verdict for a in explain(order, NOW))


def test_the_command_prints_verdict_and_conditions(capsys):
    make_campaign(name="Ask", filters={"returned": "exclude"})
    order = make_order(returned_at=NOW - timedelta(days=1))
    call_command("explain_order", order.amazon_order_id, seller="acme")
    printed = capsys.readouterr().out
    assert "Ask (active)" in printed
    assert "NO   The buyer returned the product" in printed


@pytest.mark.parametrize(
    ("order_id", "slug", "words"), [("302-0", "acme", "302-0"), ("302-0", "nobody", "nobody")]
)
def test_the_command_refuses_what_it_does_not_know(order_id, slug, words):
    with pytest.raises(CommandError, match=words):
        call_command("explain_order", order_id, seller=slug)
