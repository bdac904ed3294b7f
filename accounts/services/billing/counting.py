"""What was used: stored as campaigns counts it, weighed against the payer's step, told at 80 and 100 percent."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Count, Q, Sum
from django.utils import timezone

from accounts import due
from accounts.billing import plans, usage
from accounts.billing.entitlements import Standing, Status, decide
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
    #: As it was stored, when it was weighed last.
    is_marked_over: bool = False


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
    subscription = standing.current_subscription(account)
    decision = decide(standing.facts_from(account, subscription), timezone.now())
    if decision.standing not in _LIMITED:
        return None, 0
    if decision.standing is Standing.FREE or subscription is None:
        return plans.FREE, 1
    if subscription.status not in {Status.ACTIVE, Status.PAST_DUE} or not subscription.step:
        return None, 0
    try:
        return plans.find(subscription.step), subscription.quantity
    except plans.UnknownStep:
        return None, 0


def weight_of(account: BillingAccount, month: date) -> Weight:
    """Two queries."""
    step, quantity = step_of(account)
    is_this, is_last = Q(month=month), Q(month=previous(month))
    found = SellerUsage.objects.filter(seller__entitlement__payer=account).aggregate(
        this=Sum("counted", filter=is_this), last=Sum("counted", filter=is_last),
        was_over=Count("pk", filter=is_last & Q(went_over=True)), is_over=Count("pk", filter=is_this & Q(went_over=True)),
    )  # fmt: skip
    limit = step.allowance(quantity) if step else None
    return Weight(step, found["this"] or 0, limit, found["last"], found["was_over"] > 0, found["is_over"] > 0)


def previous(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)


def weigh(account: BillingAccount) -> None:
    """Tell at 80 and 100 percent; hold further texts of the sellers' own where a second month goes over; let them go again."""
    zone = account.seller.timezone if account.seller else "UTC"
    month = usage.month_of(timezone.now(), zone)
    weight = weight_of(account, month.first)
    is_over = usage.is_over(weight.counted, weight.limit)
    if is_over or weight.is_marked_over:  # a larger step takes the mark away again
        covered = SellerUsage.objects.filter(seller__entitlement__payer=account, month=month.first)
        covered.update(went_over=is_over)
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
    if ids := list(held.values_list("pk", flat=True)):
        now = timezone.now()
        due.lower_many(standing.RELEASED, [(pk, now) for pk in ids])
        held.update(own_texts_held_until=None)
