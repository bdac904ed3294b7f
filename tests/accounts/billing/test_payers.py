"""Who pays for a client, and that no month is ever paid for twice."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts import tenancy
from accounts.billing import plans, usage
from accounts.models import AuditEntry, BillingAccount, PlanChange, Seller, SellerEntitlement, SellerUsage
from accounts.roles import Role
from accounts.services import agencies
from accounts.services.billing import applying, changing, following, opening, standing, sweeping
from orders.models import Order
from tests.accounts.billing.conftest import buy, end_trial, row_of
from tests.accounts.makers import make_agency, make_member
from tests.factories.orders import make_order
from tests.support.stripe import Stand

pytestmark = pytest.mark.django_db
PAYERS = "/a/north/billing/payers/"


@pytest.fixture
def theirs(stand: Stand, shop: Seller, rival: Seller) -> BillingAccount:
    """An agency's account, with a plan for rival; acme is its client and pays itself."""
    agency = make_agency("north")
    Seller.objects.filter(pk__in=[shop.pk, rival.pk]).update(agency=agency)
    account = opening.open_agency(agency)
    for seller in (shop, rival):
        seller.refresh_from_db()
        opening.open_seller(seller)
    opening.set_payer(rival, account, None)
    end_trial(account)
    buy(stand, account, make_member(Role.AGENCY_OWNER, agency), "agency-1500")
    return account


@pytest.fixture
def boss(theirs: BillingAccount) -> Client:
    client = Client()
    client.force_login(make_member(Role.AGENCY_OWNER, theirs.agency))
    return client


def move(boss: Client, **form: str) -> Any:
    """Ask, and confirm the price that is shown."""
    asked = boss.post(PAYERS, form)
    assert "Change who pays" in boss.get(asked["Location"]).content.decode()
    return boss.post(asked["Location"])


def test_a_client_that_paid_itself_is_not_paid_for_twice(
    stand, theirs, shop, account, owner, boss, django_capture_on_commit_callbacks
):
    buy(stand, account, owner)
    with django_capture_on_commit_callbacks(execute=True):
        move(boss, take_in="acme")
    assert (row_of(shop).payer, theirs.subscriptions.get().quantity) == (theirs, 2)
    own = account.subscriptions.get()
    assert (own.status, own.cancel_at) == ("active", own.period_ends_at)
    told = [m for m in mail.outbox if owner.email in m.to and "pays for it now" in m.subject]
    assert len(told) == 1
    assert "no month is paid twice" in told[0].body
    stand.advance(days=32)
    applying.refresh(account)
    assert account.subscriptions.get().status == "canceled"
    assert account.invoices.count() == 1


def test_where_stripe_is_away_just_then_the_night_ends_the_clients_own_plan(
    stand, theirs, shop, account, owner
):
    buy(stand, account, owner)
    opening.set_payer(shop, theirs, None)
    with stand.being_down():
        following.follow_payers_of([shop])
    assert account.subscriptions.get().cancel_at is None
    sweeping.compare()
    assert account.subscriptions.get().cancel_at
    sweeping.compare()
    assert AuditEntry.objects.filter(action="billing.own_plan_ends").count() == 1


def test_what_a_client_paid_for_itself_still_counts_while_its_agency_lapses(
    stand, theirs, shop, account, owner, boss
):
    buy(stand, account, owner)
    move(boss, take_in="acme")
    stand.become(theirs.subscriptions.get().stripe_id, "unpaid")
    applying.refresh(theirs)
    assert (row_of(shop).standing, row_of(shop).payer) == ("paid", theirs)


def test_the_last_client_can_go_and_one_can_come_where_the_price_stays_the_same(theirs, rival, boss):
    move(boss, let_go="rival")
    assert (row_of(rival).payer.seller, theirs.subscriptions.get().quantity) == (rival, 1)
    move(boss, take_in="rival")
    assert PlanChange.objects.latest("made_at").due_now_minor == 0
    assert row_of(rival).payer == theirs


def test_a_client_sees_its_own_use_and_nothing_of_what_the_agencys_others_use(
    theirs, shop, rival, owner, boss
):
    move(boss, take_in="acme")
    month = usage.month_of(timezone.now(), shop.timezone).first
    for seller, counted in ((shop, 12), (rival, 3_456)):
        SellerUsage.objects.create(seller=seller, month=month, counted=counted, counted_at=timezone.now())
    own = Client()
    own.force_login(owner)
    for page in ("/s/acme/billing/", "/s/acme/billing/usage/"):
        text = own.get(page).content.decode()
        assert "<strong>12</strong>" in text
        assert [n for n in ("3,456", "3,468", "of 3,000") if n in text] == []
    assert "3,468" in boss.get("/a/north/billing/usage/").content.decode()


def test_a_client_keeps_the_invoices_it_paid_itself(stand, theirs, shop, account, owner, boss):
    buy(stand, account, owner)
    move(boss, take_in="acme")
    own = Client()
    own.force_login(owner)
    text = own.get("/s/acme/billing/").content.decode()
    assert account.invoices.get().number in text
    assert "It is not renewed" in text
    assert theirs.invoices.first().number not in text


def test_a_client_leaves_on_its_team_page_keeps_its_data_and_pays_nothing_before_it_chooses(
    stand, theirs, shop, owner, boss, django_capture_on_commit_callbacks
):
    move(boss, take_in="acme")
    with tenancy.seller_context(shop):
        make_order()
    own = Client()
    own.force_login(owner)
    assert "Leave the agency" in own.get("/s/acme/team/").content.decode()
    assert "30 days free" in own.get("/s/acme/team/leave-agency/").content.decode()
    assert row_of(shop).payer == theirs
    with django_capture_on_commit_callbacks(execute=True):
        text = own.post("/s/acme/team/leave-agency/", follow=True).content.decode()
    assert "Acme has left North. Everything it has is still here." in text
    with tenancy.seller_context(shop):
        assert Order.objects.count() == 1
    assert (row_of(shop).standing, row_of(shop).payer.seller) == ("trial", shop)
    assert theirs.subscriptions.get().quantity == 1
    assert "Nothing is charged before you choose a plan" in mail.outbox[-1].body
    assert boss.get("/s/acme/team/").status_code == 404
    assert own.get("/s/acme/team/leave-agency/")["Location"] == "/s/acme/team/"


def test_an_agency_lets_a_client_go_only_to_an_owner_of_its_own(stand, theirs, shop, boss):
    text = boss.post("/s/acme/team/leave-agency/", follow=True).content.decode()
    assert "no owner of its own" in text
    assert Seller.objects.get(pk=shop.pk).agency == theirs.agency


def test_where_stripe_is_away_a_client_leaves_all_the_same_and_the_price_follows_at_night(
    stand, theirs, shop, owner, boss
):
    move(boss, take_in="acme")
    shop.refresh_from_db()
    with stand.being_down():
        agencies.release_seller(shop, owner)
    assert (row_of(shop).payer.seller, theirs.subscriptions.get().quantity) == (shop, 2)
    sweeping.compare()
    assert theirs.subscriptions.get().quantity == 1


def test_a_seventh_member_is_a_seat_that_is_shown_before_it_is_paid_and_goes_with_the_member(
    stand, theirs, boss
):
    members = [make_member(Role.AGENCY_ANALYST, theirs.agency) for _ in range(5)]
    text = boss.get("/a/north/billing/").content.decode()
    assert "are not in the plan yet" in text
    asked = boss.post("/a/north/billing/change/", {"step": "agency-1500", "interval": "month"})
    boss.post(asked["Location"])
    assert theirs.subscriptions.get().extra_seats == plans.extra_seats(7) == 2
    assert "are not in the plan yet" not in boss.get("/a/north/billing/").content.decode()
    for member in members[:4]:
        member.memberships.all().delete()
    assert following.follow_quantity(theirs)
    assert theirs.subscriptions.get().extra_seats == 0
    assert changing.subscription_to_change(theirs).quantity == 1


def test_nobody_else_than_the_payer_buys(theirs, shop, account):
    opening.set_payer(shop, theirs, None)
    standing.refresh([shop.pk])
    assert not following.follow_payer(account)  # it has no plan of its own


@pytest.mark.parametrize("name", ["let_go", "take_in"])
def test_what_waited_for_a_larger_step_does_not_wait_under_the_next_payer(sold, shop, account, name):
    agency = make_agency("north")
    Seller.objects.filter(pk=shop.pk).update(agency=agency)
    shop.refresh_from_db()
    theirs = opening.open_agency(agency)
    opening.set_payer(shop, theirs if name == "let_go" else account, None)
    until = timezone.now() + timedelta(days=10)
    SellerEntitlement.objects.filter(seller=shop).update(own_texts_held_until=until)
    boss = Client()
    boss.force_login(make_member(Role.AGENCY_OWNER, agency))
    boss.post(PAYERS, {name: "acme"})
    row = row_of(shop)
    assert row.payer == (account if name == "let_go" else theirs)
    assert (row.standing, row.own_texts_held_until) == ("trial", None)
