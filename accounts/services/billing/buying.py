"""The first purchase: a customer at Stripe, its checkout page, its portal page."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.billing import plans
from accounts.billing.entitlements import Status
from accounts.billing.plans import Interval, Step
from accounts.models import BillingAccount, Membership, SellerEntitlement, StripeCustomer, User
from accounts.services import audit
from accounts.services.billing import applying, catalogue, notices, standing
from accounts.services.billing.stripe_api import speaking

#: Stripe takes no trial that ends sooner (stripe-python 16.1's own documentation, read 2026-11-25).
SHORTEST_TRIAL = timedelta(hours=48, minutes=5)
LONGEST_TRIAL = timedelta(days=700)  # it takes two years
ALIVE = frozenset({Status.TRIALING, Status.ACTIVE, Status.PAST_DUE, Status.UNPAID, Status.PAUSED})


def customer_of(account: BillingAccount) -> StripeCustomer:
    """Made at Stripe when first needed; the key makes a repeated call the same customer. Raises Away, Refused."""
    known = StripeCustomer.objects.filter(account=account).first()
    if known:
        return known
    facts = {
        "name": account.place.name,
        "email": next(iter(notices.payers_of(account)), ""),
        "metadata": {"account": str(account.public_id)},
    }
    with speaking() as api:
        made = api.customers.create(facts, {"idempotency_key": f"customer-{account.public_id}"})
    found, _ = StripeCustomer.objects.get_or_create(
        account=account, defaults={"stripe_id": made.id, "name": account.place.name[:200]}
    )
    return found


def step_to_buy(account: BillingAccount, code: str) -> Step:
    """Raises ValidationError where it is not on sale to this payer."""
    offered = {step.code: step for step in plans.on_sale(to_agency=account.agency_id is not None)}
    if code not in offered:
        raise ValidationError({"step": "This plan is not on sale here. Choose one from the list."})
    return offered[code]


def interval_from(value: str) -> Interval:
    """Raises ValidationError."""
    try:
        return Interval(value)
    except ValueError:
        raise ValidationError({"interval": "Choose monthly or yearly."}) from None


def quantity_of(account: BillingAccount) -> int:
    """How many sellers the account pays for; at least one is bought."""
    return max(1, SellerEntitlement.objects.filter(payer=account, seller__state="ready").count())


def seats_of(account: BillingAccount) -> int:
    """Members of an agency beyond those its plan includes."""
    return (
        plans.extra_seats(Membership.objects.filter(agency=account.agency).count())
        if account.agency_id
        else 0
    )


def has_bought(account: BillingAccount) -> bool:
    """Whether there is something to change instead of something to buy."""
    subscription = standing.current_subscription(account)
    return subscription is not None and subscription.status in ALIVE


def checkout(account: BillingAccount, step: Step, interval: Interval, actor: User, back: str) -> str:
    """The address of Stripe's page. `back` is our page's; what is left of the trial stays free.

    Raises ValidationError, Away, Refused, catalogue.NotSynced."""
    _refuse_paid_for(account)
    applying.refresh(account)  # what was paid in another tab a moment ago may not have rung yet
    if has_bought(account):
        raise ValidationError("There is a plan already: change it instead of buying a second one.")
    customer = customer_of(account)
    with speaking() as api:
        _close_pages(api, customer)
        session = api.checkout.sessions.create(_session(account, customer, step, interval, back))
    audit.record(
        "billing.checkout_opened",
        actor,
        seller=account.seller,
        agency=account.agency,
        target=step.code,
        interval=interval,
    )
    return str(session.url)


def _close_pages(api: Any, customer: StripeCustomer) -> None:
    """Those left open in another tab: two pages that can both be paid make two plans."""
    for page in api.checkout.sessions.list(
        {"customer": customer.stripe_id, "status": "open", "limit": 100}
    ).data:
        api.checkout.sessions.expire(page.id)


def _refuse_paid_for(account: BillingAccount) -> None:
    row = SellerEntitlement.objects.select_related("payer__agency").filter(seller=account.seller_id).first()
    if row and row.payer_id != account.pk:
        raise ValidationError(f"{row.payer} pays for this seller. Ask it to let you pay yourself.")


def _session(
    account: BillingAccount, customer: StripeCustomer, step: Step, interval: Interval, back: str
) -> dict[str, Any]:
    data: dict[str, Any] = {"metadata": {"account": str(account.public_id)}}
    if trial_end := trial_left(account, timezone.now()):
        data["trial_end"] = int(trial_end.timestamp())
    return {
        "mode": "subscription", "customer": customer.stripe_id, "line_items": _lines(account, step, interval),
        "success_url": f"{back}bought/?session={{CHECKOUT_SESSION_ID}}", "cancel_url": back,
        "client_reference_id": str(account.public_id), "allow_promotion_codes": True,
        "tax_id_collection": {"enabled": True}, "customer_update": {"name": "auto", "address": "auto"},
        "automatic_tax": {"enabled": settings.STRIPE_TAX}, "subscription_data": data,
    }  # fmt: skip


def _lines(account: BillingAccount, step: Step, interval: Interval) -> list[dict[str, Any]]:
    lines = [{"price": catalogue.price_id(step, interval), "quantity": quantity_of(account)}]
    if seats := seats_of(account):
        lines.append({"price": catalogue.price_id(plans.SEAT, interval), "quantity": seats})
    return lines


def trial_left(account: BillingAccount, now: datetime) -> datetime | None:
    """The end of the trial, or of what the operator gave, where Stripe can still be told of it."""
    ends_at = max((at for at in (account.trial_ends_at, account.comped_until) if at), default=None)
    return min(ends_at, now + LONGEST_TRIAL) if ends_at and ends_at > now + SHORTEST_TRIAL else None


def portal(account: BillingAccount, back: str, *, only_card: bool = False) -> str:
    """The address of Stripe's own page for this customer. Raises Away, Refused."""
    wanted: dict[str, Any] = {"customer": customer_of(account).stripe_id, "return_url": back}
    if only_card:
        done = {"type": "redirect", "redirect": {"return_url": back}}
        wanted["flow_data"] = {"type": "payment_method_update", "after_completion": done}
    with speaking() as api:
        return str(api.billing_portal.sessions.create(wanted).url)
