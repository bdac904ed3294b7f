"""What the operator gives: nothing is charged meanwhile, and where Stripe does not answer nothing has changed."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from accounts.billing import plans
from accounts.billing.plans import Interval
from accounts.models import AuditEntry, BillingAccount, SellerEntitlement
from accounts.roles import Role
from accounts.services.billing import applying, buying, catalogue, changing, operating
from accounts.services.billing.stripe_api import Away
from tests.accounts.billing.conftest import buy, customer_id, row_of
from tests.accounts.makers import make_member

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def operator() -> Any:
    return make_member(Role.OPERATOR_ADMIN)


def test_while_an_account_is_covered_its_plan_costs_nothing_and_afterwards_it_does(
    stand, shop, account, owner, operator
):
    buy(stand, account, owner)
    operating.comp(account, timezone.now() + 45 * DAY, "A pilot", operator)
    stand.advance(days=32)
    applying.refresh(account)
    assert (row_of(shop).standing, account.subscriptions.get().status) == ("comped", "active")
    assert sorted(i.status for i in account.invoices.all()) == ["paid", "void"]
    stand.advance(days=31)
    applying.refresh(account)
    assert sorted(i.status for i in account.invoices.all()) == ["paid", "paid", "void"]


def test_a_cover_that_is_ended_early_is_collected_for_again(stand, account, owner, operator):
    buy(stand, account, owner)
    operating.comp(account, timezone.now() + 400 * DAY, "A pilot", operator)
    operating.comp(account, None, "", operator)
    stand.advance(days=32)
    applying.refresh(account)
    assert [i.status for i in account.invoices.all()] == ["paid", "paid"]


@pytest.mark.parametrize("act", ["comp", "extend_trial"])
def test_where_stripe_is_away_nothing_was_given(stand, shop, account, owner, operator, act):
    BillingAccount.objects.filter(pk=account.pk).update(trial_ends_at=timezone.now() + 5 * DAY)
    account.refresh_from_db()
    buy(stand, account, owner)
    before = row_of(shop).standing
    with stand.being_down(), pytest.raises(Away):
        getattr(operating, act)(account, timezone.now() + 45 * DAY, "A pilot", operator)
    kept = BillingAccount.objects.get(pk=account.pk)
    assert (kept.comped_until, kept.trial_ends_at < timezone.now() + 6 * DAY) == (None, True)
    assert (row_of(shop).standing, AuditEntry.objects.filter(actor=operator).count()) == (before, 0)


def test_the_page_says_that_nothing_was_given(stand, account, owner, operator):
    buy(stand, account, owner)
    client = Client()
    client.force_login(operator)
    form = {"act": "comp", "until": (timezone.now() + 45 * DAY).date().isoformat(), "note": "A pilot"}
    with stand.being_down():
        text = client.post(f"/operate/billing/{account.public_id}/", form, follow=True).content.decode()
    assert "Nothing was changed" in text
    assert "A pilot" in text


def test_the_operator_reads_every_change_in_words_whoever_made_it(stand, account, owner, operator):
    buy(stand, account, owner)
    changing.cancel(account, owner)
    operating.comp(account, timezone.now() + 45 * DAY, "A pilot", operator)
    stand.become(account.subscriptions.get().stripe_id, "past_due")
    applying.refresh(account)
    client = Client()
    client.force_login(operator)
    text = client.get(f"/operate/billing/{account.public_id}/").content.decode()
    for words in (
        "Opened the checkout page",
        "Cancelled the plan",
        "Covered",
        "A pilot",
        str(owner),
        "past due",
        ", ends ",
    ):
        assert words in text
    assert "billing." not in text.split("<main")[1]


def test_two_plans_at_once_which_only_stripes_own_pages_can_make_are_shown_to_the_operator(
    stand, account, owner, operator
):
    item = {"price": catalogue.price_id(plans.find("solo-500"), Interval.MONTH)}
    client = Client()
    client.force_login(operator)
    url = f"/operate/billing/{account.public_id}/"
    buy(stand, account, owner)
    assert "charged at once" not in client.get(url).content.decode()
    stand.client().v1.subscriptions.create({"customer": customer_id(account), "items": [item]})
    applying.refresh(account)
    assert "2 plans are charged at once" in client.get(url).content.decode()


def test_who_pays_already_is_given_no_trial(stand, account, owner, operator):
    buy(stand, account, owner)
    with pytest.raises(ValidationError, match="pays already"):
        operating.extend_trial(account, timezone.now() + 45 * DAY, "Slow start", operator)


def test_an_extension_is_taken_back_by_an_earlier_day(sold, shop, account, operator):
    end = timezone.now() + 5 * DAY
    operating.extend_trial(account, end, "Slow start", operator)
    operating.extend_trial(account, end + 40 * DAY, "Typed wrongly", operator)
    operating.extend_trial(account, end, "Back to what was meant", operator)
    assert row_of(shop).changes_at == end
    with pytest.raises(ValidationError, match="already"):
        operating.extend_trial(account, end, "Again", operator)
    assert AuditEntry.objects.filter(action="billing.trial_extended").count() == 3


def test_a_plan_bought_while_covered_begins_to_cost_when_the_cover_ends(stand, account, owner, operator):
    until = (timezone.now() + 90 * DAY).replace(microsecond=0)
    operating.comp(account, until, "A pilot", operator)
    subscription = buy(stand, account, owner)
    assert (subscription.status, subscription.trial_ends_at) == ("trialing", until)
    assert buying.trial_left(account, until - DAY) is None


def test_a_checkout_page_left_open_elsewhere_can_not_be_paid_too(stand, account, owner):
    step = plans.find("solo-500")
    first, second = (
        buying.checkout(account, step, Interval.MONTH, owner, "http://127.0.0.1:9/") for _ in "ab"
    )
    assert stand.pay_checkout(first).status_code != 303
    assert stand.pay_checkout(second).status_code == 303
    applying.refresh(account)
    assert account.subscriptions.count() == 1


@pytest.mark.parametrize("act", ["comp", "extend_trial"])
def test_what_waited_for_a_larger_step_goes_on_when_the_operator_gives(sold, shop, account, operator, act):
    until = timezone.now() + 10 * DAY
    SellerEntitlement.objects.filter(seller=shop).update(own_texts_held_until=until)
    getattr(operating, act)(account, timezone.now() + 45 * DAY, "A pilot", operator)
    assert row_of(shop).own_texts_held_until is None
