"""A URLconf of small views for the middleware's tests."""

from django.http import HttpResponse
from django.urls import include, path
from django.views import View
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import login_only, public, requires, staff_only
from accounts.api import Declared
from accounts.roles import Permission as P
from accounts.tenancy import current_seller
from config.urls import handler403, handler404  # noqa: F401


@public
def open_page(request):
    return HttpResponse("open")


@login_only
def mine(request):
    return HttpResponse(request.user.email)


@staff_only
def back_office(request):
    return HttpResponse("office")


@requires(P.VIEW, write=P.SWITCH)
def where(request, **kwargs):
    assert "seller" not in kwargs
    return HttpResponse(f"{request.seller.slug} {current_seller().slug} {sorted(request.permissions)}")


@requires(P.SETTINGS)
class Settings(View):
    def get(self, request):
        return HttpResponse("settings")


@requires(P.VIEW)
class Data(APIView):
    permission_classes = (Declared,)

    def get(self, request):
        return Response({"seller": current_seller().slug})


@requires(P.AGENCY_VIEW)
def board(request):
    return HttpResponse(request.agency.slug)


@requires(P.REVIEW)
def queue(request):
    return HttpResponse("queue")


@requires(P.VIEW)
def broken(request):
    raise RuntimeError("broken")


def forgotten(request):
    return HttpResponse("nobody said who may see this")


@requires(P.VIEW)
def misplaced(request):
    return HttpResponse("a seller's permission without a seller")


urlpatterns = [
    path("open", open_page),
    path("mine", mine),
    path("office", back_office),
    path("queue", queue),
    path("forgotten", forgotten),
    path("misplaced", misplaced),
    path("a/<slug:agency>/", board),
    path("api/v1/sellers/<slug:seller>/data", Data.as_view()),
    path(
        "s/<slug:seller>/",
        include(
            [
                path("", where),
                path("settings", Settings.as_view()),
                path("broken", broken),
                path("many/<int:n>", where),
            ]
        ),
    ),
    path("account/", include("allauth.urls")),
]
