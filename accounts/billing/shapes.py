"""What is read off Stripe's objects, as plain values. Pure; takes dicts in the shape of API version 2026-10-28.

The paid period stands on the subscription's items and an invoice's subscription under `parent`, as that version has it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from accounts.billing import plans
from accounts.billing.entitlements import Status

Obj = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CustomerShape:
    stripe_id: str
    name: str
    card: str
    balance_minor: int
    tax_ids: list[str]


@dataclass(frozen=True, slots=True)
class SubscriptionShape:
    """`step` and `item_id` are empty where none of its prices is ours."""

    stripe_id: str
    status: Status
    step: str
    interval: str
    quantity: int
    extra_seats: int
    item_id: str
    seat_item_id: str
    period_ends_at: datetime | None
    trial_ends_at: datetime | None
    cancel_at: datetime | None
    ended_at: datetime | None
    created_at: datetime
    #: In words; the amounts are Stripe's to reckon.
    discount: str = ""


@dataclass(frozen=True, slots=True)
class InvoiceShape:
    stripe_id: str
    subscription_id: str
    number: str
    status: str
    total_minor: int
    due_minor: int
    currency: str
    hosted_url: str
    pdf_url: str
    created_at: datetime
    #: When it was opened and, unpaid, first failed.
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that counts of one customer at one moment. `customer` None: it was deleted."""

    customer: CustomerShape | None
    subscriptions: Sequence[SubscriptionShape] = ()
    invoices: Sequence[InvoiceShape] = ()

    def troubled_since(self, subscription_id: str) -> datetime | None:
        """Since when its oldest open invoice waits."""
        waiting = (i for i in self.invoices if i.status == "open" and i.subscription_id == subscription_id)
        return min((i.opened_at for i in waiting), default=None)


def moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def customer(obj: Obj) -> CustomerShape | None:
    if obj.get("deleted"):
        return None
    method = (obj.get("invoice_settings") or {}).get("default_payment_method")
    card = method.get("card") if isinstance(method, Mapping) else None
    tax_ids = [entry["value"] for entry in (obj.get("tax_ids") or {}).get("data", [])]
    words = f"{card['brand'].title()} ending in {card['last4']}" if card else ""
    return CustomerShape(obj["id"], obj.get("name") or "", words, obj.get("balance") or 0, tax_ids)


def subscription(obj: Obj) -> SubscriptionShape:
    items = {_step(item): item for item in obj["items"]["data"]}
    seat = items.pop(plans.SEAT.code, None)
    code = next((code for code in items if code), "")
    item = items.get(code) or next(iter(items.values()), None) or seat
    return SubscriptionShape(
        stripe_id=obj["id"],
        status=Status.read(obj["status"]),
        step=code,
        interval=item["price"]["recurring"]["interval"] if item else "month",
        quantity=item["quantity"] if item else 0,
        extra_seats=seat["quantity"] if seat else 0,
        item_id=item["id"] if item and code else "",
        seat_item_id=seat["id"] if seat else "",
        period_ends_at=moment(item["current_period_end"] if item else None),
        trial_ends_at=moment(obj.get("trial_end")),
        cancel_at=moment(obj.get("cancel_at")),
        ended_at=moment(obj.get("ended_at")),
        created_at=datetime.fromtimestamp(obj["created"], UTC),
        discount=", ".join(filter(None, map(_off, obj.get("discounts") or [])))[:120],
    )


def _off(discount: Any) -> str:
    """Of one that was fetched with its coupon."""
    coupon = discount["source"].get("coupon") if isinstance(discount, Mapping) else None
    if not isinstance(coupon, Mapping):
        return ""
    percent = coupon.get("percent_off")
    off = f"{percent:g} %" if percent else f"{coupon['amount_off'] / 100:,.2f} {coupon['currency'].upper()}"
    end = moment(discount.get("end"))
    return f"{off} off" + (f" until {end:%-d %b %Y}" if end else "")


def _step(item: Obj) -> str:
    """By the key, which moves to a newer price; a price that lost it still says in its metadata what it was for."""
    price = item["price"]
    try:
        return plans.of_lookup_key(price.get("lookup_key") or "")[0].code
    except plans.UnknownStep:
        return str((price.get("metadata") or {}).get("step") or "")


def invoice(obj: Obj) -> InvoiceShape:
    parent = (obj.get("parent") or {}).get("subscription_details") or {}
    opened = (obj.get("status_transitions") or {}).get("finalized_at") or obj["created"]
    return InvoiceShape(
        stripe_id=obj["id"],
        subscription_id=str(parent.get("subscription") or ""),
        number=obj.get("number") or "",
        status=obj.get("status") or "",
        total_minor=obj["total"],
        due_minor=obj["amount_remaining"],
        currency=obj["currency"].upper(),
        hosted_url=obj.get("hosted_invoice_url") or "",
        pdf_url=obj.get("invoice_pdf") or "",
        created_at=datetime.fromtimestamp(obj["created"], UTC),
        opened_at=datetime.fromtimestamp(opened, UTC),
    )
