"""The billing pages: what they say, what a button does, and that they work while Stripe does not."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.billing import usage
from accounts.models import Agency, AuditEntry, BillingAccount, PlanChange, Seller, SellerUsage
from accounts.roles import Role
from accounts.services import agencies
from accounts.services.billing import applying, counting, following, notices, opening, standing
from tests.accounts.billing.conftest import buy, customer_id, end_trial, row_of
from tests.accounts.makers import make_agency, make_member
from tests.support.stripe import FAILS, Stand

pytestmark = pytest.mark.django_db
PLAN = "/s/acme/billing/"


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def said(answer: Any) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


@pytest.fixture
def browser(owner: Any) -> Client:
    return signed_in(owner)


# -- a seller's


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.SELLER_OWNER, 200),
        (Role.SELLER_MANAGER, 200),
        (Role.SELLER_AUTHOR, 403),
        (Role.SELLER_VIEWER, 403),
    ],
)
def test_owners_and_managers_see_what_is_paid(sold, shop, role, status):
    assert signed_in(make_member(role, shop)).get(PLAN).status_code == status


def test_free_says_what_it_holds_and_offers_every_plan(sold, shop, browser):
    text = browser.get(PLAN).content.decode()
    for words in (
        "Free",
        "Solo, up to 500 orders a month",
        "19.00 EUR",
        "Amazon&#x27;s own review requests",
        "0</strong> of 50",
    ):
        assert words in text


def test_a_page_without_a_payment_service_says_that_nothing_is_sold(shop, browser, settings):
    settings.STRIPE_SECRET_KEY = ""
    text = browser.get(PLAN).content.decode()
    assert "This installation sells nothing" in text
    assert "Choose" not in text


def test_choosing_leads_to_the_checkout_page_and_back_with_thanks(stand, shop, account, browser):
    answer = browser.post(f"{PLAN}buy/", {"step": "solo-500", "interval": "month"})
    assert answer["Location"].startswith(stand.url)
    paid = stand.pay_checkout(answer["Location"])
    back = browser.get(paid.headers["location"].replace("http://testserver", ""))
    assert said(back) == "Thank you. Your plan: Solo, up to 500 orders a month."
    text = browser.get(PLAN).content.decode()
    assert "Visa ending in 4242" in text
    assert "Cancel the plan" in text


@pytest.mark.parametrize(
    "form", [{}, {"step": "agency-1500", "interval": "month"}, {"step": "solo-500", "interval": "week"}]
)
def test_what_is_not_for_sale_is_refused_in_words(stand, shop, browser, form):
    answer = browser.post(f"{PLAN}buy/", form)
    assert answer["Location"] == PLAN
    assert "Choose" in said(answer)


def test_a_change_is_shown_before_it_is_done(stand, shop, account, owner, browser):
    buy(stand, account, owner)
    answer = browser.post(f"{PLAN}change/", {"step": "growth-1500", "interval": "month"})
    shown = PlanChange.objects.get()
    text = browser.get(answer["Location"]).content.decode()
    assert f"{shown.due_now_minor / 100:.2f} EUR" in text
    assert account.subscriptions.get().step == "solo-500"
    assert "Done: Growth" in said(browser.post(answer["Location"]))
    assert account.subscriptions.get().step == "growth-1500"


def test_while_stripe_is_down_pages_work_and_say_so(stand, shop, account, owner, browser):
    buy(stand, account, owner)
    with stand.being_down():
        answer = browser.post(f"{PLAN}cancel/")
        assert "Nothing was changed" in said(answer)
        text = browser.get(PLAN).content.decode()
        assert "The payment service does not answer at the moment" in text
        assert "Solo, up to 500 orders a month" in text
    browser.post(f"{PLAN}cancel/")
    assert "does not answer" not in browser.get(PLAN).content.decode()


def test_a_failed_payment_shows_its_grace_and_the_way_out(stand, shop, account, owner, browser):
    buy(stand, account, owner)
    stand.give_card(customer_id(account), FAILS)
    stand.advance(days=31)
    applying.refresh(account)
    text = browser.get(PLAN).content.decode()
    assert "Sending goes on for 7 days from then." in text
    assert "Update the card" in text
    assert "Pay 19.00 EUR now" in text


@pytest.mark.parametrize("role", [Role.SELLER_OWNER, Role.SELLER_VIEWER])
def test_a_lapse_is_said_on_every_page_of_the_seller_to_everybody(sold, shop, account, role):
    standing.SellerEntitlement.objects.filter(seller=shop).update(
        standing="held", why="unpaid", holds_from_at=timezone.now()
    )
    text = signed_in(make_member(role, shop)).get("/s/acme/team/").content.decode()
    assert "Nothing is sent at present. Messages wait, and none is deleted." in text
    assert "An invoice was not paid, so nothing is sent." in text
    assert ("Open the plan" in text) is (role is Role.SELLER_OWNER)
    standing.refresh([shop.pk])
    assert (
        "Nothing is sent at present"
        not in signed_in(make_member(role, shop)).get("/s/acme/team/").content.decode()
    )


def test_usage_is_told_with_its_forecast_and_what_was_free(sold, shop, account, browser):
    month = usage.month_of(timezone.now(), shop.timezone).first
    details = {"own": 50, "amazon": 812, "blocked": 3, "opted_out": 2, "reviews": 1, "further": 5}
    SellerUsage.objects.create(
        seller=shop, month=month, counted=45, details=details, counted_at=timezone.now()
    )
    text = browser.get(f"{PLAN}usage/").content.decode()
    for words in ("45</b>", "812", "own review requests", "of 50 orders this month"):
        assert words in text


@pytest.mark.parametrize(
    ("interval", "words"),
    [
        ("", ("19.00 EUR", "29.00 EUR", "9.00 EUR", "any number", "51 and more")),
        ("?interval=year", ("190.00 EUR", "290.00 EUR")),
    ],
)
def test_anybody_reads_what_it_costs(db, interval, words):
    text = Client().get(f"/pricing/{interval}").content.decode()
    assert [word for word in words if word not in text] == []


# -- mails


def test_people_are_told_once_at_80_and_at_100_percent_and_nothing_is_held(
    sold, shop, account, owner, django_capture_on_commit_callbacks
):
    month = usage.month_of(timezone.now(), shop.timezone).first
    with django_capture_on_commit_callbacks(execute=True):
        for counted in (39, 40, 41, 50, 51, 60):
            counting.record(shop, month, counted, {})
    assert [m.subject for m in mail.outbox] == [
        "Acme: 80 % of this month's orders",
        "Acme: this month's step is full",
    ]
    assert "Solo, up to 500 orders a month" in mail.outbox[1].body
    assert mail.outbox[0].to == [owner.email]
    assert row_of(shop).own_texts_held_until is None


def test_the_end_of_a_trial_is_told_7_3_and_1_days_before(
    sold, shop, account, owner, time_machine, django_capture_on_commit_callbacks
):
    ends_at = timezone.now() + timedelta(days=9)
    BillingAccount.objects.filter(pk=account.pk).update(trial_ends_at=ends_at)
    for days in (8, 6.5, 6, 2.5, 2, 0.5, 0.1):
        time_machine.move_to(ends_at - timedelta(days=days))
        with django_capture_on_commit_callbacks(execute=True):
            notices.tell_due()
    assert len([m for m in mail.outbox if owner.email in m.to]) == 3


def test_a_failed_payment_is_told_daily_in_its_grace_then_that_sending_is_held_then_that_it_goes_on(
    stand, shop, account, owner, time_machine, django_capture_on_commit_callbacks
):
    buy(stand, account, owner)
    stand.give_card(customer_id(account), FAILS)
    stand.advance(days=31)
    applying.refresh(account)
    mail.outbox.clear()
    since = account.subscriptions.get().troubled_since
    for hours in range(1, 9 * 24, 8):
        time_machine.move_to(since + timedelta(hours=hours))
        with django_capture_on_commit_callbacks(execute=True):
            notices.tell_due()
            standing.refresh_due()
    subjects = [m.subject for m in mail.outbox]
    assert 7 <= subjects.count("A payment for Acme failed") <= 8
    assert subjects.count("Acme: sending is held") == 1
    with django_capture_on_commit_callbacks(execute=True):
        account.subscriptions.update(status="active", period_ends_at=timezone.now() + timedelta(days=20))
        standing.refresh_covered_by(BillingAccount.objects.get(pk=account.pk))
    assert mail.outbox[-1].subject == "Acme: sending goes on"


# -- an agency's


@pytest.fixture
def agency(shop: Seller, rival: Seller) -> Agency:
    """With acme and rival as its clients, its trial over."""
    made = make_agency("north")
    Seller.objects.filter(pk__in=[shop.pk, rival.pk]).update(agency=made)
    theirs = opening.open_agency(made)
    for seller in (shop, rival):
        seller.refresh_from_db()
        opening.open_seller(seller)
        opening.set_payer(seller, theirs, None)
    end_trial(theirs)
    return made


@pytest.fixture
def boss(agency: Agency) -> Any:
    return make_member(Role.AGENCY_OWNER, agency)


AGENCY_PLAN = "/a/north/billing/"


def test_an_agency_without_a_plan_holds_and_one_plan_covers_all(stand: Stand, agency, shop, rival, boss):
    theirs = BillingAccount.objects.get(agency=agency)
    end_trial(BillingAccount.objects.get(seller=shop))
    assert row_of(shop).standing == "held"
    subscription = buy(stand, theirs, boss, "agency-1500")
    assert (subscription.quantity, row_of(shop).standing, row_of(rival).standing) == (2, "paid", "paid")
    assert [i.total_minor for i in theirs.invoices.all()] == [2 * 29_00]


def test_a_client_is_let_go_with_its_price_shown_and_gets_its_own_trial(stand, agency, shop, rival, boss):
    theirs = BillingAccount.objects.get(agency=agency)
    buy(stand, theirs, boss, "agency-1500")
    browser = signed_in(boss)
    answer = browser.post(f"{AGENCY_PLAN}payers/", {"let_go": "acme"})
    assert row_of(shop).payer == theirs  # nothing is done before it is confirmed
    assert "Credit for the next invoice" in browser.get(answer["Location"]).content.decode()
    browser.post(answer["Location"])
    assert (row_of(shop).payer.seller, row_of(shop).standing) == (shop, "trial")
    assert theirs.subscriptions.get().quantity == 1
    answer = browser.post(f"{AGENCY_PLAN}payers/", {"take_in": "acme"})
    shown = PlanChange.objects.latest("made_at")
    # The credit of a moment ago pays for it.
    assert (sum(minor for _, minor in shown.lines) > 0, shown.due_now_minor) == (True, 0)
    browser.post(answer["Location"])
    assert (row_of(shop).payer, theirs.subscriptions.get().quantity) == (theirs, 2)


def test_in_its_trial_an_agency_switches_who_pays_at_once(sold, agency, shop, rival, boss):
    browser = signed_in(boss)
    assert "pays itself from now on" in said(browser.post(f"{AGENCY_PLAN}payers/", {"all": "clients"}))
    assert {row_of(s).payer.seller for s in (shop, rival)} == {shop, rival}
    assert "pays for" in said(browser.post(f"{AGENCY_PLAN}payers/", {"all": "agency"}))
    assert {row_of(s).payer.agency for s in (shop, rival)} == {agency}
    assert "Nothing to change" in said(browser.post(f"{AGENCY_PLAN}payers/", {"all": "agency"}))


def test_an_agency_cannot_pay_for_or_let_go_a_seller_of_somebody_else(sold, agency, shop, boss):
    Seller.objects.filter(pk=shop.pk).update(agency=None)
    before = row_of(shop).payer
    signed_in(boss).post(f"{AGENCY_PLAN}payers/", {"let_go": "acme"})
    signed_in(boss).post(f"{AGENCY_PLAN}payers/", {"take_in": "acme"})
    assert row_of(shop).payer == before


def test_a_client_that_leaves_keeps_its_data_gets_a_trial_once_and_lowers_the_quantity(
    stand, agency, shop, rival, boss
):
    theirs = BillingAccount.objects.get(agency=agency)
    buy(stand, theirs, boss, "agency-1500")
    make_member(Role.SELLER_OWNER, shop)
    shop.refresh_from_db()
    agencies.release_seller(shop, boss)
    own = BillingAccount.objects.get(seller=shop)
    assert (row_of(shop).payer, row_of(shop).standing) == (own, "trial")
    assert own.trial_ends_at > timezone.now() + timedelta(days=29)
    assert theirs.subscriptions.get().quantity == 1
    assert not following.follow_quantity(theirs)


def test_a_seller_an_agency_pays_for_is_not_sold_a_plan_of_its_own(stand, agency, shop):
    browser = signed_in(make_member(Role.SELLER_OWNER, shop))
    text = browser.get(PLAN).content.decode()
    assert "There is nothing to choose or to pay here" in text
    assert "pays for this seller" in said(
        browser.post(f"{PLAN}buy/", {"step": "solo-500", "interval": "month"})
    )


def test_usage_of_each_client_is_listed_searched_and_exported(sold, agency, shop, rival, boss):
    month = usage.month_of(timezone.now(), shop.timezone).first
    for seller, counted in ((shop, 120), (rival, 7)):
        SellerUsage.objects.create(
            seller=seller, month=month, counted=counted, details={"amazon": 5}, counted_at=timezone.now()
        )
    Seller.objects.filter(pk=rival.pk).update(name="=cmd|calc")
    browser = signed_in(boss)
    assert "120" in browser.get("/a/north/billing/usage/").content.decode()
    assert "No seller matches" in browser.get("/a/north/billing/usage/?q=zzz").content.decode()
    answer = browser.get("/a/north/billing/usage.csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert {(row["seller"], row["orders counted"]) for row in rows} == {("Acme", "120"), ("'=cmd|calc", "7")}


def test_an_agency_looks_back_and_takes_a_past_month_with_it(sold, agency, shop, rival, boss):
    month = counting.previous(usage.month_of(timezone.now(), shop.timezone).first)
    SellerUsage.objects.create(
        seller=shop, month=month, counted=77, details={"amazon": 5, "own": 80}, counted_at=timezone.now()
    )
    browser = signed_in(boss)
    text = browser.get(f"/a/north/billing/usage/?month={month:%Y-%m}").content.decode()
    assert f"Usage in {month:%B %Y}" in text
    assert "77" in text
    rows = list(
        csv.DictReader(
            io.StringIO(browser.get(f"/a/north/billing/usage.csv?month={month:%Y-%m}").content.decode())
        )
    )
    assert {(r["month"], r["seller"], r["orders counted"], r["forecast"], r["own messages"]) for r in rows} == {
        (f"{month:%Y-%m}", "Acme", "77", "77", "80"), (f"{month:%Y-%m}", "Rival", "0", "0", "0"),
    }  # fmt: skip
    for strange in ("soon", "2026-13", "9" * 50, "0000-00", "0001-01", "9999-12"):
        assert browser.get(f"/a/north/billing/usage/?month={strange}").status_code == 200


def test_a_seller_takes_its_months_with_it(sold, shop, account, browser):
    month = usage.month_of(timezone.now(), shop.timezone).first
    for first, counted in ((month, 5), (counting.previous(month), 70)):
        SellerUsage.objects.create(
            seller=shop, month=first, counted=counted, went_over=counted > 50, details={"amazon": 9},
            counted_at=timezone.now(),
        )  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(browser.get(f"{PLAN}usage.csv").content.decode())))
    assert [(r["orders counted"], r["over the step"], r["amazon"]) for r in rows] == [
        ("5", "no", "9"),
        ("70", "yes", "9"),
    ]


# -- the operator's


@pytest.fixture
def operator() -> Client:
    return signed_in(make_member(Role.OPERATOR_ADMIN))


def test_the_operator_finds_an_account_covers_it_and_takes_that_back(sold, shop, account, operator):
    assert "Acme" in operator.get("/operate/billing/?q=acm").content.decode()
    assert "No account matches" in operator.get("/operate/billing/?q=zzz").content.decode()
    url = f"/operate/billing/{account.public_id}/"
    until = (timezone.now() + timedelta(days=60)).date().isoformat()
    operator.post(url, {"act": "comp", "until": until, "note": "A pilot"})
    assert row_of(shop).standing == "comped"
    assert "A pilot" in operator.get(url).content.decode()
    assert "Acme" in operator.get("/operate/billing/?status=comped").content.decode()
    operator.post(url, {"act": "end_comp"})
    assert row_of(shop).standing == "free"
    told = AuditEntry.objects.filter(seller=shop, action__startswith="billing.comp").order_by("pk")
    assert [entry.action for entry in told] == ["billing.comped", "billing.comp_ended"]


def test_the_operator_extends_a_trial_at_stripe_too(stand, shop, account, owner, operator):
    BillingAccount.objects.filter(pk=account.pk).update(trial_ends_at=timezone.now() + timedelta(days=5))
    account.refresh_from_db()
    buy(stand, account, owner)
    until = (timezone.now() + timedelta(days=45)).date()
    operator.post(
        f"/operate/billing/{account.public_id}/",
        {"act": "trial", "until": until.isoformat(), "note": "Slow start"},
    )
    assert account.subscriptions.get().trial_ends_at.date() == until
    assert AuditEntry.objects.get(action="billing.trial_extended").data["note"] == "Slow start"


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"until": "2020-01-01", "note": "x"}, "Choose a day in the future."),
        ({"until": "2030-01-01", "note": " "}, "required"),
        ({"until": "soon", "note": "x"}, "valid date"),
    ],
)
def test_a_gift_without_a_day_or_a_reason_is_refused_and_keeps_what_was_typed(
    sold, shop, account, operator, form, words
):
    answer = operator.post(f"/operate/billing/{account.public_id}/", {"act": "comp", **form})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert form["until"] in answer.content.decode()


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.LEAD_REVIEWER, Role.SUPPORT])
def test_only_the_operator_sees_subscriptions(db, role):
    assert signed_in(make_member(role)).get("/operate/billing/").status_code in {403, 404}
