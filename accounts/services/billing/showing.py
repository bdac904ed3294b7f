"""What the billing pages show: read from our own rows only, so that they work while Stripe does not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any, cast

from django.db.models import QuerySet
from django.utils import timezone

from accounts.billing import plans, usage
from accounts.billing.entitlements import WORDS, Decision, Facts, Standing, Status, decide, grace_ends_at
from accounts.billing.plans import Interval, Step
from accounts.models import (
    BillingAccount,
    BillingInvoice,
    Membership,
    Seller,
    SellerEntitlement,
    SellerUsage,
    StripeCustomer,
    Subscription,
)
from accounts.paging import Page, page_of
from accounts.services.billing import buying, counting, standing, stripe_api

STANDING_TITLES = {
    Standing.TRIAL: "Trial",
    Standing.PAID: "Paid",
    Standing.COMPED: "Covered by the operator",
    Standing.GRACE: "Payment failed",
    Standing.FREE: "Free",
    Standing.HELD: "Sending is held",
}


@dataclass(frozen=True)
class Offer:
    """One step as it is offered."""

    step: Step
    price_minor: int  # for one interval, for all sellers it is bought for
    unit_minor: int
    is_current: bool
    is_fitting: bool  # the smallest that holds what the month will have


@dataclass(frozen=True)
class PlanPage:
    account: BillingAccount
    payer: BillingAccount
    decision: Decision
    title: str
    words: tuple[str, str]
    subscription: Subscription | None
    step: Step | None
    price_minor: int
    grace_ends_at: datetime | None
    trial_ends_at: datetime | None
    customer: StripeCustomer | None
    #: The account's own, also where somebody else pays now.
    invoices: Page[BillingInvoice]
    open_invoice: BillingInvoice | None
    #: A plan of the account's own that runs out, as another pays now.
    own_plan: Subscription | None
    offers: list[Offer]
    interval: Interval
    used: "Used"
    quantity: int
    members: int
    away_since: datetime | None
    is_set_up: bool
    never_charged: tuple[tuple[str, str], ...] = field(default=plans.NEVER_CHARGED)

    @property
    def standing_title(self) -> str:
        return STANDING_TITLES[self.decision.standing]

    @property
    def can_change(self) -> bool:
        """There is something bought that can be changed, and not something to pay first."""
        found = self.subscription
        return found is not None and found.status in {Status.ACTIVE, Status.TRIALING}

    @property
    def has_plan(self) -> bool:
        return self.subscription is not None and self.subscription.status in buying.ALIVE

    @property
    def owes(self) -> bool:
        found = self.subscription
        return found is not None and found.status in {Status.PAST_DUE, Status.UNPAID, Status.PAUSED}

    @property
    def unpaid_seats(self) -> int:
        """Members whose seat is not in the plan yet; nothing waits for it, and nothing is charged unasked."""
        found = self.subscription
        return plans.extra_seats(self.members) - found.extra_seats if found and self.can_change else 0


@dataclass(frozen=True)
class Used:
    """A month against the step; `limit` None: nothing limits it."""

    counted: int
    limit: int | None
    forecast: int
    last_month: int | None
    fitting: Step
    larger: Step | None
    is_held: bool
    #: Who pays for it, where that is another; what its other sellers use is none of this one's business.
    covered_by: str = ""

    @property
    def percent(self) -> int:
        return usage.percent(self.counted, self.limit)

    @property
    def is_over(self) -> bool:
        return usage.is_over(self.counted, self.limit)

    @property
    def goes_over(self) -> bool:
        return usage.is_over(self.forecast, self.limit)


def used(account: BillingAccount) -> Used:
    now = timezone.now()
    month = usage.month_of(now, account.seller.timezone if account.seller else "UTC")
    weight = counting.weight_of(account, month.first)
    expected = usage.forecast(weight.counted, month.share_gone(now), weight.last_month)
    to_agency = account.agency_id is not None
    fitting = plans.step_for(expected, to_agency=to_agency, quantity=buying.quantity_of(account))
    larger = plans.next_step(weight.step) if weight.step else None
    is_held = not standing.decision_of(account, now).is_entitled
    return Used(weight.counted, weight.limit, expected, weight.last_month, fitting, larger, is_held)


def used_by(account: BillingAccount, payer: BillingAccount, in_use: Used | None = None) -> Used:
    """What a place used: of its step, or, where another pays, itself alone. `in_use`: what `used(payer)` answered."""
    if payer == account or account.seller is None:
        return in_use or used(payer)
    (client,) = clients(payer, [account.seller])
    fitting = plans.step_for(client.forecast)
    is_held = client.standing == Standing.HELD
    return Used(client.counted, None, client.forecast, client.last_month, fitting, None, is_held, str(payer))


def plan_page(
    account: BillingAccount, interval: Interval, params: Mapping[str, str] = MappingProxyType({})
) -> PlanPage:
    """`params` say which page of the invoices (accounts/paging.py)."""
    payer = payer_of(account)
    facts, now = standing.facts_of(payer), timezone.now()
    decision = decide(facts, now)
    subscription = standing.current_subscription(payer)
    step = step_of(subscription)
    quantity = buying.quantity_of(payer)
    in_use = used(payer)
    bought_interval = Interval(subscription.interval) if subscription else interval
    return PlanPage(
        account=account,
        payer=payer,
        decision=decision,
        title=_title(decision, step),
        words=WORDS[decision.why],
        subscription=subscription,
        step=step,
        price_minor=_price(subscription, step, bought_interval),
        grace_ends_at=_grace_end(facts, decision),
        trial_ends_at=_trial_end(payer, subscription, decision),
        customer=StripeCustomer.objects.filter(account=payer).first(),
        invoices=page_of(account.invoices.all(), "created_at", params, size=12),
        open_invoice=payer.invoices.filter(status="open").order_by("created_at").first(),
        own_plan=None if payer == account else _own_plan(account),
        offers=_offers(payer, interval, quantity, subscription, in_use),
        interval=interval,
        used=used_by(account, payer, in_use),
        quantity=quantity,
        members=Membership.objects.filter(agency=payer.agency).count() if payer.agency else 0,
        away_since=stripe_api.away_since(),
        is_set_up=stripe_api.is_set_up(),
    )


def _own_plan(account: BillingAccount) -> Subscription | None:
    found = standing.current_subscription(account)
    return found if found and found.status in buying.ALIVE else None


def payer_of(account: BillingAccount) -> BillingAccount:
    """Who pays for the seller an account belongs to; an agency pays for itself."""
    if account.seller is None:
        return account
    row = (
        SellerEntitlement.objects.select_related("payer__agency", "payer__seller")
        .filter(seller=account.seller)
        .first()
    )
    return row.payer if row else account


def _title(decision: Decision, step: Step | None) -> str:
    if decision.standing is Standing.FREE:
        return plans.FREE.title
    if step and decision.standing in {Standing.PAID, Standing.GRACE}:
        return step.title
    return STANDING_TITLES[decision.standing]


def step_of(subscription: Subscription | None) -> Step | None:
    if subscription is None or subscription.is_over or not subscription.step:
        return None
    try:
        return plans.find(subscription.step)
    except plans.UnknownStep:
        return None


def _price(subscription: Subscription | None, step: Step | None, interval: Interval) -> int:
    if subscription is None or step is None:
        return 0
    seats = plans.SEAT.amount_minor(subscription.extra_seats, interval)
    return step.amount_minor(subscription.quantity, interval) + seats


def _grace_end(facts: Facts, decision: Decision) -> datetime | None:
    return grace_ends_at(facts) if decision.standing is Standing.GRACE else None


def _trial_end(
    account: BillingAccount, subscription: Subscription | None, decision: Decision
) -> datetime | None:
    if decision.standing is not Standing.TRIAL:
        return None
    ends = (account.trial_ends_at, subscription.trial_ends_at if subscription else None)
    return max((at for at in ends if at), default=None)


def _offers(
    account: BillingAccount,
    interval: Interval,
    quantity: int,
    subscription: Subscription | None,
    in_use: Used,
) -> list[Offer]:
    now = (
        (subscription.step, subscription.interval) if subscription and not subscription.is_over else ("", "")
    )
    return [
        Offer(
            step, step.amount_minor(quantity, interval), step.unit_minor(quantity, interval),
            (step.code, interval) == now, step is in_use.fitting,
        )
        for step in plans.on_sale(to_agency=account.agency_id is not None)
    ]  # fmt: skip


@dataclass(frozen=True)
class Client:
    """A seller of an agency on its billing and usage pages."""

    seller: Seller
    standing: str
    standing_title: str
    is_ours: bool  # the agency pays
    trial_ends_at: datetime | None
    counted: int
    forecast: int
    last_month: int | None
    details: dict[str, int]


def clients(account: BillingAccount, sellers: list[Seller], month: date | None = None) -> list[Client]:
    """In the month that begins so, or in the one each seller is in; who pays and may send is as of now. Two queries, however
    many sellers."""
    rows = {
        r.seller_id: r
        for r in SellerEntitlement.objects.filter(seller__in=sellers).select_related("seller__billing")
    }
    months = _months(sellers, month)
    return [_client(account, s, rows.get(s.pk), months.get(s.pk, {}), month) for s in sellers]


def _months(sellers: list[Seller], month: date | None) -> dict[int, dict[date, SellerUsage]]:
    """A seller's clock may be in the month before or after ours."""
    found: dict[int, dict[date, SellerUsage]] = {}
    middle = month or timezone.now().date().replace(day=1)
    span = (counting.previous(counting.previous(middle)), middle + timedelta(days=32))
    for row in SellerUsage.objects.filter(seller__in=sellers, month__range=span):
        found.setdefault(row.seller_id, {})[row.month] = row
    return found


def _client(
    account: BillingAccount,
    seller: Seller,
    row: SellerEntitlement | None,
    months: dict[date, SellerUsage],
    month: date | None,
) -> Client:
    now = timezone.now()
    present = usage.month_of(now, seller.timezone)
    first = month or present.first
    this, last = months.get(first), months.get(counting.previous(first))
    counted, last_counted = this.counted if this else 0, last.counted if last else None
    place = Standing(row.standing) if row else Standing.TRIAL
    own: BillingAccount | None = cast(Any, row.seller).billing if row else None
    is_ours = row is not None and row.payer_id == account.pk
    trial = own.trial_ends_at if own and place is Standing.TRIAL and not is_ours else None
    gone = present.share_gone(now) if first == present.first else 1.0
    return Client(
        seller, place, STANDING_TITLES[place], is_ours, trial, counted, usage.forecast(counted, gone, last_counted),
        last_counted, this.details if this else {},
    )  # fmt: skip


def months_of(sellers: QuerySet[Seller]) -> list[date]:
    """The months there is something to see of, newest first: this one and up to twelve before."""
    rows = SellerUsage.objects.filter(seller__in=sellers).values_list("month", flat=True).distinct()
    return sorted({timezone.now().date().replace(day=1), *rows}, reverse=True)[:13]
