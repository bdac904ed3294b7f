"""The one door: who may pass, into whose data, and back to the public schema afterwards.

It works on the URL's kwargs (why: docs/decisions/0003-one-urlconf.md). Foreign and missing places answer
the same 404.
"""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse

from accounts import answers
from accounts.access import SAFE_METHODS, Access, AccessNotDeclared, Audience, access_of, place_of
from accounts.database import connection
from accounts.models import Seller
from accounts.reach import Reach, agency_for, as_operator, seller_for
from accounts.roles import Place
from accounts.services import audit


class AccessMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """A streamed answer is written after this and therefore outside the seller: it enters by itself."""
        connection.set_schema_to_public()
        request.seller = request.agency = None  # type: ignore[attr-defined]
        request.permissions = frozenset()  # type: ignore[attr-defined]
        try:
            return self.get_response(request)
        finally:
            connection.set_schema_to_public()

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        access = access_of(view)
        if access.audience is Audience.ANYBODY:
            return None
        if not request.user.is_authenticated:
            return _ask_to_log_in(request)
        if access.audience is Audience.STAFF:
            return None if request.user.is_staff else answers.not_found(request)
        return _admit(request, access, kwargs) if access.audience is Audience.PERMITTED else None


def _ask_to_log_in(request: HttpRequest) -> HttpResponse:
    if answers.wants_data(request):
        return JsonResponse({"detail": "Log in, or send an API key."}, status=401)
    return redirect_to_login(request.get_full_path())


def _admit(request: Any, access: Access, kwargs: dict[str, Any]) -> HttpResponseBase | None:
    needed = access.needed(request.method)
    if needed is None:
        raise AccessNotDeclared(f"{request.path} asks for no permission")
    reach = _enter(request, place_of(needed, kwargs), kwargs)
    if reach is None:
        return answers.not_found(request)
    request.permissions = reach.permissions
    if needed not in reach.permissions or (reach.is_only_support and request.method not in SAFE_METHODS):
        return answers.not_allowed(request, needed)
    return _into(request, reach)


def _enter(request: Any, place: Place, kwargs: dict[str, Any]) -> Reach | None:
    """Find the place and what the user is there; None when either is missing."""
    if place is Place.OPERATOR:
        reach = as_operator(request.user)
        return reach if reach.permissions else None
    find = seller_for if place is Place.SELLER else agency_for
    found = find(request.user, kwargs.pop(place.value))
    if found is None:
        return None
    setattr(request, place.value, found[0])
    return found[1]


def _into(request: Any, reach: Reach) -> HttpResponseBase | None:
    if reach.is_only_support:
        audit.record("support.visited", request.user, request.seller, request.agency, target=request.path)
    if request.seller is None:
        return None
    if request.seller.state == Seller.State.PREPARING:
        return answers.being_prepared(request)
    connection.set_tenant(request.seller)
    return None
