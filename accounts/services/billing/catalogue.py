"""The plans at Stripe: Products and Prices made or brought up to date, and found again by their keys."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from accounts.billing import plans
from accounts.billing.plans import Interval, Plan, Step
from accounts.models import PlanPrice
from accounts.services.billing.stripe_api import Refused, speaking

#: Stripe's tax code of software as a service, business use (as third parties quote it; compare with
#: docs.stripe.com/tax/tax-codes before switching Stripe Tax on).
_TAX_CODE = "txcd_10103001"


class NotSynced(Exception):
    """A price is not at Stripe yet: run `manage.py sync_plans`."""


@dataclass(frozen=True)
class Synced:
    """What one price needed: "there", "made", or "replaced" (a Price's amount can not change; subscribers keep the old)."""

    lookup_key: str
    did: str


def sync() -> Iterator[Synced]:
    """Safe to repeat and to interrupt. Raises stripe_api.Away, Refused."""
    products: dict[Plan, str] = {plan: _product(plan) for plan in Plan if plan is not Plan.FREE}
    for step, interval in plans.sold():
        yield _price(step, interval, products[step.plan])


def price_id(step: Step, interval: Interval) -> str:
    """Raises NotSynced."""
    found = PlanPrice.objects.filter(lookup_key=plans.lookup_key(step, interval)).first()
    if found is None:
        raise NotSynced(f"{step.title} is not on sale yet. Operator: run `manage.py sync_plans`.")
    return found.stripe_price_id


def _product(plan: Plan) -> str:
    """By an id of our own, so that a second run finds it."""
    product_id, name = f"permitted-{plan}", f"Permitted {plan.title}"
    try:
        with speaking() as api:
            found = api.products.retrieve(product_id)
            if found.name != name or not found.active:
                api.products.update(product_id, {"name": name, "active": True})
    except Refused:
        with speaking() as api:
            api.products.create({"id": product_id, "name": name, "tax_code": _TAX_CODE})
    return product_id


def _price(step: Step, interval: Interval, product: str) -> Synced:
    key = plans.lookup_key(step, interval)
    with speaking() as api:
        known = api.prices.list({"lookup_keys": [key], "active": True, "expand": ["data.tiers"]}).data
        if known and _asks_the_same(known[0].to_dict(), step, interval):
            price, did = known[0], "there"
        else:
            price = api.prices.create(_wanted(step, interval, product, key))
            did = "replaced" if known else "made"
            for old in known:
                api.prices.update(old.id, {"active": False})
    _remember(key, price.id, product)
    return Synced(key, did)


def _remember(key: str, price: str, product: str) -> None:
    values = {"stripe_price_id": price, "stripe_product_id": product, "synced_at": timezone.now()}
    PlanPrice.objects.update_or_create(lookup_key=key, defaults=values)


def _wanted(step: Step, interval: Interval, product: str, key: str) -> dict[str, Any]:
    months = plans.months_paid(interval)
    common = {
        "product": product, "currency": plans.CURRENCY.lower(), "recurring": {"interval": str(interval)},
        "lookup_key": key, "transfer_lookup_key": True, "tax_behavior": "exclusive",
        "nickname": f"{_name(step)}, {interval}ly",
        "metadata": {"step": step.code, "audience": _audience(step)},
    }  # fmt: skip
    if not step.is_volume:
        return {**common, "unit_amount": step.tiers[0].unit_minor * months}
    tiers = [{"up_to": t.up_to or "inf", "unit_amount": t.unit_minor * months} for t in step.tiers]
    return {**common, "billing_scheme": "tiered", "tiers_mode": "volume", "tiers": tiers}


def _name(step: Step) -> str:
    return "Seat" if step is plans.SEAT else step.title


def _audience(step: Step) -> str:
    if step is plans.SEAT:
        return "seat"
    return "agency" if step.plan is Plan.AGENCY else "seller"


def _asks_the_same(price: dict[str, Any], step: Step, interval: Interval) -> bool:
    months = plans.months_paid(interval)
    if not step.is_volume:
        return bool(price["unit_amount"] == step.tiers[0].unit_minor * months)
    have = [(t["up_to"], t["unit_amount"]) for t in price.get("tiers") or []]
    return have == [(t.up_to, t.unit_minor * months) for t in step.tiers]
