"""Stripe rings: only what is genuine, ours, known and fresh is stored, once; everything else leaves a count."""

import json
import time
from datetime import timedelta
from typing import Any

import pytest
import stripe
from celery import current_app
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import RefusedWebhook, StripeCustomer, StripeEvent, Subscription
from accounts.services.billing import applying, inbox, sweeping
from tests.accounts.billing.conftest import buy, customer_id, row_of
from tests.support.stripe import SECRET

pytestmark = pytest.mark.django_db
URL = "/stripe/webhook"


@pytest.fixture(autouse=True)
def hints(sold: None, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    sent: list[tuple[Any, ...]] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, args, **options: sent.append((name, *args)))
    return sent


def an_event(**changes: Any) -> dict[str, Any]:
    about = {"id": "sub_1", "object": "subscription", "customer": "cus_1", "status": "active"}
    event = {
        "id": "evt_1", "object": "event", "type": "customer.subscription.updated", "created": int(time.time()),
        "livemode": False, "api_version": stripe.api_version, "data": {"object": about},
    }  # fmt: skip
    return {**event, **changes}


def ring(event: Any, *, secret: str = SECRET, at: float | None = None, header: str | None = None) -> Any:
    body = event if isinstance(event, str | bytes) else json.dumps(event)
    text = body.decode("latin-1") if isinstance(body, bytes) else body
    signed = stripe.WebhookSignature.generate_signature_header(text, secret, int(at or time.time()))
    return Client().post(
        URL,
        body,
        content_type="application/json",
        headers={"stripe-signature": signed if header is None else header},
    )


def counts() -> dict[str, int]:
    return dict(RefusedWebhook.objects.values_list("why", "count"))


def test_a_genuine_event_is_stored_hinted_at_and_answered(hints):
    assert ring(an_event()).status_code == 200
    event = StripeEvent.objects.get()
    assert (event.event_id, event.kind, event.customer_id, event.applied_at) == (
        "evt_1", "customer.subscription.updated", "cus_1", None,
    )  # fmt: skip
    assert hints == [("accounts.tasks.apply_stripe_events", "cus_1")]


def test_the_same_event_again_is_welcome_and_changes_nothing(hints):
    assert [ring(an_event()).status_code for _ in range(3)] == [200] * 3
    assert StripeEvent.objects.count() == len(hints) == 1


def test_what_rings_while_an_earlier_hint_is_on_its_way_costs_no_second_one(hints):
    for number in range(5):
        ring(an_event(id=f"evt_{number}"))
    assert len(hints) == 1
    about = {"id": "sub_2", "object": "subscription", "customer": "cus_2"}
    ring(an_event(id="evt_other", data={"object": about}))
    assert [customer for _, customer in hints] == ["cus_1", "cus_2"]
    StripeEvent.objects.update(received_at=timezone.now() - timedelta(seconds=11))  # the hint was lost
    ring(an_event(id="evt_late"))
    assert [customer for _, customer in hints] == ["cus_1", "cus_2", "cus_1"]


def test_what_the_event_says_is_not_kept():
    ring(an_event())
    assert "active" not in json.dumps(list(StripeEvent.objects.values()), default=str)


OLD = 3_600


@pytest.mark.parametrize(
    ("what", "why"),
    [
        (lambda: ring(an_event(), secret="whsec_forged"), "not_signed"),
        (lambda: ring(an_event(), header=""), "not_signed"),
        (lambda: ring(an_event(), header="t=x,v1=y"), "not_signed"),
        (lambda: ring(an_event(), header="v1=abc"), "not_signed"),
        (lambda: ring(b"\xff\xfe", header="t=1,v1=y"), "not_signed"),
        (lambda: ring(an_event(), at=time.time() - OLD), "too_old"),
        (lambda: ring("not json"), "malformed"),
        (lambda: ring("[]"), "malformed"),
        (lambda: ring("{}"), "malformed"),
        (lambda: ring(an_event(id=None)), "malformed"),
        (lambda: ring(an_event(id="e" * 500)), "malformed"),
        (lambda: ring(an_event(created="soon")), "malformed"),
        (lambda: ring(an_event(data={})), "malformed"),
        (lambda: ring(an_event(created=10**30)), "malformed"),
        (lambda: ring(an_event(id="evt_\0")), "malformed"),
        (lambda: ring(an_event(data={"object": {"object": "subscription", "customer": 5}})), "malformed"),
        (lambda: ring(an_event(data=[])), "malformed"),
        (lambda: ring("[" * 50_000), "malformed"),
        (lambda: ring(an_event(livemode=True)), "wrong_mode"),
        (lambda: ring(an_event(livemode=None)), "wrong_mode"),
        (lambda: ring(an_event(type="radar.early_fraud_warning.created")), "unknown"),
        (lambda: ring(an_event(data={"object": {"id": "x", "object": "plan"}})), "unknown"),
        (lambda: ring("x" * (inbox.LARGEST + 1)), "too_large"),
    ],
)
def test_everything_else_is_refused_with_nothing_stored_but_a_count(what, why, hints):
    answer = what()
    assert (answer.status_code, answer.content.decode()) == (400, why)
    assert (counts(), StripeEvent.objects.count(), hints) == ({why: 1}, 0, [])
    what()
    assert counts() == {why: 2}


@pytest.mark.parametrize("said", ["many", "9" * 5_000, "-1"])
def test_a_body_that_lies_about_its_length_is_refused(said):
    answer = Client().post(URL, "{}", content_type="application/json", CONTENT_LENGTH=said)
    assert (answer.status_code, answer.content.decode()) == (400, "malformed")


def test_a_test_event_on_a_live_installation_is_refused(settings):
    settings.STRIPE_SECRET_KEY = "sk_live_x"
    assert ring(an_event()).status_code == 400
    assert ring(an_event(livemode=True)).status_code == 200


def test_while_a_secret_is_rotated_either_one_is_good(settings):
    settings.STRIPE_WEBHOOK_SECRET_NEXT = "whsec_next"
    assert ring(an_event(), secret="whsec_next").status_code == 200
    assert ring(an_event(id="evt_2")).status_code == 200
    settings.STRIPE_WEBHOOK_SECRET_NEXT = ""
    assert ring(an_event(id="evt_3"), secret="whsec_next").status_code == 400


def test_without_a_secret_nothing_is_believed(settings):
    settings.STRIPE_WEBHOOK_SECRET = ""
    assert ring(an_event(), secret="").status_code == 400


def test_a_broker_that_is_away_costs_the_event_nothing(monkeypatch):
    def away(*args: Any, **options: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr(current_app, "send_task", away)
    assert ring(an_event()).status_code == 200
    assert StripeEvent.objects.get().next_try_at is not None


def test_an_event_of_days_ago_that_is_delivered_now_is_taken():
    assert ring(an_event(created=int(time.time()) - 3 * 86_400)).status_code == 200


# -- applying


def test_the_fetched_object_counts_and_not_what_the_event_says(stand, shop, account, owner):
    subscription = buy(stand, account, owner)
    about = {
        "id": subscription.stripe_id,
        "object": "subscription",
        "customer": customer_id(account),
        "status": "unpaid",
    }
    ring(an_event(data={"object": about}))
    assert applying.apply_events(customer_id(account)) == 1
    assert (account.subscriptions.get().status, row_of(shop).standing) == ("active", "paid")
    assert StripeEvent.objects.get().applied_at


def test_what_rang_while_stripe_was_down_is_applied_later(stand, shop, account, owner):
    buy(stand, account, owner)
    stand.become(account.subscriptions.get().stripe_id, "unpaid")
    ring(an_event(data={"object": {"id": "x", "object": "subscription", "customer": customer_id(account)}}))
    with stand.being_down():
        assert applying.apply_events(customer_id(account)) == 0
    event = StripeEvent.objects.get()
    assert (row_of(shop).standing, event.attempts, event.applied_at) == ("paid", 1, None)
    StripeEvent.objects.update(next_try_at=timezone.now())
    applying.apply_due()
    assert (row_of(shop).standing, StripeEvent.objects.get().next_try_at) == ("held", None)


def test_an_event_of_somebody_elses_customer_is_tried_a_few_times_and_left(stand):
    ring(an_event())
    for _ in range(applying.GIVEN_UP_AFTER):
        StripeEvent.objects.update(next_try_at=timezone.now())
        applying.apply_due()
    event = StripeEvent.objects.get()
    assert (event.next_try_at, event.applied_at, event.problem) == (None, None, "no customer of ours")


def test_a_customer_that_was_deleted_at_stripe_can_buy_again(stand, shop, account, owner):
    buy(stand, account, owner)
    stand.client().v1.customers.delete(customer_id(account))
    applying.refresh(account)
    assert (row_of(shop).standing, StripeCustomer.objects.count()) == ("free", 0)


# -- the nightly sweep


def test_the_sweep_finds_and_applies_what_was_never_delivered(stand, shop, account, owner):
    stand.settings(lost=1.0)
    subscription = buy(stand, account, owner)
    Subscription.objects.filter(pk=subscription.pk).update(
        status="unpaid"
    )  # as if nothing had been heard since
    stand.client().v1.subscriptions.update(subscription.stripe_id, {"cancel_at_period_end": True})
    assert sweeping.sweep() > 0
    found = account.subscriptions.get()
    assert (found.status, found.cancel_at is not None) == ("active", True)
    assert set(StripeEvent.objects.values_list("came_by", flat=True)) == {"sweep"}
    assert not StripeEvent.objects.filter(applied_at=None).exists()
    assert sweeping.sweep() == 0


def test_a_night_that_stripe_missed_is_made_up_for_and_then_there_is_one_sweep_a_night(stand, account, owner):
    buy(stand, account, owner)
    cache.delete(sweeping._DONE)
    with stand.being_down():
        assert sweeping.sweep_nightly() == 0
    assert not StripeEvent.objects.exists()
    assert sweeping.sweep_nightly() > 0
    StripeEvent.objects.all().delete()
    assert sweeping.sweep_nightly() == 0
    cache.delete(sweeping._DONE)


def test_a_delivery_after_the_sweep_is_the_same_event(stand, account, owner):
    buy(stand, account, owner)
    sweeping.sweep()
    known = StripeEvent.objects.count()
    for event in stand.objects("event"):
        if event["type"] in inbox.KINDS:
            assert ring(event).status_code == 200
    assert StripeEvent.objects.count() == known


def test_a_period_that_ended_in_silence_is_asked_about(stand, shop, account, owner, time_machine):
    buy(stand, account, owner)
    stand.advance(days=32)
    time_machine.move_to(timezone.now() + timedelta(days=32))
    assert applying.confirm_due() == 1
    assert account.subscriptions.get().period_ends_at > timezone.now()
    assert applying.confirm_due() == 0


def test_with_stripe_down_after_the_period_the_last_word_counts_for_72_hours(
    stand, shop, account, owner, time_machine
):
    buy(stand, account, owner)
    end = account.subscriptions.get().period_ends_at
    with stand.being_down():
        for hours, expected in ((71, "paid"), (73, "free")):
            time_machine.move_to(end + timedelta(hours=hours))
            applying.confirm_due()
            from accounts.services.billing import standing

            standing.refresh_due()
            assert row_of(shop).standing == expected
    stand.advance(days=34)
    applying.confirm_due()
    assert row_of(shop).standing == "paid"
