"""A person buys, upgrades, fails to pay, recovers and cancels, with a browser, against the stand-in for Stripe."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from accounts import fuse
from accounts.models import BillingAccount, PlanPrice, RefusedWebhook, Seller, StripeEvent, User
from accounts.roles import Role
from accounts.services.billing import catalogue, inbox, standing
from accounts.tenancy import seller_context
from campaigns.models import Message
from campaigns.services import release
from campaigns.services.dispatch import take_turn
from config import app
from tests.accounts.makers import make_member
from tests.campaigns.sending.helpers import Remembering, make_due, make_sendable
from tests.support.sandbox import SandboxControl, running_sandbox
from tests.support.stripe import FAILS, KEY, SECRET, Stand

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def box() -> Iterator[SandboxControl]:
    with running_sandbox() as started:
        yield started


@pytest.fixture
def stand(box: SandboxControl, site: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stand]:
    """Stripe, ringing at the product's door; what a hint starts is done at once, as there is no worker."""
    found = Stand(box)
    found.reset()
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = KEY, SECRET
    settings.STRIPE_BASE_URL, settings.SITE_URL = found.url, site
    app.loader.import_default_modules()
    monkeypatch.setattr(current_app, "send_task", lambda name, args, **options: app.tasks[name](*args))
    cache.delete("billing:stripe-away-since")
    list(catalogue.sync())
    found.endpoint(f"{site}/stripe/webhook", kinds=inbox.KINDS)
    found.settings(retry_seconds=0.1)
    yield found
    found.await_delivered()
    found.reset()
    for left in (StripeEvent, RefusedWebhook, PlanPrice):
        left.objects.all().delete()


@pytest.fixture
def shop(db: None, live_seller: Seller) -> Iterator[Seller]:
    """Its trial is over, so it is on Free."""
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    account = BillingAccount.objects.get(seller=live_seller)
    BillingAccount.objects.filter(pk=account.pk).update(trial_ends_at=None)
    standing.refresh([live_seller.pk])
    yield live_seller
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    fuse.disarm()
    User.objects.filter(memberships__seller=live_seller).delete()


def due_message(shop: Seller) -> Message:
    with seller_context(shop):
        return make_due(make_sendable(shop))


def dispatch(shop: Seller) -> Remembering:
    channel = Remembering()
    with seller_context(shop):
        take_turn(shop, channel, 10)  # type: ignore[arg-type]
    return channel


def subscription(shop: Seller) -> Any:
    return BillingAccount.objects.get(seller=shop).subscriptions.get()


def test_a_plan_is_bought_upgraded_not_paid_recovered_and_cancelled(
    shop: Seller, stand: Stand, browse: Any
) -> None:
    page = browse(make_member(Role.SELLER_OWNER, shop))
    plan = f"/s/{shop.slug}/billing/"

    # --- buys
    page.goto(plan)
    assert page.get_by_role("heading", name="Free").is_visible()
    page.get_by_role("button", name="Choose Solo, up to 500 orders a month").click()
    page.get_by_label("Name of the business").fill("Marlow Kitchen Ltd")
    page.get_by_label("Card number").fill("4000 0000 0000 0002")
    page.get_by_role("button", name="Subscribe").click()
    assert "Your card was declined." in page.get_by_role("alert").inner_text()
    page.get_by_label("Card number").fill("4242 4242 4242 4242")
    page.get_by_role("button", name="Subscribe").click()
    page.wait_for_url(f"**{plan}")
    assert "Thank you. Your plan: Solo, up to 500 orders a month." in page.content()
    assert "19.00 EUR" in page.get_by_role("table").last.inner_text()

    pdf = page.get_by_role("link", name="PDF of invoice").get_attribute("href")
    assert page.context.request.get(str(pdf)).body().startswith(b"%PDF")

    # --- upgrades, and pays what was shown
    page.get_by_role("button", name="See the price of Growth, up to 1,500 orders a month").click()
    page.get_by_role("heading", name="Growth, up to 1,500 orders a month").wait_for()
    button = page.get_by_role("button", name=re.compile(r"Pay \d+\.\d\d EUR and change"))
    shown = re.search(r"Pay (\S+ EUR)", button.inner_text())
    button.click()
    page.wait_for_url(f"**{plan}")
    assert shown is not None
    assert shown[1] in page.get_by_role("table").last.inner_text()
    assert subscription(shop).step == "growth-1500"

    # --- the payment fails: grace, then nothing is sent and the message says why and until when
    customer = BillingAccount.objects.get(seller=shop).customer.stripe_id  # type: ignore[attr-defined]
    stand.give_card(customer, FAILS)
    stand.advance(days=31)
    stand.await_delivered()
    page.goto(plan)
    assert "A payment failed. Sending goes on for 7 days from then." in page.content()
    message = due_message(shop)
    stand.advance(days=8)
    stand.await_delivered()
    assert dispatch(shop).sent == []
    page.goto(f"/s/{shop.slug}/messages/{message.public_id}/")
    told = page.get_by_role("main").inner_text()
    assert "The subscription does not cover sending at present." in told
    assert "An invoice was not paid, so nothing is sent." in told
    assert "It waits until" in told
    page.goto(f"/s/{shop.slug}/messages/?state=held")
    assert "Nothing is sent at present. Messages wait, and none is deleted." in page.content()
    assert "The subscription does not cover sending at present." in page.get_by_role("table").inner_text()

    # --- recovers
    page.get_by_role("link", name="Open the plan").click()
    page.get_by_role("button", name="Update the card").click()
    page.get_by_label("Card number").fill("4242 4242 4242 4242")
    page.get_by_role("button", name="Use this card").click()
    page.wait_for_url(f"**{plan}")
    stand.await_delivered()
    page.goto(plan)
    assert "nothing is sent" not in page.get_by_role("main").inner_text()
    assert subscription(shop).status == "active"
    with seller_context(shop):
        release.release(shop)
    page.goto(f"/s/{shop.slug}/messages/{message.public_id}/")
    assert "The plan covers sending again" in page.get_by_role("main").inner_text()
    with seller_context(shop):
        Message.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    assert len(dispatch(shop).sent) == 1
    page.goto(f"/s/{shop.slug}/messages/{message.public_id}/")
    assert "Sent" in page.get_by_role("main").inner_text()

    # --- cancels, and thinks again
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(plan)
    page.get_by_role("button", name="Cancel the plan").click()
    page.get_by_text("Until then nothing changes, and you can take it back.").wait_for()
    page.get_by_role("button", name="Keep the plan").click()
    page.get_by_text("The plan goes on as before.").wait_for()
    page.get_by_role("button", name="Cancel the plan").click()
    page.get_by_text("Until then nothing changes, and you can take it back.").wait_for()
    stand.advance(days=32)
    stand.await_delivered()
    page.goto(plan)
    assert page.get_by_role("heading", name="Free").is_visible()
    assert subscription(shop).status == "canceled"


def test_while_stripe_is_down_the_page_says_so_and_shows_what_is_known(
    shop: Seller, stand: Stand, browse: Any
) -> None:
    page = browse(make_member(Role.SELLER_OWNER, shop))
    page.goto(f"/s/{shop.slug}/billing/")
    with stand.being_down():
        page.get_by_role("button", name="Choose Solo, up to 500 orders a month").click()
        page.get_by_text("Nothing was changed; try again in a few minutes.").wait_for()
        assert "The payment service does not answer at the moment" in page.content()
        assert page.get_by_role("heading", name="Free").is_visible()
