"""Rules about facts beside the text: when, to whom and how a message goes, and whom a campaign writes to."""

import dataclasses
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.drafts import content_hash, draft_from_json, draft_to_json
from compliance.engine.passes import applying
from compliance.engine.run import check, check_sending, check_targeting
from compliance.engine.sending import Sending
from compliance.engine.types import Draft, Targeting
from compliance.rules import RULES
from compliance.unchecked import UNCHECKED

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FINE = Sending(
    at=NOW, channel="relay_email", order_status="SHIPPED", purchased_at=NOW - timedelta(days=12),
    delivered_at=NOW - timedelta(days=8), is_replacement=False, is_refunded=False, is_returned=False,
    requests_before=0, proactive_before=0, recipient="a1b2c3d4e5f6g7h@marketplace.amazon.com",
    is_recipient_of_order=True, is_recipient_staff=False, is_opted_out=False, sender="shop@acme.example",
    is_sender_approved=True, is_mail_signed=True, is_account_restricted=False, sent_today=3, daily_limit=650,
)  # fmt: skip


def said_of(purpose="review_request", **facts):
    sending = dataclasses.replace(FINE, **facts)
    return {
        f.rule
        for f in check_sending(sending, medium="relay_email", purpose=purpose, marketplace="US").findings
    }


def test_sending_as_it_should_be_has_no_findings():
    assert said_of() == set()


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({"at": NOW + timedelta(days=22)}, "window-30-days"),
        ({"order_status": "CANCELLED"}, "order-state"),
        ({"requests_before": 1}, "one-request-per-order"),
        ({"recipient": "jane@mail.example"}, "channel-only-bsm"),
        ({"recipient": "a1b2c3d4e5f6g7h@marketplace.amazon.de"}, "relay-recipient-only"),
        ({"is_recipient_of_order": False}, "recipient-is-this-buyer"),
        ({"is_recipient_staff": True}, "no-insiders"),
        ({"is_opted_out": True}, "opt-out-respected"),
        ({"asked_buyer_at": NOW - timedelta(days=1)}, "buyer-fatigue"),
        ({"is_sender_approved": False}, "sender-approved"),
        ({"is_mail_signed": False}, "authenticated-mail"),
        ({"is_account_restricted": True}, "restricted-account"),
        ({"sent_today": 650}, "daily-volume"),
        ({"channel": "solicitation", "is_offered_by_amazon": False}, "solicitation-window"),
    ],
)
def test_each_fact_that_is_wrong_is_named_by_its_rule(facts, rule):
    assert rule in said_of(**facts)


def test_nothing_is_said_of_what_is_not_known():
    assert (
        check_sending(Sending(), medium="relay_email", purpose="review_request", marketplace="US").findings
        == ()
    )


MAYBE = st.none() | st.booleans()
WHEN = st.none() | st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(st.builds(
    Sending, at=WHEN, channel=st.sampled_from(["", "solicitation", "relay_email", "messaging", "sms"]),
    order_status=st.sampled_from(["", "PENDING", "SHIPPED", "CANCELLED", "?"]), purchased_at=WHEN, delivered_at=WHEN,
    promised_earliest_at=WHEN, promised_latest_at=WHEN, is_replacement=MAYBE, is_refunded=MAYBE, is_returned=MAYBE,
    has_open_return=MAYBE, is_offered_by_amazon=MAYBE, requests_before=st.none() | st.integers(0, 3),
    proactive_before=st.none() | st.integers(0, 3), recipient=st.text(max_size=60), asked_buyer_at=WHEN,
    sent_today=st.none() | st.integers(), daily_limit=st.none() | st.integers(), leaves_as=st.text(max_size=60),
))  # fmt: skip
def test_no_mixture_of_facts_makes_a_rule_crash(sending):
    report = check_sending(sending, medium="relay_email", purpose="review_request", marketplace="US")
    assert "rule-crashed" not in {f.rule for f in report.findings}


def test_text_alone_asks_no_rule_about_facts():
    draft = Draft("relay_email", "review_request", "x", "en-US", "US")
    asked = applying(RULES, draft)
    assert all("message" in rule.reads for rule in asked)
    assert len(asked) < len(applying(RULES, dataclasses.replace(draft, sending=FINE)))


def test_addresses_and_times_are_not_kept_with_the_text():
    draft = Draft("relay_email", "review_request", "x", "en-US", "US", sending=FINE)
    kept = json.dumps(draft_to_json(draft))
    assert "marketplace.amazon" not in kept
    assert content_hash(draft) == content_hash(dataclasses.replace(draft, sending=None))


def test_targeting_is_kept_whole_and_old_ones_are_still_read():
    targeting = Targeting(
        "delivered", 192, channel="relay_email", stores=("DE",), other_requests=("a",), has_consent=True
    )
    draft = Draft("relay_email", "review_request", "", "de-DE", "DE", targeting=targeting)
    stored = json.loads(json.dumps(draft_to_json(draft)))
    assert draft_from_json(stored).targeting == targeting
    for name in ("channel", "stores", "other_requests", "has_consent"):
        del stored["targeting"][name]
    assert draft_from_json(stored).targeting == Targeting("delivered", 192)


def test_campaign_that_reaches_nobody_in_time_is_told_before_it_is_switched_on():
    late = Targeting("delivered", 30 * 24, channel="relay_email", stores=("US",))
    findings = check_targeting(late, purpose="review_request", marketplace="US").findings
    assert [(f.rule, f.where) for f in findings] == [("window-30-days", "targeting")]


def test_other_campaign_with_the_same_buyers_is_pointed_out_and_holds_nothing():
    both = Targeting("delivered", 192, stores=("US",), other_requests=("Day 20",))
    report = check_targeting(both, purpose="review_request", marketplace="US")
    assert [(f.rule, str(f.outcome)) for f in report.findings] == [("one-request-per-order", "advice")]


def test_sending_service_that_changes_the_mail_is_found_out():
    body = "<p>Order 112-4830917-2265401: a review is welcome.</p>"
    footer = dataclasses.replace(FINE, leaves_as=body + "<p>Unsubscribe</p>")
    draft = Draft("relay_email", "review_request", body, "en-US", "US", body_format="html", sending=footer)
    found = next(f for f in check(draft).findings if f.rule == "provider-adds-nothing")
    assert "Unsubscribe" in found.message


def test_what_is_not_checked_belongs_to_a_rule_and_says_who_looks_instead():
    slugs = {rule.slug for rule in RULES}
    for gap in UNCHECKED:
        assert gap.rule in slugs
        assert gap.what
        assert gap.why
        assert gap.instead
