"""Where a user belongs: the list, a new seller or agency, an agency's board, and the invitation's door."""

from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts import answers
from accounts.access import login_only, public, requires
from accounts.forms import AgencyForm, SellerForm, add_errors, posted
from accounts.models import Agency, Connection, Membership, Seller, User
from accounts.paging import page_of, searched
from accounts.reach import agencies_of, agency_for, as_operator, seller_for, sellers_of
from accounts.roles import Permission, Role
from accounts.services import agencies, members, provisioning
from accounts.slugs import free_slug
from amazon.regions import MARKETPLACES

_OPEN = ~Q(sellers__state=Seller.State.CLOSED)


@require_GET
@public
def front(request: HttpRequest) -> HttpResponse:
    """The first page: a seller's own, where there is just one; the desk for who only reviews; else the list of places."""
    if not request.user.is_authenticated:
        return redirect("account_login")
    mine = list(sellers_of(_user(request))[:2])
    if len(mine) == 1 and not agencies_of(_user(request)).exists():
        return redirect("home", seller=mine[0].slug)
    if not mine and Permission.REVIEW in as_operator(_user(request)).permissions:
        return redirect("desk")
    return redirect("places")


@require_GET
@login_only
def places(request: HttpRequest) -> HttpResponse:
    user, wanted = _user(request), searched(request.GET, "q")["q"]
    rows = sellers_of(user).prefetch_related("connections")
    page = page_of(rows.filter(name__icontains=wanted) if wanted else rows, "created_at", request.GET)
    held = dict(
        Membership.objects.filter(user=user, seller__in=[s.pk for s in page.items]).values_list(
            "seller_id", "role"
        )
    )
    for seller in page.items:
        role = held.get(seller.pk)
        seller.role_title = Role(role).title if role else "through the agency"  # type: ignore[attr-defined]
    as_staff = as_operator(user).permissions
    context = {
        "page": page,
        "wanted": wanted,
        "agencies": agencies_of(user).annotate(seller_count=Count("sellers", filter=_OPEN, distinct=True)),
        "is_reviewer": Permission.REVIEW in as_staff,
        "is_operator": Permission.OPERATE in as_staff,
    }
    return render(request, "accounts/places.html", context)


@require_http_methods(["GET", "POST"])
@login_only
def new_seller(request: HttpRequest) -> HttpResponse:
    """The row at once, the schema on the page that follows, so that progress is seen."""
    agency = _chosen_agency(request)
    form = SellerForm(posted(request))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = provisioning.reserve(
                data["name"],
                free_slug(Seller, data["name"]),
                agency,
                data["timezone"],
                None if agency else _user(request),
            )
            return redirect("seller_preparing", made=made.slug)
        except ValidationError as problem:
            add_errors(form, problem)
    text = (
        f"It will be one of {agency.name}'s sellers."
        if agency
        else "One business on Amazon, with its own orders, texts and campaigns."
    )
    return _form_page(request, form, "New seller", text, "Create")


@require_GET
@login_only
@never_cache
def preparing(request: HttpRequest, made: str) -> HttpResponse:
    found = seller_for(_user(request), made)
    if found is None:
        return answers.not_found(request)
    seller = found[0]
    if request.headers.get("HX-Request") and seller.state == Seller.State.PREPARING:
        provisioning.resume(seller)
    if seller.state == Seller.State.READY:
        answer = redirect("connection", seller=seller.slug)
        if request.headers.get("HX-Request"):
            answer = HttpResponse(
                headers={"HX-Redirect": reverse("connection", kwargs={"seller": seller.slug})}
            )  # type: ignore[assignment]
        return answer
    return render(request, "accounts/preparing.html", {"made": seller})


@require_http_methods(["GET", "POST"])
@login_only
def new_agency(request: HttpRequest) -> HttpResponse:
    form = AgencyForm(posted(request))
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["name"]
        try:
            made = agencies.create_agency(name, free_slug(Agency, name), _user(request))
            return redirect("agency", agency=made.slug)
        except ValidationError as problem:
            add_errors(form, problem)
    return _form_page(
        request, form, "New agency", "A company whose staff run several sellers' accounts.", "Create"
    )


@require_GET
@requires(Permission.AGENCY_VIEW)
def agency_board(request: HttpRequest) -> HttpResponse:
    wanted = searched(request.GET, "q")["q"]
    rows = sellers_of(_user(request)).filter(agency=request.agency)  # type: ignore[attr-defined]
    found = rows.filter(name__icontains=wanted) if wanted else rows
    page = page_of(found.prefetch_related("connections"), "created_at", request.GET)
    for seller in page.items:
        seller.stores = _stores(seller)  # type: ignore[attr-defined]  # for the table
    context = {"page": page, "wanted": wanted, "troubled": _troubled(rows), "unconnected": _unconnected(rows)}
    return render(request, "accounts/agency.html", context)


def _troubled(sellers: QuerySet[Seller]) -> QuerySet[Connection]:
    """Connections that need somebody, longest first; so many that there is enough to begin with."""
    well = (Connection.Health.HEALTHY, Connection.Health.THROTTLED)
    found = Connection.objects.filter(seller__in=sellers.order_by()).exclude(health__in=well)
    return found.select_related("seller").order_by("health_changed_at", "pk")[:20]


def _unconnected(sellers: QuerySet[Seller]) -> QuerySet[Seller]:
    return sellers.filter(state=Seller.State.READY, connections__isnull=True)[:20]


def _stores(seller: Seller) -> str:
    ids = [m for connection in seller.connections.all() for m in connection.marketplace_ids]
    return ", ".join(MARKETPLACES[m].domain for m in ids if m in MARKETPLACES)


@require_http_methods(["GET", "POST"])
@login_only
@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    found = members.find_invitation(token)
    if found is None:
        problem = "It was used, withdrawn, or has expired. Ask for a new one."
        return render(request, "accounts/invitation.html", {"problem": problem}, status=404)
    context: dict[str, Any] = {
        "invitation": found,
        "place_name": getattr(found.seller or found.agency, "name", "the operator's staff"),
    }
    if request.method == "POST":
        try:
            members.accept(token, _user(request))
            return redirect("front")
        except ValidationError as problem_found:
            context["problem"] = " ".join(problem_found.messages)
            return render(request, "accounts/invitation.html", context, status=409)
    return render(request, "accounts/invitation.html", context)


def _form_page(request: HttpRequest, form: Any, title: str, text: str, action: str) -> HttpResponse:
    status = 422 if form.errors else 200
    return render(
        request,
        "accounts/place_form.html",
        {"form": form, "title": title, "text": text, "action": action},
        status=status,
    )


def _chosen_agency(request: HttpRequest) -> Agency | None:
    found = agency_for(_user(request), request.GET.get("agency", ""))
    return found[0] if found and Permission.AGENCY_MANAGE in found[1].permissions else None


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)
