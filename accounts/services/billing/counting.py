"""What was used: stored as campaigns counts it, weighed against the payer's step, told at 80 and 100 percent."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from accounts import due
from accounts.billing import plans, usage
from accounts.billing.entitlements import Standing, Status
from accounts.billing.plans import Step
from accounts.models import BillingAccount, Seller, SellerEntitlement, SellerUsage
from accounts.services.billing import notices, standing

_LIMITED = frozenset({Standing.PAID, Standing.GRACE, Standing.FREE})


@dataclass(frozen=True)
class Weight:
    """What an account's sellers used together in a month, and what its step holds (None: without limit)."""

    step: Step | None
    counted: int
    limit: int | None
    last_month: int | None
    was_over_last_month: bool


def record(seller: Seller, month: date, counted: int, details: dict[str, int]) -> None:
    """What campaigns counted, in the month that begins on `month`; then the payer's step is weighed."""
    values = {"counted": counted, "details": details, "counted_at": timezone.now()}
    with transaction.atomic():
        SellerUsage.objects.update_or_create(seller=seller, month=month, defaults=values)
        row = SellerEntitlement.objects.select_related("payer").filter(seller=seller).first()
        if row:
            weigh(row.payer)


def step_of(account: BillingAccount) -> tuple[Step | None, int]:
    """The step an account is measured by, and for how many sellers; no step where nothing limits it."""
    decision = standing.decision_of(account, timezone.now())
    if decision.standing not in _LIMITED:
        return None, 0
    subscription = standing.current_subscription(account)
    if decision.standing is Standing.FREE or subscription is None:
        return plans.FREE, 1
    if subscription.status not in {Status.ACTIVE, Status.PAST_DUE} or not subscription.step:
        return None, 0
    try:
        return plans.find(subscription.step), subscription.quantity
    except plans.UnknownStep:
        return None, 0


def weight_of(account: BillingAccount, month: date) -> Weight:
    step, quantity = step_of(account)
    covered = SellerUsage.objects.filter(seller__entitlement__payer=account)
    before = covered.filter(month=previous(month))
    return Weight(
        step,
        covered.filter(month=month).aggregate(n=Sum("counted"))["n"] or 0,
        step.allowance(quantity) if step else None,
        before.aggregate(n=Sum("counted"))["n"],
        before.filter(went_over=True).exists(),
    )


def previous(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)


def weigh(account: BillingAccount) -> None:
    """Tell at 80 and 100 percent; hold further texts of the sellers' own where a second month goes over; let them go again."""
    zone = account.seller.timezone if account.seller else "UTC"
    month = usage.month_of(timezone.now(), zone)
    weight = weight_of(account, month.first)
    covered = SellerUsage.objects.filter(seller__entitlement__payer=account, month=month.first)
    # What went over stays so for this month's memory only while the step is the same or smaller.
    covered.update(went_over=usage.is_over(weight.counted, weight.limit))
    holds = usage.holds_own_texts(
        weight.counted, weight.limit, was_over_last_month=weight.was_over_last_month
    )
    _hold_or_free(account, month if holds else None)
    if weight.step and weight.limit:
        for percent in usage.notices_due(weight.counted, weight.limit, ()):
            notices.usage(
                account,
                f"{month.first:%B %Y}",
                percent,
                weight.counted,
                weight.step,
                weight.limit,
                plans.next_step(weight.step),
            )


def _hold_or_free(account: BillingAccount, month: usage.Month | None) -> None:
    rows = SellerEntitlement.objects.filter(payer=account)
    if month:
        rows.exclude(own_texts_held_until=month.ends_at).update(own_texts_held_until=month.ends_at)
        return
    held = rows.filter(own_texts_held_until__isnull=False)
    now = timezone.now()
    due.lower_many(standing.RELEASED, [(pk, now) for pk in held.values_list("pk", flat=True)])
    held.update(own_texts_held_until=None)
