"""Who pays for an agency's clients, and what each of them uses."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.access import requires
from accounts.billing import plans
from accounts.billing import usage as usage_of
from accounts.models import BillingAccount, Seller
from accounts.paging import page_of, searched
from accounts.reach import sellers_of
from accounts.roles import Permission
from accounts.services.billing import buying, changing, counting, following, showing
from accounts.services.billing.showing import Client
from accounts.views.billing.exporting import csv_of
from accounts.views.billing.plan import account_of, address, trying, user_of


@require_POST
@requires(Permission.BILLING)
def payers(request: HttpRequest) -> HttpResponse:
    """`take_in` and `let_go` name sellers by slug; `all` is "agency" or "clients". What costs is shown before it is done."""
    account = account_of(request)

    def act() -> HttpResponse:
        take_in, let_go = _wanted(request, account)
        if not take_in and not let_go:
            raise ValidationError("Nothing to change: they are paid for so already.")
        if buying.has_bought(account):
            shown = changing.preview(account, changing.to_payers(account, take_in, let_go), user_of(request))
            return redirect(address(request, "billing_confirm", change=shown.public_id))
        _move(account, take_in, let_go, request)
        return redirect(address(request, "billing"))

    return trying(request, act)


def _wanted(request: HttpRequest, account: BillingAccount) -> tuple[list[Seller], list[Seller]]:
    ours = Seller.objects.filter(agency=account.agency).exclude(state=Seller.State.CLOSED)
    paid = ours.filter(entitlement__payer=account)
    match request.POST.get("all"):
        case "agency":
            return list(ours.exclude(pk__in=paid)), []
        case "clients":
            return [], list(paid)
    named = {name: request.POST.getlist(name) for name in ("take_in", "let_go")}
    return (
        list(ours.filter(slug__in=named["take_in"]).exclude(pk__in=paid)),
        list(paid.filter(slug__in=named["let_go"])),
    )


def _move(account: BillingAccount, take_in: list[Seller], let_go: list[Seller], request: HttpRequest) -> None:
    """Without a plan there is nothing to pay, so nothing to show first; it can be turned back at any time."""
    ids = [seller.pk for seller in take_in], [seller.pk for seller in let_go]
    with transaction.atomic():
        changing.move_payers(account, *ids, user_of(request))
        counting.weigh(account)
    following.follow_payers_of(take_in)
    said = [f"{account} pays for {_names(take_in)}."] if take_in else []
    said += (
        [f"{_names(let_go)}: pays itself from now on, with a trial of its own where it had none."]
        if let_go
        else []
    )
    messages.success(request, " ".join(said))


def _names(sellers: list[Seller]) -> str:
    names = [seller.name for seller in sellers]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


@require_GET
@requires(Permission.AGENCY_VIEW)
def usage(request: HttpRequest) -> HttpResponse:
    account, wanted = account_of(request), searched(request.GET, "q")["q"]
    rows, month = _sellers(request), usage_of.month_named(request.GET.get("month", ""))
    found = page_of(rows.filter(name__icontains=wanted) if wanted else rows, "created_at", request.GET)
    months = showing.months_of(rows)
    shown = month or months[0]
    context = {
        "page": found, "wanted": wanted, "clients": showing.clients(account, found.items, month), "used": showing.used(account),
        "month": shown, "months": months, "is_now": shown == timezone.now().date().replace(day=1),
        "never_charged": plans.NEVER_CHARGED, "quantity": buying.quantity_of(account),
    }  # fmt: skip
    return render(request, "accounts/billing/agency_usage.html", context)


def _sellers(request: Any) -> Any:
    return sellers_of(user_of(request)).filter(agency=request.agency)


COLUMNS = (
    "month", "seller", "paid by", "state", "orders counted", "forecast", "month before", "own messages", "amazon requests",
    "blocked", "opted out",
)  # fmt: skip


@require_GET
@requires(Permission.AGENCY_VIEW)
def usage_csv(request: Any) -> HttpResponse:
    """Every client in one month: `month` is 2026-10; without it this one."""
    month = usage_of.month_named(request.GET.get("month", ""))
    told = month or timezone.now().date().replace(day=1)
    found = showing.clients(account_of(request), list(_sellers(request)[:5_000]), month)
    return csv_of(
        f"usage-{request.agency.slug}-{told:%Y-%m}", COLUMNS, (_line(told, client) for client in found)
    )


def _line(month: date, client: Client) -> list[Any]:
    last = client.last_month if client.last_month is not None else ""
    details = [client.details.get(name, 0) for name in ("own", "amazon", "blocked", "opted_out")]
    payer = "agency" if client.is_ours else "client"
    return [
        f"{month:%Y-%m}", client.seller.name, payer, client.standing_title, client.counted, client.forecast, last, *details,
    ]  # fmt: skip
