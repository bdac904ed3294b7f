"""Buying, changing, ending: against the stand-in, through Stripe's own client."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.utils import timezone

from accounts.billing import plans
from accounts.billing.plans import Interval
from accounts.models import (
    AuditEntry,
    BillingAccount,
    BillingInvoice,
    PlanChange,
    PlanPrice,
    StripeCustomer,
    Subscription,
)
from accounts.services.billing import applying, buying, catalogue, changing, standing
from accounts.services.billing.stripe_api import Away, Refused
from tests.accounts.billing.conftest import buy, customer_id, row_of
from tests.support.stripe import FAILS, GOOD

pytestmark = pytest.mark.django_db
GROWTH = plans.find("growth-1500")


def test_the_plans_go_to_stripe_once_however_often_they_are_synced(stand, capsys):
    call_command("sync_plans")
    call_command("sync_plans")
    assert capsys.readouterr().out.strip().endswith(f"Prices: {len(plans.sold())} there.")
    assert PlanPrice.objects.count() == len(plans.sold()) == len(stand.objects("price"))
    assert len(stand.objects("product")) == 4


def test_a_changed_price_becomes_a_new_one_and_who_bought_keeps_the_old(stand, account, owner, monkeypatch):
    subscription = buy(stand, account, owner)
    dearer = plans.Step("solo-500", plans.Plan.SOLO, 500, (plans.Tier(None, 21_00),))
    monkeypatch.setattr(catalogue.plans, "sold", lambda: [(dearer, Interval.MONTH)])
    assert [s.did for s in catalogue.sync()] == ["replaced"]
    monkeypatch.undo()
    stand.advance(days=31)
    applying.refresh(account)
    assert [i.total_minor for i in account.invoices.all()] == [19_00, 19_00]
    subscription.refresh_from_db()
    assert subscription.step == "solo-500"
    stand.reset()


def test_a_seller_buys_and_may_send_under_its_step(stand, shop, account, owner):
    subscription = buy(stand, account, owner)
    assert (subscription.status, subscription.step, subscription.interval) == ("active", "solo-500", "month")
    assert (row_of(shop).standing, row_of(shop).why) == ("paid", "paid")
    invoice = BillingInvoice.objects.get()
    assert (invoice.status, invoice.total_minor, invoice.currency) == ("paid", 19_00, "EUR")
    assert invoice.pdf_url
    assert StripeCustomer.objects.get().card == "Visa ending in 4242"


def test_what_is_left_of_the_trial_stays_free(stand, shop, account, owner):
    ends_at = timezone.now().replace(microsecond=0) + timedelta(days=12)
    BillingAccount.objects.filter(pk=account.pk).update(trial_ends_at=ends_at)
    account.refresh_from_db()
    subscription = buy(stand, account, owner)
    assert (subscription.status, subscription.trial_ends_at) == ("trialing", ends_at)
    assert row_of(shop).standing == "trial"
    assert [i.total_minor for i in account.invoices.all()] == [0]


def test_a_second_plan_is_not_bought_by_mistake(stand, account, owner):
    buy(stand, account, owner)
    with pytest.raises(ValidationError, match="change it instead"):
        buying.checkout(account, GROWTH, Interval.MONTH, owner, "http://127.0.0.1:9/")


@pytest.mark.parametrize("code", ["agency-1500", "free-50", "gold", ""])
def test_only_what_is_on_sale_to_a_seller_is_sold_to_it(account, code):
    with pytest.raises(ValidationError, match="not on sale here"):
        buying.step_to_buy(account, code)


def test_a_customer_is_made_once_even_where_the_answer_was_lost(stand, account):
    stand.settings(lost_answers=1)
    first = buying.customer_of(account)
    assert buying.customer_of(account).pk == first.pk
    assert len(stand.objects("customer")) == 1


def test_an_upgrade_costs_to_the_cent_what_was_shown(stand, account, owner):
    buy(stand, account, owner)
    shown = changing.preview(account, changing.to_step(account, GROWTH, Interval.MONTH), owner)
    assert shown.due_now_minor > 0
    assert sum(minor for _, minor in shown.lines) == shown.due_now_minor
    changing.confirm(shown, owner)
    changing.confirm(shown, owner)  # pressed twice
    account.refresh_from_db()
    assert account.subscriptions.get().step == "growth-1500"
    assert [i.total_minor for i in account.invoices.order_by("created_at", "pk")] == [
        19_00,
        shown.due_now_minor,
    ]
    told = AuditEntry.objects.filter(seller=account.seller, action="billing.plan_changed")
    assert [entry.target for entry in told] == ["growth-1500"]


def test_a_change_confirmed_in_two_tabs_at_once_is_done_and_written_down_once(stand, account, owner):
    buy(stand, account, owner)
    shown = changing.preview(account, changing.to_step(account, GROWTH, Interval.MONTH), owner)
    in_another_tab = PlanChange.objects.get(pk=shown.pk)
    for change in (shown, in_another_tab):
        assert changing.confirm(change, owner).done_at
    assert account.invoices.count() == 2
    assert AuditEntry.objects.filter(seller=account.seller, action="billing.plan_changed").count() == 1


def test_a_smaller_step_leaves_a_credit(stand, account, owner):
    buy(stand, account, owner, "growth-1500")
    shown = changing.preview(
        account, changing.to_step(account, plans.find("solo-500"), Interval.MONTH), owner
    )
    assert (shown.due_now_minor, shown.credit_minor > 0) == (0, True)
    changing.confirm(shown, owner)
    assert StripeCustomer.objects.get().balance_minor == -shown.credit_minor


def test_a_change_to_yearly_is_shown_and_done(stand, account, owner):
    buy(stand, account, owner)
    shown = changing.preview(account, changing.to_step(account, plans.find("solo-500"), Interval.YEAR), owner)
    assert 190_00 - 19_00 <= shown.due_now_minor <= 190_00
    changing.confirm(shown, owner)
    assert account.subscriptions.get().interval == "year"


def test_an_upgrade_the_bank_refuses_changes_nothing(stand, shop, account, owner):
    buy(stand, account, owner)
    shown = changing.preview(account, changing.to_step(account, GROWTH, Interval.MONTH), owner)
    stand.give_card(customer_id(account), FAILS)
    with pytest.raises(Refused, match="declined"):
        changing.confirm(shown, owner)
    applying.refresh(account)
    assert (account.subscriptions.get().step, row_of(shop).standing) == ("solo-500", "paid")


def test_what_the_bank_refused_can_be_confirmed_once_the_card_is_mended(stand, account, owner):
    buy(stand, account, owner)
    shown = changing.preview(account, changing.to_step(account, GROWTH, Interval.MONTH), owner)
    stand.give_card(customer_id(account), FAILS)
    with pytest.raises(Refused, match="declined"):
        changing.confirm(shown, owner)
    stand.give_card(customer_id(account), GOOD)
    changing.confirm(changing.find(account, shown.public_id), owner)
    assert account.subscriptions.get().step == GROWTH.code


def test_a_price_is_not_kept_for_ever(stand, account, owner):
    buy(stand, account, owner)
    shown = changing.preview(account, changing.to_step(account, GROWTH, Interval.MONTH), owner)
    type(shown).objects.update(made_at=timezone.now() - timedelta(hours=2))
    with pytest.raises(ValidationError, match="more than an hour ago"):
        changing.find(account, shown.public_id)


def test_the_same_plan_is_no_change(stand, account, owner):
    buy(stand, account, owner)
    with pytest.raises(ValidationError, match="the plan you have"):
        changing.preview(account, changing.to_step(account, plans.find("solo-500"), Interval.MONTH), owner)


def test_a_cancelled_plan_runs_out_into_free_and_can_be_taken_back_before(stand, shop, account, owner):
    buy(stand, account, owner)
    assert changing.cancel(account, owner).cancel_at
    assert row_of(shop).standing == "paid"
    assert changing.resume(account, owner).cancel_at is None
    changing.cancel(account, owner)
    stand.advance(days=31)
    applying.refresh(account)
    assert (account.subscriptions.get().status, row_of(shop).standing) == ("canceled", "free")
    buy_again = buying.checkout(account, GROWTH, Interval.MONTH, owner, "http://127.0.0.1:9/")
    assert stand.pay_checkout(buy_again).status_code == 303
    applying.refresh(account)
    assert (row_of(shop).standing, standing.current_subscription(account).step) == ("paid", "growth-1500")


def test_a_failed_payment_runs_through_grace_to_held_and_a_good_card_mends_it(
    stand, shop, account, owner, time_machine
):
    buy(stand, account, owner)
    stand.give_card(customer_id(account), FAILS)
    stand.advance(days=31)
    applying.refresh(account)
    row = row_of(shop)
    assert (row.standing, row.why) == ("grace", "payment_failed")
    failed_at = account.subscriptions.get().troubled_since
    assert row.holds_from_at == failed_at + timedelta(days=7)
    time_machine.move_to(row.holds_from_at)
    standing.refresh_due()
    assert (row_of(shop).standing, row_of(shop).why) == ("held", "grace_over")
    portal = buying.portal(account, "http://127.0.0.1:9/")
    assert stand.at_portal(portal, "card", number=GOOD).status_code == 303
    applying.refresh(account)
    assert row_of(shop).standing == "paid"


@pytest.mark.parametrize(("tax_id", "total"), [("", 22_61), ("DE123456789", 22_61), ("FRAB123456789", 19_00)])
def test_with_stripe_tax_switched_on_tax_is_added_except_for_businesses_abroad(
    stand, account, owner, settings, tax_id, total
):
    settings.STRIPE_TAX = True
    url = buying.checkout(account, plans.find("solo-500"), Interval.MONTH, owner, "http://127.0.0.1:9/")
    assert stand.pay_checkout(url, GOOD, tax_id=tax_id).status_code == 303
    applying.refresh(account)
    assert account.invoices.get().total_minor == total
    assert StripeCustomer.objects.get().tax_ids == ([tax_id] if tax_id else [])
    shown = changing.preview(account, changing.to_step(account, GROWTH, Interval.MONTH), owner)
    assert ("Tax" in dict(shown.lines)) is (total > 19_00)
    changing.confirm(shown, owner)
    assert account.invoices.order_by("-created_at", "-pk").first().total_minor == shown.due_now_minor


def test_a_coupon_is_taken_off_at_the_checkout_and_in_what_is_shown_of_a_change(stand, account, owner):
    api = stand.client().v1
    coupon = api.coupons.create({"percent_off": 20, "duration": "forever"})
    api.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "WELCOME20"})
    url = buying.checkout(account, plans.find("solo-500"), Interval.MONTH, owner, "http://127.0.0.1:9/")
    assert stand.pay_checkout(url, GOOD, code="NOSUCHCODE").status_code != 303
    assert stand.pay_checkout(url, GOOD, code="WELCOME20").status_code == 303
    applying.refresh(account)
    assert account.invoices.get().total_minor == 15_20
    assert account.subscriptions.get().discount == "20 % off"
    shown = changing.preview(account, changing.to_step(account, GROWTH, Interval.MONTH), owner)
    assert dict(shown.lines)["Discount"] < 0
    assert sum(minor for _, minor in shown.lines) == shown.due_now_minor
    changing.confirm(shown, owner)
    assert account.invoices.order_by("-created_at", "-pk").first().total_minor == shown.due_now_minor


def test_a_change_that_was_done_is_not_called_undone_where_stripe_goes_away_after_it(stand, account, owner):
    buy(stand, account, owner)
    shown = changing.preview(account, changing.to_step(account, GROWTH, Interval.MONTH), owner)
    stand.settings(down_after=1)
    assert changing.confirm(shown, owner).done_at
    stand.settings(down=False)
    applying.refresh(account)
    assert account.subscriptions.get().step == "growth-1500"
    assert account.invoices.count() == 2


def test_while_stripe_is_down_every_action_says_so_and_changes_nothing(stand, account, owner):
    buy(stand, account, owner)
    with stand.being_down():
        for act in (
            lambda: changing.cancel(account, owner),
            lambda: changing.preview(account, changing.to_step(account, GROWTH, Interval.MONTH), owner),
            lambda: buying.portal(account, "http://127.0.0.1:9/"),
            lambda: applying.refresh(account),
        ):
            with pytest.raises(Away, match="Nothing was changed"):
                act()
    applying.refresh(account)
    assert account.subscriptions.get().cancel_at is None


def test_a_plan_that_was_paid_and_not_heard_of_yet_is_not_bought_again(stand, account, owner):
    step = buying.step_to_buy(account, "solo-500")
    stand.pay_checkout(buying.checkout(account, step, Interval.MONTH, owner, "http://127.0.0.1:9/"))
    with pytest.raises(ValidationError, match="change it instead"):
        buying.checkout(account, step, Interval.MONTH, owner, "http://127.0.0.1:9/")
    assert account.subscriptions.get().status == "active"


def test_a_price_that_was_shown_for_another_plan_is_not_confirmed(stand, account, owner):
    buy(stand, account, owner)
    scale = plans.find("scale-6000")
    small = changing.preview(account, changing.to_step(account, GROWTH, Interval.MONTH), owner)
    large = changing.preview(account, changing.to_step(account, scale, Interval.MONTH), owner)
    changing.confirm(large, owner)
    with pytest.raises(ValidationError, match="changed since this price was shown"):
        changing.confirm(small, owner)
    assert account.subscriptions.get().step == "scale-6000"


def test_a_second_purchase_begun_and_not_finished_takes_no_paid_plan_away(stand, shop, account, owner):
    paid = buy(stand, account, owner)
    Subscription.objects.create(
        account=account, stripe_id="sub_later", status="incomplete", step="growth-1500", interval="month",
        created_at=paid.created_at + timedelta(hours=1), fetched_at=timezone.now(),
    )  # fmt: skip
    standing.refresh_covered_by(account)
    assert row_of(shop).standing == "paid"
