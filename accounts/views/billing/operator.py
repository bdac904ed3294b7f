"""The operator's pages: who pays what, who is given what, and who changed it."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import requires
from accounts.billing import plans
from accounts.billing.entitlements import Status
from accounts.billing.plans import Interval
from accounts.forms import add_errors, posted
from accounts.models import AuditEntry, BillingAccount, RefusedWebhook, StripeEvent, Subscription
from accounts.paging import page_of, searched
from accounts.roles import Permission
from accounts.services.billing import buying, operating, showing, standing, stripe_api
from accounts.services.billing.stripe_api import Away, Refused
from accounts.views.billing import history
from accounts.views.billing.plan import user_of


class GiftForm(forms.Form):
    """`act` says which of the two it is."""

    until = forms.DateField(label="Until", widget=forms.DateInput(attrs={"type": "date"}))
    note = forms.CharField(label="Why", max_length=200, help_text="The audit log keeps it.")


@require_GET
@requires(Permission.OPERATE)
def accounts(request: HttpRequest) -> HttpResponse:
    filters = searched(request.GET, "q", "status")
    page = page_of(_found(filters), "created_at", request.GET)
    now = timezone.now()
    for account in page.items:
        row = getattr(account.seller, "entitlement", None) if account.seller else None
        payer = row.payer if row and row.payer_id != account.pk else None
        account.paid_by = payer  # type: ignore[attr-defined]  # for the table, as what follows
        account.decision = standing.decision_of(payer or account, now)  # type: ignore[attr-defined]
        account.title = showing.STANDING_TITLES[account.decision.standing]  # type: ignore[attr-defined]
        account.bought = standing.current_subscription(account)  # type: ignore[attr-defined]
        account.step = showing.step_of(account.bought)  # type: ignore[attr-defined]
    context = {
        "page": page, "filters": filters, "is_filtered": any(filters.values()), "statuses": _STATUSES,
        "away_since": stripe_api.away_since(), "is_set_up": stripe_api.is_set_up(), **_doorbell(),
    }  # fmt: skip
    return render(request, "accounts/billing/operator_accounts.html", context)


_STATUSES = [(s.value, s.value.replace("_", " ").capitalize()) for s in Status if s is not Status.UNKNOWN] + [
    ("comped", "Covered by us")
]


def _found(filters: dict[str, str]) -> QuerySet[BillingAccount]:
    newest = Subscription.objects.filter(account=OuterRef("pk")).order_by("-created_at").values("status")[:1]
    rows = BillingAccount.objects.annotate(status=Subquery(newest))
    rows = rows.select_related("seller__entitlement__payer__agency", "agency", "customer").prefetch_related(
        "subscriptions", "seller__entitlement__payer__subscriptions"
    )
    if filters["q"]:
        by_name = Q(seller__name__icontains=filters["q"]) | Q(agency__name__icontains=filters["q"])
        rows = rows.filter(
            by_name | Q(customer__stripe_id=filters["q"]) | Q(subscriptions__stripe_id=filters["q"])
        ).distinct()
    match filters["status"]:
        case "":
            return rows
        case "comped":
            return rows.filter(comped_until__gt=timezone.now())
        case Status.NONE:
            return rows.filter(status=None)
        case status:
            return rows.filter(status=status)


def _doorbell() -> dict[str, Any]:
    """How Stripe's events fare."""
    today = timezone.now().date()
    # What came a moment ago is no news: its hint is on the way.
    since = timezone.now() - timedelta(minutes=1)
    waiting = StripeEvent.objects.filter(next_try_at__isnull=False, received_at__lt=since)
    return {
        "waiting": waiting.count(),
        "oldest_waiting": waiting.order_by("received_at").values_list("received_at", flat=True).first(),
        "refused": list(RefusedWebhook.objects.filter(day=today).order_by("-count")),
    }


@require_http_methods(["GET", "POST"])
@requires(Permission.OPERATE)
def account(request: HttpRequest, account: Any) -> HttpResponse:
    found = get_object_or_404(BillingAccount.objects.select_related("seller", "agency"), public_id=account)
    form = GiftForm(posted(request))
    if request.method == "POST":
        if request.POST.get("act") == "end_comp":
            _end_comp(request, found)
            return redirect("operator_account", account=found.public_id)
        if form.is_valid() and _gave(request, found, form):
            return redirect("operator_account", account=found.public_id)
    return render(
        request,
        "accounts/billing/operator_account.html",
        _shown(request, found, form),
        status=422 if form.errors else 200,
    )


def _end_comp(request: HttpRequest, found: BillingAccount) -> None:
    try:
        operating.comp(found, None, "", user_of(request))
        messages.success(request, f"{found} is no longer covered.")
    except (Away, Refused) as problem:
        messages.error(request, str(problem))


def _gave(request: HttpRequest, found: BillingAccount, form: GiftForm) -> bool:
    until, note = _end_of(form.cleaned_data["until"], found), form.cleaned_data["note"]
    try:
        if request.POST.get("act") == "trial":
            operating.extend_trial(found, until, note, user_of(request))
            messages.success(request, f"The trial of {found} runs until {until:%-d %B %Y}.")
        else:
            operating.comp(found, until, note, user_of(request))
            messages.success(request, f"{found} is covered until {until:%-d %B %Y}.")
    except ValidationError as problem:
        add_errors(form, problem)
        return False
    except (Away, Refused) as problem:
        messages.error(request, str(problem))
        return False
    return True


def _end_of(day: Any, found: BillingAccount) -> datetime:
    zone = found.seller.timezone if found.seller else "UTC"
    return datetime.combine(day, time(23, 59, 59), ZoneInfo(zone))


def _shown(request: HttpRequest, found: BillingAccount, form: GiftForm) -> dict[str, Any]:
    where = Q(seller=found.seller) if found.seller else Q(agency=found.agency)
    rows = AuditEntry.objects.filter(where, action__startswith="billing.").select_related("actor")
    entries = page_of(rows, "at", request.GET, size=20)
    return {
        "found": found, "page": showing.plan_page(found, Interval.MONTH), "form": form, "act": request.POST.get("act", ""),
        "plans_at_once": found.subscriptions.filter(status__in=buying.ALIVE).count(), "entries": entries,
        "told": [history.told(entry) for entry in entries.items], "trial_ends_at": operating.trial_end(found),
        "is_comped": found.comped_until is not None and found.comped_until > timezone.now(), "currency": plans.CURRENCY,
    }  # fmt: skip
