"""The demo's plans: on sale at the sandbox's Stripe, an agency that pays for two sellers, and a seller that pays itself."""

from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts.billing import plans
from accounts.billing.plans import Interval, Step
from accounts.models import Agency, BillingAccount, Seller
from accounts.services.billing import applying, buying, catalogue, inbox, opening
from accounts.services.billing.stripe_api import speaking
from config.demo import control

#: This seller pays itself; the agency pays for its others.
PAYS_ITSELF = "marlow"
_CODE = ("WELCOME20", 20)


def seed(agency: Agency) -> str:
    """Safe to run again. Says what was made."""
    kinds = sorted(inbox.KINDS)
    door = {"url": settings.SITE_URL + reverse("stripe_webhook"), "secret": settings.STRIPE_WEBHOOK_SECRET}
    control.post_stripe("/endpoint", {**door, "enabled_events": kinds})
    made = [price for price in catalogue.sync() if price.did != "there"]
    if made:
        _give_out_a_code()
    own = opening.open_seller(Seller.objects.get(slug=PAYS_ITSELF))
    opening.set_payer(own.place, own, None)
    payers = [(opening.open_agency(agency), plans.find("agency-1500")), (own, plans.find("growth-1500"))]
    return ", ".join(f"{account}: {_subscribe(account, step)}" for account, step in payers)


def notes() -> list[str]:
    site, agency = settings.SITE_URL, "northlight"
    return [
        f"What is paid: {site}{reverse('agency_billing', args=[agency])} (Ada), {site}{reverse('operator_billing')} (Olga)",
        f"The payment service, its time and its faults: {settings.STRIPE_BASE_URL}/",
    ]


def _subscribe(account: BillingAccount, step: Step) -> str:
    """What its owner would do on the checkout page."""
    if not buying.has_bought(account):
        customer = buying.customer_of(account).stripe_id
        with speaking() as api:
            card = api.payment_methods.attach("pm_card_visa", {"customer": customer})
            api.customers.update(customer, {"invoice_settings": {"default_payment_method": card.id}})
            api.subscriptions.create(
                _wanted(customer, account, step), {"idempotency_key": f"demo-{account.public_id}"}
            )
        applying.refresh(account)
    return step.title


def _wanted(customer: str, account: BillingAccount, step: Step) -> dict[str, Any]:
    item = {"price": catalogue.price_id(step, Interval.MONTH), "quantity": buying.quantity_of(account)}
    return {"customer": customer, "items": [item]}


def _give_out_a_code() -> None:
    code, percent = _CODE
    with speaking() as api:
        coupon = api.coupons.create({"percent_off": percent, "duration": "once"})
        api.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon.id}, "code": code})
