"""Every address, in one URLconf (docs/decisions/0003-one-urlconf.md).

An app's `urls.py` has `urlpatterns` (public or any user), `seller_urlpatterns`, `agency_urlpatterns`,
`review_urlpatterns`, `api_urlpatterns` (any user, below /api/v1/) and `seller_api_urlpatterns`, each only
where it has such pages.
"""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.contrib import admin
from django.urls import include, path

from accounts.access import declare, public, staff_only
from config import health

_APPS = ("accounts", "orders", "campaigns", "compliance")


def _of_every_app(name: str) -> list[Any]:
    """One list of all apps' patterns of this name."""
    found: list[Any] = []
    for app in _APPS:
        if find_spec(f"{app}.urls"):
            found += getattr(import_module(f"{app}.urls"), name, [])
    return found


urlpatterns = [
    *_of_every_app("urlpatterns"),
    path("s/<slug:seller>/", include(_of_every_app("seller_urlpatterns"))),
    path("a/<slug:agency>/", include(_of_every_app("agency_urlpatterns"))),
    path("review/", include(_of_every_app("review_urlpatterns"))),
    path("api/v1/", include(_of_every_app("api_urlpatterns"))),
    path("api/v1/sellers/<slug:seller>/", include(_of_every_app("seller_api_urlpatterns"))),
    path("account/", declare(public, "allauth.urls")),
    path("operator/", declare(staff_only, admin.site.urls)),
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
]

handler403 = "accounts.answers.forbidden"
handler404 = "accounts.answers.not_found"
