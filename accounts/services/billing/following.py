"""What must follow without anybody asking: a client left, somebody else pays now. Nothing here ever raises what is paid.

Each is tried at once and again each night (sweeping.py), so a Stripe that was away costs a day at most.
"""

import logging
from collections.abc import Iterable

from accounts.models import BillingAccount, Seller, SellerEntitlement, Subscription
from accounts.services import audit
from accounts.services.billing import applying, buying, standing
from accounts.services.billing.stripe_api import Away, NotSetUp, Refused, speaking

_log = logging.getLogger(__name__)


def follow(account: BillingAccount) -> None:
    """Raises Away, Refused."""
    follow_quantity(account)
    follow_payer(account)


def follow_quietly(account: BillingAccount) -> None:
    """Where Stripe does not answer the night does it."""
    try:
        follow(account)
    except (Away, Refused, NotSetUp) as problem:
        _log.warning("What %s pays could not follow yet: %s", account, problem)


def follow_quantity(account: BillingAccount) -> bool:
    """Fewer clients or members than are paid for: tell Stripe, with a credit. Raises Away, Refused."""
    found = standing.current_subscription(account)
    if found is None or found.is_over or not found.item_id or account.agency_id is None:
        return False
    quantity = min(found.quantity, buying.quantity_of(account))
    seats = min(found.extra_seats, buying.seats_of(account))
    if (quantity, seats) == (found.quantity, found.extra_seats):
        return False
    params = {"items": _items(found, quantity, seats), "proration_behavior": "always_invoice"}
    with speaking() as api:
        api.subscriptions.update(found.stripe_id, params)
    audit.record(
        "billing.quantity_lowered", agency=account.agency, target=found.step, before=found.quantity,
        after=quantity, seats=seats,
    )  # fmt: skip
    applying.look(account)
    return True


def _items(found: Subscription, quantity: int, seats: int) -> list[dict[str, object]]:
    items: list[dict[str, object]] = [{"id": found.item_id, "quantity": quantity}]
    if seats != found.extra_seats:
        seat: dict[str, object] = {"quantity": seats} if seats else {"deleted": True}
        items.append({"id": found.seat_item_id, **seat})
    return items


def follow_payer(account: BillingAccount) -> bool:
    """Another pays for the seller now: its own plan runs out with what is paid, so that no month is paid for twice.

    Raises Away, Refused."""
    found = standing.current_subscription(account)
    if found is None or found.status not in buying.ALIVE or found.cancel_at or not _is_paid_for(account):
        return False
    with speaking() as api:
        api.subscriptions.update(found.stripe_id, {"cancel_at_period_end": True})
    audit.record("billing.own_plan_ends", seller=account.seller, target=found.step)
    applying.look(account)
    return True


def _is_paid_for(account: BillingAccount) -> bool:
    if account.seller_id is None:
        return False
    return SellerEntitlement.objects.filter(seller=account.seller_id).exclude(payer=account).exists()


def follow_payers_of(sellers: Iterable[Seller]) -> None:
    accounts = BillingAccount.objects.filter(seller__in=list(sellers), customer__isnull=False)
    for account in accounts.select_related("seller", "agency"):
        follow_quietly(account)
