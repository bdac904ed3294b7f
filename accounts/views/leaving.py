"""A seller leaves its agency: what stays, what changes, and then it is done."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.access import requires
from accounts.billing import plans
from accounts.models import Agency, Seller, User
from accounts.reach import agency_for, seller_for
from accounts.roles import Permission
from accounts.services import agencies


@require_http_methods(["GET", "POST"])
@requires(Permission.MEMBERS)
def leave_agency(request: Any) -> HttpResponse:
    """By an owner of either. It can not be taken back here, so it is shown first."""
    seller: Seller = request.seller
    agency = seller.agency
    if agency is None:
        messages.info(request, f"{seller.name} belongs to no agency.")
        return redirect("team", seller=seller.slug)
    if request.method == "POST":
        try:
            agencies.release_seller(seller, cast(User, request.user))
        except ValidationError as problem:
            messages.error(request, " ".join(problem.messages))
            return redirect("team", seller=seller.slug)
        messages.success(request, f"{seller.name} has left {agency.name}. Everything it has is still here.")
        return _to_where_one_still_is(request, seller, agency)
    people = agency.memberships.count()
    context = {"agency_left": agency, "people": people, "trial_days": plans.TRIAL.days}
    return render(request, "accounts/leave_agency.html", context)


def _to_where_one_still_is(request: Any, seller: Seller, agency: Agency) -> HttpResponse:
    if seller_for(request.user, seller.slug):
        return redirect("team", seller=seller.slug)
    return (
        redirect("agency", agency=agency.slug)
        if agency_for(request.user, agency.slug)
        else redirect("places")
    )
