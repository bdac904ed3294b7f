"""From an Amazon order to a permitted message, and why the others got none."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

import pytest
from django.utils import timezone

from accounts.models import Connection, SellerDue
from campaigns.domain.vocabulary import Channel
from campaigns.models import Campaign, Message
from campaigns.services import bounces, explain, lifecycle, starting, targeting_review, templates
from campaigns.services.templates import TextInput
from compliance.models import Case, Verdict
from compliance.services import review
from orders.models import Order
from tests.support.sandbox import DE, SandboxControl

NOW = datetime.now(UTC)
ALWAYS = {"window_from": time(0), "window_until": time.max, "window_days": [1, 2, 3, 4, 5, 6, 7]}
Work = Callable[[], int]


def iso(days_ago: float) -> str:
    return (NOW - timedelta(days=days_ago)).isoformat(timespec="seconds").replace("+00:00", "Z")


def delivered_order(
    box: SandboxControl, connection: Connection, *, days_ago: float = 9, **facts: object
) -> str:
    told = {
        "marketplace": DE, "fulfilled_by": "MERCHANT", "status": "SHIPPED", "created_at": iso(days_ago + 4),
        "shipped_at": iso(days_ago + 3), "delivered_at": iso(days_ago),
        "items": [{"title": "Kochtopf, 24 cm", "quantity": 1}], **facts,
    }  # fmt: skip
    return str(box.make_order(connection.selling_partner_id, **told)["order_id"])


def switch_on(slug: str, **changes: object) -> Campaign:
    now = timezone.now()
    campaign = starting.begin(slug, actor=None, now=now)
    campaign = lifecycle.edit(
        campaign,
        {**ALWAYS, "on_amazon_de": "written", **changes},
        based_on=campaign.revision,
        actor=None,
        now=now,
    ).campaign
    if targeting_review.is_needed(campaign):
        campaign = agreed_by_a_reviewer(campaign)
    return lifecycle.activate(campaign, actor=None, now=now, covers_from_at=now - timedelta(days=30)).campaign


def agreed_by_a_reviewer(campaign: Campaign) -> Campaign:
    """On amazon.de a campaign that asks in its own words, with its buyers' consent, is looked at by a person."""
    now = timezone.now()
    targeting_review.submit(campaign, user=None, now=now)
    case = Case.objects.get(subject_id=campaign.public_id, status=Case.Status.WAITING)
    review.decide(case.pk, Verdict.Answer.APPROVED, reviewer=None, reason="", now=now)
    targeting_review.read_verdicts()
    campaign.refresh_from_db()
    return campaign


def message_about(order_id: str) -> Message:
    return Message.objects.get(order__amazon_order_id=order_id)


#: Delivered so that an 8-day campaign plans it now and sends it in an hour or two: there is time for things to happen.
SOON = 7.95


def make_due() -> None:
    """What time does: a send window or a spread second has come."""
    Message.objects.filter(state="planned").update(due_at=timezone.now() - timedelta(seconds=1))
    SellerDue.objects.filter(kind="messages.due").update(due_at=timezone.now())


def mail_text(body: str) -> templates.Template:
    text = TextInput("de", "Ihre Bestellung {{ order_id }}", body, "html")
    made = templates.create(
        "Bitte", channel=Channel.RELAY_EMAIL, purpose="review_request", texts=[text], user=None
    )
    templates.submit(templates.newest_version(made), user=None, now=timezone.now())
    made.refresh_from_db()
    assert made.approved, "the flow's own text must pass the rules"
    return made


BODY = (
    "<p>Guten Tag,</p><p>es geht um Ihre Bestellung {{ order_id }}, {{ product_title }}.</p>"
    '<p>Wenn Sie Zeit haben, können Sie <a href="{{ review_url }}">eine Bewertung schreiben</a>.</p>'
)


def test_an_order_is_read_planned_and_asked_for_a_review(
    box: SandboxControl, connected: Connection, work: Work
):
    order_id = delivered_order(box, connected)
    campaign = switch_on("review-request-day-8")
    work()
    make_due()
    work()
    message = message_about(order_id)
    assert message.campaign_id == campaign.pk
    assert message.state == "sent"
    assert [row["order_id"] for row in box.ledger("solicitations") if row["order_id"] == order_id] == [
        order_id
    ]


def test_work_that_is_done_twice_sends_once(box: SandboxControl, connected: Connection, work: Work):
    order_id = delivered_order(box, connected)
    switch_on("review-request-day-8")
    work()
    make_due()
    work()
    for kind in ("orders.sync", "orders.changed", "messages.due", "messages.sweep"):
        SellerDue.objects.filter(kind=kind).update(due_at=timezone.now())
    work()
    assert sum(row["order_id"] == order_id for row in box.ledger("solicitations")) == 1


def test_mail_goes_to_the_relay_address_in_the_marketplaces_language(
    box: SandboxControl, connected: Connection, work: Work
):
    order_id = delivered_order(box, connected)
    switch_on("review-mail-fbm-day-5", template=mail_text(BODY))
    work()
    make_due()
    work()
    message = message_about(order_id)
    assert message.state == "sent", message.reason
    (mail,) = [row for row in box.ledger("mails") if row["order_id"] == order_id]
    assert order_id in message.body
    assert not mail.get("silently_blocked")


def test_a_title_with_an_emoji_is_blocked_by_name_and_nothing_leaves(
    box: SandboxControl, connected: Connection, work: Work
):
    order_id = delivered_order(box, connected, items=[{"title": "Glow Lamp ✨ Kids", "quantity": 1}])
    switch_on("review-mail-fbm-day-5", template=mail_text(BODY))
    work()
    make_due()
    work()
    message = message_about(order_id)
    assert (message.state, message.reason) == ("blocked", "text_blocked")
    assert message.reason_detail["findings"][0]["rule"] == "no-emoji"
    assert not [row for row in box.ledger("mails") if row["order_id"] == order_id]


def test_of_two_campaigns_the_higher_one_gets_the_order_and_the_other_says_so(
    box: SandboxControl, connected: Connection, work: Work
):
    order_id = delivered_order(box, connected)
    switch_on("review-request-day-8", priority=1, name="Lower")
    switch_on("review-request-first-day", priority=5, name="Higher")
    work()
    make_due()
    work()
    sent = Message.objects.filter(order__amazon_order_id=order_id, state="sent")
    assert [m.campaign.name for m in sent] == ["Higher"]
    answers = {
        a.campaign.name: a
        for a in explain.explain(Order.objects.get(amazon_order_id=order_id), timezone.now())
    }
    assert not answers["Lower"].is_met
    assert "Higher" in answers["Lower"].verdict


@pytest.mark.parametrize(
    ("happen", "unmet"), [("cancel", "cancel"), ("refund", "refund"), ("return", "return")]
)
def test_what_happens_to_the_order_before_its_time_stops_the_message(
    box: SandboxControl, connected: Connection, work: Work, happen: str, unmet: str
):
    order_id = delivered_order(box, connected, days_ago=SOON)
    switch_on("review-request-day-8", filters={"returned": "exclude", "refunded": "exclude"})
    work()
    column = {"cancel": "cancelled_at", "refund": "refunded_at", "return": "returned_at"}[happen]
    Order.objects.filter(amazon_order_id=order_id).update(**{column: timezone.now()})
    make_due()
    work()
    message = message_about(order_id)
    assert message.state == "skipped"
    assert unmet in message.reason
    assert not [row for row in box.ledger("solicitations") if row["order_id"] == order_id]


def test_a_buyer_who_opted_out_is_written_to_once_and_never_again(
    box: SandboxControl, connected: Connection, work: Work
):
    order_id = delivered_order(box, connected)
    box.opt_out(order_id)
    switch_on("review-mail-fbm-day-5", template=mail_text(BODY))
    work()
    make_due()
    work()
    bounces.read_sandbox()
    message = message_about(order_id)
    assert (message.state, message.reason) == ("refused", "opted_out")
    work()
    assert sum(row["order_id"] == order_id for row in box.ledger("mails")) == 1


def test_a_revoked_authorisation_stops_and_says_so(box: SandboxControl, connected: Connection, work: Work):
    order_id = delivered_order(box, connected, days_ago=SOON)
    switch_on("review-request-day-8")
    work()
    box.revoke(connected.selling_partner_id)
    make_due()
    SellerDue.objects.filter(kind="orders.sync").update(due_at=timezone.now())
    work()
    connected.refresh_from_db()
    message = message_about(order_id)
    assert connected.health == Connection.Health.NEEDS_REAUTHORISATION
    assert connected.health_note
    assert message.state in {"held", "planned"}
    assert not [row for row in box.ledger("solicitations") if row["order_id"] == order_id]


def test_every_order_can_say_what_happened_and_why(box: SandboxControl, connected: Connection, work: Work):
    told = [
        delivered_order(box, connected),
        delivered_order(box, connected, days_ago=2),
        delivered_order(box, connected, days_ago=26),
    ]
    switch_on("review-request-day-8")
    work()
    for order_id in told:
        for answer in explain.explain(Order.objects.get(amazon_order_id=order_id), timezone.now()):
            assert answer.verdict
            assert all(condition.sentence for condition in answer.answers)
