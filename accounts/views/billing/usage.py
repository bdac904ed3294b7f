"""What a seller used this month, what is forecast, and what cost nothing."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import requires
from accounts.billing import plans, usage
from accounts.models import SellerUsage
from accounts.roles import Permission
from accounts.services.billing import showing
from accounts.views.billing.exporting import csv_of
from accounts.views.billing.plan import account_of, address

#: Keys of SellerUsage.details, as people read them, beside what is never charged.
FREE = (
    ("amazon", "Amazon's own review requests", "Amazon writes and sends them: on every plan, without limit."),
    ("further", "Further messages about an order", "An order counts once, with its first message."),
    ("blocked", "Messages that a rule blocked", "Nothing left, so nothing counts."),
    ("opted_out", "Buyers who opted out", "Also where Amazon tells of the wish only afterwards."),
    ("reviews", "Texts reviewed by a person", "However often you submit."),
)


@require_GET
@requires(Permission.VIEW)
def seller_usage(request: Any) -> HttpResponse:
    account = account_of(request)
    payer = showing.payer_of(account)
    month = usage.month_of(timezone.now(), request.seller.timezone)
    rows = list(SellerUsage.objects.filter(seller=request.seller).order_by("-month")[:13])
    this = next((row for row in rows if row.month == month.first), None)
    details = this.details if this else {}
    context = {
        "month": month, "this": this, "counted": this.counted if this else 0,
        "past": [r for r in rows if r.month != month.first],
        "used": showing.used_by(account, payer), "payer": payer, "is_own": payer.pk == account.pk,
        "billing_url": address(request, "billing"), "free_plan": plans.FREE,
        "free": [(title, why, details.get(key, 0)) for key, title, why in FREE],
        "days_left": (month.ends_at - timezone.now()).days + 1,
    }  # fmt: skip
    return render(request, "accounts/billing/usage.html", context)


COLUMNS = ("month", "orders counted", "over the step", "own messages", *(key for key, _, _ in FREE))


@require_GET
@requires(Permission.VIEW)
def usage_csv(request: Any) -> HttpResponse:
    """Every month there is, newest first."""
    rows = SellerUsage.objects.filter(seller=request.seller).order_by("-month")
    lines = (
        [
            f"{row.month:%Y-%m}",
            row.counted,
            "yes" if row.went_over else "no",
            *(row.details.get(key, 0) for key in _KEYS),
        ]
        for row in rows
    )
    return csv_of(f"usage-{request.seller.slug}", COLUMNS, lines)


_KEYS = ("own", *(key for key, _, _ in FREE))
