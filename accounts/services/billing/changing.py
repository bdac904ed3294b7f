"""Changing what was bought: shown with its price first, then done exactly so; cancelled with the period, taken back.

A change that costs is collected at once; where the bank refuses, nothing has changed. One that saves leaves a credit.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.billing import plans
from accounts.billing.plans import Interval, Step
from accounts.models import BillingAccount, PlanChange, Seller, SellerEntitlement, Subscription, User
from accounts.services import audit
from accounts.services.billing import applying, buying, catalogue, following, opening, standing
from accounts.services.billing.stripe_api import Refused, speaking

#: A price that was shown is kept for so long.
SHOWN_FOR = timedelta(hours=1)


@dataclass(frozen=True)
class Wanted:
    """What a subscription is to be."""

    step: Step
    interval: Interval
    quantity: int
    extra_seats: int
    take_in: Sequence[int] = ()
    let_go: Sequence[int] = ()


def subscription_to_change(account: BillingAccount) -> Subscription:
    """Raises ValidationError where there is none that could be changed."""
    found = standing.current_subscription(account)
    if found is None or found.is_over or not found.item_id:
        raise ValidationError("There is no plan to change. Choose one first.")
    if found.status not in {"active", "trialing"}:
        raise ValidationError("An invoice is open: pay it first, then change the plan.")
    return found


def to_step(account: BillingAccount, step: Step, interval: Interval) -> Wanted:
    found = subscription_to_change(account)
    return Wanted(step, interval, max(found.quantity, buying.quantity_of(account)), buying.seats_of(account))


def to_payers(account: BillingAccount, take_in: Collection[Seller], let_go: Collection[Seller]) -> Wanted:
    """An agency pays for these clients from now on, and no longer for those."""
    found = subscription_to_change(account)
    covered = SellerEntitlement.objects.filter(payer=account, seller__state=Seller.State.READY)
    ids = set(covered.values_list("pk", flat=True)) | {s.pk for s in take_in} - {s.pk for s in let_go}
    quantity = max(1, len(ids - {s.pk for s in let_go}))
    return Wanted(
        plans.find(found.step), Interval(found.interval), quantity, buying.seats_of(account),
        [s.pk for s in take_in], [s.pk for s in let_go],
    )  # fmt: skip


def preview(account: BillingAccount, wanted: Wanted, actor: User) -> PlanChange:
    """What it would cost now, to the cent. Raises ValidationError, Away, Refused."""
    found = subscription_to_change(account)
    if _is_the_same(found, wanted) and not wanted.take_in and not wanted.let_go:
        raise ValidationError("That is the plan you have.")
    at = timezone.now().replace(microsecond=0)
    details = {**_change(found, wanted), "proration_date": int(at.timestamp())}
    with speaking() as api:
        told = api.invoices.create_preview({"subscription": found.stripe_id, "subscription_details": details})
    return _keep(account, wanted, told.to_dict(), at, actor)


def _is_the_same(found: Subscription, wanted: Wanted) -> bool:
    now = (found.step, found.interval, found.quantity, found.extra_seats)
    return now == (wanted.step.code, wanted.interval, wanted.quantity, wanted.extra_seats)


def _keep(account: BillingAccount, wanted: Wanted, told: dict[str, Any], at: Any, actor: User) -> PlanChange:
    lines = [[line["description"], line["amount"]] for line in told["lines"]["data"]]
    lines += [["Discount", -off["amount"]] for off in told.get("total_discount_amounts") or []]
    lines += [["Tax", tax["amount"]] for tax in told.get("total_taxes") or [] if tax["amount"]]
    return PlanChange.objects.create(
        account=account, step=wanted.step.code, interval=wanted.interval, quantity=wanted.quantity,
        extra_seats=wanted.extra_seats, payers={"take_in": list(wanted.take_in), "let_go": list(wanted.let_go)},
        prorated_at=at, due_now_minor=told["amount_due"], credit_minor=max(0, -told["total"]), lines=lines, made_by=actor,
    )  # fmt: skip


def _change(found: Subscription, wanted: Wanted) -> dict[str, Any]:
    items: list[dict[str, Any]] = [
        {
            "id": found.item_id,
            "price": catalogue.price_id(wanted.step, wanted.interval),
            "quantity": wanted.quantity,
        }
    ]
    if wanted.extra_seats:
        seat = {"price": catalogue.price_id(plans.SEAT, wanted.interval), "quantity": wanted.extra_seats}
        items.append({**({"id": found.seat_item_id} if found.seat_item_id else {}), **seat})
    elif found.seat_item_id:
        items.append({"id": found.seat_item_id, "deleted": True})
    return {"items": items, "proration_behavior": "always_invoice"}


def find(account: BillingAccount, public_id: Any) -> PlanChange:
    """One that was shown and can still be confirmed. Raises ValidationError."""
    found = PlanChange.objects.filter(account=account, public_id=public_id).first()
    if found is None or (found.done_at is None and found.made_at < timezone.now() - SHOWN_FOR):
        raise ValidationError(
            "This price was shown more than an hour ago. Look at it again before you confirm."
        )
    if found.done_at is None:
        _refuse_overtaken(found)
    return found


def _refuse_overtaken(change: PlanChange) -> None:
    """Its price was reckoned from what was bought then; after another change it would cost something else."""
    others = PlanChange.objects.filter(account=change.account, done_at__gt=change.made_at)
    if others.exclude(pk=change.pk).exists():
        raise ValidationError(
            "The plan was changed since this price was shown. Look at it again before you confirm."
        )


def confirm(change: PlanChange, actor: User) -> PlanChange:
    """Do what was shown. Twice does it once. Raises ValidationError, Away, Refused; then nothing has changed."""
    if change.done_at:
        return change
    _refuse_overtaken(change)
    account, wanted = change.account, _wanted(change)
    found = subscription_to_change(account)
    params = {
        **_change(found, wanted), "proration_date": int(change.prorated_at.timestamp()),
        "payment_behavior": "error_if_incomplete",
    }  # fmt: skip
    try:
        with speaking() as api:
            api.subscriptions.update(found.stripe_id, params, {"idempotency_key": change.key})
    except Refused:
        PlanChange.objects.filter(pk=change.pk).update(refusals=F("refusals") + 1)
        raise
    taken_in = _keep_done(change, found.step, wanted, actor)
    applying.look(account)
    following.follow_payers_of(taken_in)
    change.refresh_from_db()
    return change


def _keep_done(change: PlanChange, before: str, wanted: Wanted, actor: User) -> list[Seller]:
    """Once, also where two confirmed at the same moment (Stripe saw one call). Whom the agency took in."""
    account = change.account
    with transaction.atomic():
        if not PlanChange.objects.filter(pk=change.pk, done_at=None).update(done_at=timezone.now()):
            return []
        audit.record(
            "billing.plan_changed", actor, seller=account.seller, agency=account.agency, target=change.step,
            before=before, quantity=wanted.quantity, due_now_minor=change.due_now_minor,
        )  # fmt: skip
        return move_payers(account, wanted.take_in, wanted.let_go, actor)


def _wanted(change: PlanChange) -> Wanted:
    payers = change.payers
    return Wanted(
        plans.find(change.step), Interval(change.interval), change.quantity, change.extra_seats,
        payers.get("take_in", []), payers.get("let_go", []),
    )  # fmt: skip


def move_payers(
    account: BillingAccount, take_in: Collection[int], let_go: Collection[int], actor: User | None
) -> list[Seller]:
    """Inside the caller's transaction. Whom the agency pays for from now on; their own plans are ended after it
    (`following.follow_payers_of`)."""
    ours = Seller.objects.filter(agency=account.agency)
    taken_in = list(ours.filter(pk__in=take_in))
    for seller in taken_in:
        opening.set_payer(seller, account, actor)
    for seller in ours.filter(pk__in=let_go):
        opening.pay_itself(seller, actor)
    return taken_in


# -- ending and going on


def cancel(account: BillingAccount, actor: User) -> Subscription:
    """With the end of the paid period. Raises ValidationError, Away, Refused."""
    return _set_cancel(account, actor, is_to_end=True)


def resume(account: BillingAccount, actor: User) -> Subscription:
    """Takes a cancellation back while the period runs."""
    return _set_cancel(account, actor, is_to_end=False)


def _set_cancel(account: BillingAccount, actor: User, *, is_to_end: bool) -> Subscription:
    found = standing.current_subscription(account)
    if found is None or found.is_over:
        raise ValidationError("There is no plan that could be cancelled.")
    with speaking() as api:
        api.subscriptions.update(found.stripe_id, {"cancel_at_period_end": is_to_end})
    verb = "billing.cancelled" if is_to_end else "billing.resumed"
    audit.record(verb, actor, seller=account.seller, agency=account.agency, target=found.step)
    applying.look(account)
    found.refresh_from_db()
    return found
