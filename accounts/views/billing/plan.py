"""Plan and payment, of a seller or of an agency: the same pages, the place comes from the address."""

from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import requires
from accounts.billing import plans
from accounts.billing.plans import Interval
from accounts.models import BillingAccount, PlanChange, Seller, User
from accounts.roles import Permission
from accounts.services.billing import applying, buying, catalogue, changing, opening, showing
from accounts.services.billing.stripe_api import Away, NotSetUp, Refused

#: What can go wrong when Stripe is asked; each has words for people, and nothing was changed.
PROBLEMS = (ValidationError, Away, Refused, NotSetUp, catalogue.NotSynced)


def account_of(request: Any) -> BillingAccount:
    """The place's own account; made where a crash left none."""
    place = request.seller or request.agency
    found = BillingAccount.objects.filter(seller=request.seller, agency=request.agency).select_related(
        "seller", "agency"
    )
    account = found.first() if request.seller is None or request.agency is None else None
    if account is None:
        account = opening.open_seller(place) if request.seller else opening.open_agency(place)
    return account


def address(request: Any, name: str, **kwargs: Any) -> str:
    """Of a page of this place."""
    if request.seller:
        return reverse(name, kwargs={"seller": request.seller.slug, **kwargs})
    return reverse(f"agency_{name}", kwargs={"agency": request.agency.slug, **kwargs})


def absolute(request: Any, name: str) -> str:
    return settings.SITE_URL.rstrip("/") + address(request, name)


def trying(request: Any, act: Callable[[], HttpResponse]) -> HttpResponse:
    """What went wrong is said on the billing page."""
    try:
        return act()
    except PROBLEMS as problem:
        words = " ".join(problem.messages) if isinstance(problem, ValidationError) else str(problem)
        messages.error(request, words)
        return redirect(address(request, "billing"))


def user_of(request: HttpRequest) -> User:
    return cast(User, request.user)


@require_GET
@requires(Permission.BILLING)
def billing(request: HttpRequest) -> HttpResponse:
    account = account_of(request)
    interval = Interval.YEAR if request.GET.get("interval") == "year" else Interval.MONTH
    page = showing.plan_page(account, interval, request.GET)
    context: dict[str, Any] = {"page": page, "urls": _urls(request), "currency": plans.CURRENCY}
    if account.agency:
        sellers = account.agency.sellers.exclude(state="closed").order_by("name")
        context["clients"] = showing.clients(account, list(sellers[:200]))
        context["included_seats"] = plans.INCLUDED_SEATS
    return render(request, "accounts/billing/plan.html", context)


def _urls(request: Any) -> dict[str, str]:
    names = (
        "billing",
        "billing_buy",
        "billing_change",
        "billing_cancel",
        "billing_resume",
        "billing_portal",
        "usage",
    )
    return {name: address(request, name) for name in names}


def _chosen(request: HttpRequest, account: BillingAccount) -> tuple[plans.Step, Interval]:
    step = buying.step_to_buy(account, request.POST.get("step", ""))
    return step, buying.interval_from(request.POST.get("interval", ""))


@require_POST
@requires(Permission.BILLING)
def buy(request: HttpRequest) -> HttpResponse:
    account = account_of(request)

    def act() -> HttpResponse:
        step, interval = _chosen(request, account)
        return redirect(
            buying.checkout(account, step, interval, user_of(request), absolute(request, "billing"))
        )

    return trying(request, act)


@require_GET
@requires(Permission.BILLING)
def bought(request: HttpRequest) -> HttpResponse:
    """Back from the checkout page. The webhook may be on its way still, so it is looked up."""

    def act() -> HttpResponse:
        account = account_of(request)
        applying.refresh(account)
        page = showing.plan_page(account, Interval.MONTH)
        if page.step:
            messages.success(request, f"Thank you. Your plan: {page.step.title}.")
        else:
            messages.info(
                request, "The payment is still being confirmed. This page shows it as soon as it is."
            )
        return redirect(address(request, "billing"))

    return trying(request, act)


@require_POST
@requires(Permission.BILLING)
def change(request: HttpRequest) -> HttpResponse:
    """Look at the price first."""
    account = account_of(request)

    def act() -> HttpResponse:
        step, interval = _chosen(request, account)
        shown = changing.preview(account, changing.to_step(account, step, interval), user_of(request))
        return redirect(address(request, "billing_confirm", change=shown.public_id))

    return trying(request, act)


@require_http_methods(["GET", "POST"])
@requires(Permission.BILLING)
def confirm(request: HttpRequest, change: Any) -> HttpResponse:
    account = account_of(request)

    def act() -> HttpResponse:
        found = changing.find(account, change)
        if request.method == "POST":
            changing.confirm(found, user_of(request))
            messages.success(request, f"Done: {plans.find(found.step).title}.")
            return redirect(address(request, "billing"))
        page = showing.plan_page(account, Interval(found.interval))
        context = {"change": found, "step": plans.find(found.step), "page": page, "currency": plans.CURRENCY}
        step = plans.find(found.step)
        next_minor = step.amount_minor(found.quantity, Interval(found.interval))
        next_minor += plans.SEAT.amount_minor(found.extra_seats, Interval(found.interval))
        return render(
            request,
            "accounts/billing/confirm.html",
            {**context, **_moves(found), "next_minor": next_minor, "urls": _urls(request)},
        )

    return trying(request, act)


def _moves(change: PlanChange) -> dict[str, list[Seller]]:
    """Whom the agency pays for from then on, and whom no longer."""
    sellers = Seller.objects.in_bulk([pk for ids in change.payers.values() for pk in ids])
    return {
        name: [sellers[pk] for pk in change.payers.get(key, []) if pk in sellers]
        for name, key in (("comes", "take_in"), ("goes", "let_go"))
    }


@require_POST
@requires(Permission.BILLING)
def cancel(request: HttpRequest) -> HttpResponse:
    def act() -> HttpResponse:
        ended = changing.cancel(account_of(request), user_of(request))
        until = f"{ended.cancel_at:%-d %B %Y}" if ended.cancel_at else "the end of the paid period"
        messages.success(
            request,
            f"Cancelled: the plan ends on {until}. Until then nothing changes, and you can take it back.",
        )
        return redirect(address(request, "billing"))

    return trying(request, act)


@require_POST
@requires(Permission.BILLING)
def resume(request: HttpRequest) -> HttpResponse:
    def act() -> HttpResponse:
        changing.resume(account_of(request), user_of(request))
        messages.success(request, "The plan goes on as before.")
        return redirect(address(request, "billing"))

    return trying(request, act)


@require_POST
@requires(Permission.BILLING)
def portal(request: HttpRequest) -> HttpResponse:
    """Card, tax id and invoices stand at Stripe; `only=card` opens the card's form alone."""

    def act() -> HttpResponse:
        only_card = request.POST.get("only") == "card"
        back = absolute(request, "billing_bought" if only_card else "billing")
        return redirect(buying.portal(account_of(request), back, only_card=only_card))

    return trying(request, act)
