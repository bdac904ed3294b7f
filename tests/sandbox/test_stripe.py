"""The stand-in for Stripe, through Stripe's own client: what it promises the product's tests."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import stripe

from tests.sandbox.conftest import NOW
from tests.support.sandbox import SandboxControl
from tests.support.stripe import ASKS, DECLINED, FAILS, GOOD, SECRET, Stand

DAY = 86_400


@pytest.fixture
def stand(box: SandboxControl) -> Iterator[Stand]:
    found = Stand(box)
    found.reset()
    box.set_clock(NOW)
    yield found
    found.reset()


@pytest.fixture
def api(stand: Stand) -> Any:
    return stand.client().v1


@pytest.fixture
def solo(api: Any) -> stripe.Price:
    return a_price(api, "solo", 1900)


def a_price(api: Any, name: str, minor: int, interval: str = "month") -> stripe.Price:
    product = api.products.create({"name": name})
    return api.prices.create(
        {
            "product": product.id, "currency": "eur", "unit_amount": minor, "recurring": {"interval": interval},
            "lookup_key": f"{name}-{interval}", "nickname": name, "metadata": {"audience": "seller"},
        }
    )  # fmt: skip


def a_customer(api: Any, card: str = "pm_card_visa") -> stripe.Customer:
    made = api.customers.create({"email": "mara@marlow.example", "name": "Marlow"})
    if card:
        method = api.payment_methods.attach(card, {"customer": made.id})
        api.customers.update(made.id, {"invoice_settings": {"default_payment_method": method.id}})
    return made


def subscribed(api: Any, price: stripe.Price, **params: Any) -> stripe.Subscription:
    customer = a_customer(api, params.pop("card", "pm_card_visa"))
    return api.subscriptions.create({"customer": customer.id, "items": [{"price": price.id}], **params})


def status(api: Any, sub: stripe.Subscription) -> str:
    return str(api.subscriptions.retrieve(sub.id).status)


# -- a subscription's life


def test_a_subscription_is_paid_and_renews(stand, api, solo):
    sub = subscribed(api, solo)
    end = sub["items"].data[0].current_period_end
    stand.advance(days=31)
    again = api.subscriptions.retrieve(sub.id, {"expand": ["latest_invoice"]})
    assert (sub.status, again.status, again.latest_invoice.status, again.latest_invoice.amount_paid) == (
        "active",
        "active",
        "paid",
        1900,
    )
    assert again["items"].data[0].current_period_start == end
    assert len(api.invoices.list({"customer": sub.customer}).data) == 2


def test_a_card_that_fails_makes_it_past_due_then_unpaid_and_a_good_one_mends_it(stand, api, solo):
    sub = subscribed(api, solo)
    stand.give_card(sub.customer, FAILS)
    stand.advance(days=31)
    assert status(api, sub) == "past_due"
    stand.advance(days=6)
    assert status(api, sub) == "unpaid"
    (invoice,) = api.invoices.list({"customer": sub.customer, "status": "open"}).data
    assert invoice.attempt_count == 5
    with pytest.raises(stripe.CardError):
        api.invoices.pay(invoice.id)
    stand.give_card(sub.customer, GOOD)
    assert api.invoices.pay(invoice.id).status == "paid"
    assert status(api, sub) == "active"


@pytest.mark.parametrize(
    ("behaviour", "after"), [("pause", "paused"), ("cancel", "canceled"), ("create_invoice", "past_due")]
)
def test_a_trial_without_a_card_ends_as_it_was_told_to(stand, api, solo, behaviour, after):
    trial = {
        "trial_period_days": 30,
        "trial_settings": {"end_behavior": {"missing_payment_method": behaviour}},
    }
    sub = subscribed(api, solo, card="", **trial)
    assert sub.status == "trialing"
    stand.advance(days=31)
    assert status(api, sub) == after


def test_a_first_payment_that_fails_is_incomplete_and_expires(stand, api, solo):
    sub = subscribed(api, solo, card="pm_card_chargeCustomerFail")
    assert sub.status == "incomplete"
    stand.advance(days=1)
    assert status(api, sub) == "incomplete_expired"


def test_cancelling_later_ends_it_with_the_period_and_can_be_taken_back(stand, api, solo):
    sub = subscribed(api, solo)
    assert api.subscriptions.update(sub.id, {"cancel_at_period_end": True}).cancel_at
    assert api.subscriptions.update(sub.id, {"cancel_at_period_end": False}).cancel_at is None
    api.subscriptions.update(sub.id, {"cancel_at_period_end": True})
    stand.advance(days=31)
    assert status(api, sub) == "canceled"
    assert len(api.invoices.list({"customer": sub.customer}).data) == 1


# -- changes of plan


def test_while_collection_is_paused_invoices_are_voided_and_then_it_goes_on(stand, api, solo):
    made = subscribed(api, solo)
    resumes_at = made.created + 45 * DAY
    api.subscriptions.update(made.id, {"pause_collection": {"behavior": "void", "resumes_at": resumes_at}})
    stand.advance(days=32)
    assert [i.status for i in api.invoices.list({"subscription": made.id}).data] == ["void", "paid"]
    stand.advance(days=31)
    assert [i.status for i in api.invoices.list({"subscription": made.id}).data] == ["paid", "void", "paid"]
    assert api.subscriptions.retrieve(made.id).status == "active"
    with pytest.raises(stripe.InvalidRequestError, match="void only"):
        api.subscriptions.update(made.id, {"pause_collection": {"behavior": "mark_uncollectible"}})


def test_an_upgrade_costs_what_its_preview_said(stand, api, solo):
    growth, sub = a_price(api, "growth", 3900), subscribed(api, solo)
    stand.advance(days=10)
    at = int(sub["items"].data[0].current_period_start) + 10 * DAY
    change = {
        "items": [{"id": sub["items"].data[0].id, "price": growth.id}],
        "proration_behavior": "always_invoice", "proration_date": at,
    }  # fmt: skip
    told = api.invoices.create_preview({"subscription": sub.id, "subscription_details": change})
    assert [line.amount < 0 for line in told.lines.data] == [True, False]
    assert 0 < told.amount_due < 2000
    changed = api.subscriptions.update(sub.id, {**change, "expand": ["latest_invoice"]})
    assert changed.latest_invoice.amount_paid == told.amount_due
    assert changed["items"].data[0].price.id == growth.id


def test_an_upgrade_that_the_bank_refuses_changes_nothing(stand, api, solo):
    growth, sub = a_price(api, "growth", 3900), subscribed(api, solo)
    stand.give_card(sub.customer, FAILS)
    change = {
        "items": [{"id": sub["items"].data[0].id, "price": growth.id}],
        "proration_behavior": "always_invoice", "payment_behavior": "error_if_incomplete",
    }  # fmt: skip
    with pytest.raises(stripe.CardError, match="declined"):
        api.subscriptions.update(sub.id, change)
    again = api.subscriptions.retrieve(sub.id)
    assert (again.status, again["items"].data[0].price.id) == ("active", solo.id)
    assert len(api.invoices.list({"customer": sub.customer}).data) == 1


def test_a_downgrade_leaves_a_credit_that_the_next_invoice_uses(stand, api, solo):
    growth = a_price(api, "growth", 3900)
    sub = subscribed(api, growth)
    change = {
        "items": [{"id": sub["items"].data[0].id, "price": solo.id}],
        "proration_behavior": "always_invoice",
    }
    api.subscriptions.update(sub.id, change)
    credit = api.customers.retrieve(sub.customer).balance
    assert -2000 <= credit < 0
    stand.advance(days=31)
    newest = api.invoices.list({"customer": sub.customer}).data[0]
    assert newest.amount_paid == max(0, 1900 + credit)


def test_volume_decides_the_price_of_every_unit(api):
    product = api.products.create({"name": "Agency"})
    tiers = [{"up_to": 5, "unit_amount": 2900}, {"up_to": "inf", "unit_amount": 2400}]
    price = api.prices.create(
        {
            "product": product.id, "currency": "eur", "recurring": {"interval": "month"},
            "billing_scheme": "tiered", "tiers_mode": "volume", "tiers": tiers,
        }
    )  # fmt: skip
    customer = a_customer(api)
    for quantity, amount in ((5, 14_500), (6, 14_400)):
        made = api.subscriptions.create(
            {
                "customer": customer.id,
                "items": [{"price": price.id, "quantity": quantity}],
                "expand": ["latest_invoice"],
            }
        )
        assert made.latest_invoice.total == amount


def test_a_coupon_takes_off_and_tax_is_added(api, solo):
    coupon = api.coupons.create({"percent_off": 50, "duration": "once"})
    sub = subscribed(
        api,
        solo,
        discounts=[{"coupon": coupon.id}],
        automatic_tax={"enabled": True},
        expand=["latest_invoice"],
    )
    assert (sub.latest_invoice.subtotal, sub.latest_invoice.total) == (1900, 950 + 180)


# -- checkout and portal


def a_session(api: Any, price: stripe.Price, **params: Any) -> stripe.checkout.Session:
    return api.checkout.sessions.create(
        {
            "mode": "subscription", "customer": a_customer(api, "").id, "line_items": [{"price": price.id, "quantity": 1}],
            "success_url": "http://127.0.0.1:9/paid?s={CHECKOUT_SESSION_ID}", "cancel_url": "http://127.0.0.1:9/back", **params,
        }
    )  # fmt: skip


def test_the_checkout_page_sells_and_sends_back(stand, api, solo):
    session = a_session(api, solo)
    assert "19.00 EUR" in stand.box.client.get(session.url).text
    answer = stand.pay_checkout(session.url)
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"http://127.0.0.1:9/paid?s={session.id}",
    )
    done = api.checkout.sessions.retrieve(session.id, {"expand": ["subscription"]})
    assert (done.status, done.subscription.status) == ("complete", "active")
    assert stand.pay_checkout(session.url).status_code == 404


@pytest.mark.parametrize("number", [DECLINED, FAILS, "1234"])
def test_a_refused_card_leaves_the_checkout_open(stand, api, solo, number):
    session = a_session(api, solo)
    answer = stand.pay_checkout(session.url, number)
    assert answer.status_code == 402
    assert "card" in answer.text
    assert api.checkout.sessions.retrieve(session.id).status == "open"
    assert api.subscriptions.list({"customer": session.customer, "status": "all"}).data == []
    assert stand.pay_checkout(session.url).status_code == 303


def test_a_bank_may_ask_the_holder(stand, api, solo):
    session = a_session(api, solo)
    assert "3D Secure" in stand.pay_checkout(session.url, ASKS).text
    assert stand.pay_checkout(session.url, ASKS, confirmed="yes").status_code == 303


def test_checkout_takes_the_rest_of_a_trial_a_code_and_a_tax_id(stand, api, solo):
    coupon = api.coupons.create({"percent_off": 20, "duration": "forever"})
    api.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "WELCOME"})
    trial_end = int(time.mktime((2026, 12, 10, 0, 0, 0, 0, 0, 0)))
    session = a_session(
        api,
        solo,
        allow_promotion_codes=True,
        tax_id_collection={"enabled": True},
        subscription_data={"trial_end": trial_end},
    )
    assert "free to" in stand.box.client.get(session.url).text
    assert stand.pay_checkout(session.url, code="NOPE").status_code == 402
    assert stand.pay_checkout(session.url, code="welcome", tax_id="FR12345678901").status_code == 303
    (sub,) = api.subscriptions.list({"customer": session.customer}).data
    assert (sub.status, sub.trial_end, len(sub.discounts)) == ("trialing", trial_end, 1)
    customer = api.customers.retrieve(session.customer, {"expand": ["tax_ids"]})
    assert customer.tax_ids.data[0].value == "FR12345678901"


def test_in_the_portal_a_customer_changes_cancels_renews_and_mends_the_card(stand, api, solo):
    growth, sub = a_price(api, "growth", 3900), subscribed(api, solo)
    url = api.billing_portal.sessions.create(
        {"customer": sub.customer, "return_url": "http://127.0.0.1:9/"}
    ).url
    assert stand.at_portal(url, "plan", price=growth.id).status_code == 303
    assert stand.at_portal(url, "cancel").status_code == 303
    found = api.subscriptions.retrieve(sub.id)
    assert (found["items"].data[0].price.id, found.cancel_at_period_end) == (growth.id, True)
    assert stand.at_portal(url, "renew").status_code == 303
    stand.give_card(sub.customer, FAILS)
    stand.advance(days=31)
    assert status(api, sub) == "past_due"
    stand.box.set_clock(NOW)  # a portal's address lasts an hour
    assert stand.at_portal(url, "card", number=GOOD).status_code == 303
    assert status(api, sub) == "active"
    page = stand.box.client.get(url).text
    assert "paid" in page


def test_an_invoice_has_a_page_and_a_pdf(stand, api, solo):
    sub = subscribed(api, solo, expand=["latest_invoice"])
    assert "19.00 EUR" in stand.box.client.get(sub.latest_invoice.hosted_invoice_url).text
    assert stand.box.client.get(sub.latest_invoice.invoice_pdf).content.startswith(b"%PDF-1.4")


# -- the API's manners


def test_a_call_with_the_same_key_is_done_once_and_another_call_with_it_is_refused(api):
    options = {"idempotency_key": "once"}
    first, second = (api.customers.create({"email": "a@b.example"}, options) for _ in range(2))
    assert first.id == second.id
    with pytest.raises(stripe.IdempotencyError):
        api.customers.create({"email": "c@d.example"}, options)


def test_an_answer_that_is_lost_is_given_again(stand, api):
    stand.settings(lost_answers=1)
    with pytest.raises(stripe.APIConnectionError):
        api.customers.create({"email": "a@b.example"}, {"idempotency_key": "lost"})
    made = api.customers.create({"email": "a@b.example"}, {"idempotency_key": "lost"})
    assert [c.id for c in api.customers.list().data] == [made.id]


@pytest.mark.parametrize(
    ("setting", "error"), [({"down": True}, stripe.APIError), ({"rate_limited": 1}, stripe.RateLimitError)]
)
def test_it_can_be_down_and_too_busy(stand, api, setting, error):
    stand.settings(**setting)
    with pytest.raises(error):
        api.customers.list()


def test_refusals_name_the_parameter(api):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.subscriptions.create({"customer": a_customer(api).id, "items": [{"price": "price_none"}]})
    assert (refused.value.param, refused.value.code, refused.value.http_status) == (
        "items[0][price]",
        "resource_missing",
        404,
    )
    assert refused.value.request_id.startswith("req_")


def test_it_takes_test_keys_only(stand):
    base: Any = {"api": stand.url}
    with pytest.raises(stripe.AuthenticationError):
        stripe.StripeClient("sk_live_x", base_addresses=base).v1.customers.list()


def test_lists_have_pages_newest_first(api):
    made = [a_customer(api, "").id for _ in range(5)]
    first = api.customers.list({"limit": 2})
    assert ([c.id for c in first.data], first.has_more) == (made[:2:-1], True)
    assert [c.id for c in first.auto_paging_iter()] == made[::-1]


def test_prices_are_found_by_key_and_a_key_moves_on(api, solo):
    newer = api.prices.create(
        {
            "product": solo.product, "currency": "eur", "unit_amount": 2100, "recurring": {"interval": "month"},
            "lookup_key": "solo-month", "transfer_lookup_key": True,
        }
    )  # fmt: skip
    assert [p.id for p in api.prices.list({"lookup_keys": ["solo-month"]}).data] == [newer.id]


# -- webhooks


class Inbox(BaseHTTPRequestHandler):
    """Remembers what it was sent and answers what it is told to."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((body, self.headers["Stripe-Signature"]))  # type: ignore[attr-defined]
        self.send_response(self.server.answers.pop(0) if self.server.answers else 200)  # type: ignore[attr-defined]
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: Any) -> None: ...


@pytest.fixture
def inbox(stand: Stand) -> Iterator[Any]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Inbox)
    server.got, server.answers = [], []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    stand.endpoint(f"http://127.0.0.1:{server.server_port}/hook")
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def types(inbox: Any) -> list[str]:
    return [json.loads(body)["type"] for body, _ in inbox.got]


def test_events_are_signed_and_verified_by_stripes_own_code(stand, api, inbox):
    a_customer(api, "")
    stand.await_delivered()
    body, signature = inbox.got[0]
    event = stripe.Webhook.construct_event(body, signature, SECRET)
    assert (event.type, event.livemode, event.api_version) == ("customer.created", False, stripe.api_version)
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body, signature, "whsec_other")


def test_a_refused_delivery_comes_again(stand, api, inbox):
    inbox.answers[:] = [500, 503]
    stand.settings(retry_seconds=0.05)
    a_customer(api, "")
    stand.await_delivered()
    assert types(inbox) == ["customer.created"] * 3


def test_events_can_come_twice_out_of_order_and_never(stand, api, solo, inbox):
    stand.settings(copies=2, shuffled_seconds=0.4)
    subscribed(api, solo)
    stand.await_delivered()
    came, listed = types(inbox), [e.type for e in api.events.list({"limit": 100}).data]
    assert all(came.count(kind) == 2 * listed.count(kind) for kind in set(came))
    assert came != sorted(came, key=listed[::-1].index)
    stand.settings(lost=1.0, copies=1, shuffled_seconds=0.0)
    before = len(inbox.got)
    a_customer(api, "")
    stand.await_delivered()
    assert len(inbox.got) == before
    assert api.events.list({"types": ["customer.created"]}).data


def test_its_page_shows_its_state(stand, api, solo):
    subscribed(api, solo)
    text = stand.box.client.get(f"{stand.url}/").text
    for words in ("Marlow", "solo", "customer.subscription.created", "Stripe is down: off"):
        assert words in text
    stand.box.client.post(f"{stand.url}/", data={"action": "fault", "name": "down", "to": "on"})
    assert stand.settings()["down"] is True
