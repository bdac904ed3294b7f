"""What it costs, for anybody: the table that Stripe was told."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import public
from accounts.billing import plans
from accounts.billing.entitlements import GRACE
from accounts.billing.plans import Interval, Step
from accounts.services.billing import stripe_api


@dataclass(frozen=True)
class Row:
    step: Step
    #: Of one seller, for one interval; an agency's, by the number of its sellers (`RANGES`).
    minor: tuple[int, ...]


@public
@require_GET
def pricing(request: HttpRequest) -> HttpResponse:
    interval = Interval.YEAR if request.GET.get("interval") == "year" else Interval.MONTH
    of_agency = plans.on_sale(to_agency=True)
    context: dict[str, Any] = {
        "interval": interval, "currency": plans.CURRENCY, "trial_days": plans.TRIAL.days, "grace_days": GRACE.days,
        "of_seller": _rows((plans.FREE, *plans.on_sale(to_agency=False)), interval), "of_agency": _rows(of_agency, interval),
        "ranges": list(_ranges(of_agency[0])), "seat_minor": plans.SEAT.amount_minor(1, interval),
        "included_seats": plans.INCLUDED_SEATS, "months_free": 12 - plans.MONTHS_IN_YEARLY_PRICE,
        "never_charged": plans.NEVER_CHARGED, "is_set_up": stripe_api.is_set_up(),
    }  # fmt: skip
    return render(request, "accounts/billing/pricing.html", context)


def _rows(steps: tuple[Step, ...], interval: Interval) -> list[Row]:
    months = plans.months_paid(interval)
    return [Row(step, tuple(tier.unit_minor * months for tier in step.tiers)) for step in steps]


def _ranges(step: Step) -> Any:
    """How many sellers each of an agency's prices is for, in words."""
    least = 1
    for tier in step.tiers:
        yield f"{least} to {tier.up_to}" if tier.up_to else f"{least} and more"
        least = (tier.up_to or 0) + 1
