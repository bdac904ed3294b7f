"""What a URL asks of its visitor. Every view declares it; the middleware (accounts/middleware.py) holds it.

    @requires(Permission.VIEW)                       a page in a seller (URL kwarg `seller`), an agency
    (`agency`) or the operator's part
    @requires(Permission.VIEW, write=Permission.SWITCH)   the second for methods that change something
    @login_only                                      any user, in no particular place
    @public                                          anybody
    @staff_only                                      the operator's own site

They decorate functions and classes (Django's and the REST framework's alike). A view without one is an
error, never open.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from django.urls import URLPattern, URLResolver, include

from accounts.roles import AS_OPERATOR, IN_AGENCY, IN_SELLER, Permission, Place

View = TypeVar("View", bound=Callable[..., Any])

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class AccessNotDeclared(Exception):
    """The view says nothing about who may use it: decorate it with `requires`, `login_only` or `public`."""


class Audience(StrEnum):
    ANYBODY = "anybody"
    USERS = "users"
    STAFF = "staff"
    PERMITTED = "permitted"


@dataclass(frozen=True)
class Access:
    audience: Audience
    read: Permission | None = None
    write: Permission | None = None

    def needed(self, method: str) -> Permission | None:
        return self.read if method in SAFE_METHODS else self.write


def requires(permission: Permission, write: Permission | None = None) -> Callable[[View], View]:
    return _marking(Access(Audience.PERMITTED, permission, write or permission))


def login_only(view: View) -> View:
    return _marking(Access(Audience.USERS))(view)


def public(view: View) -> View:
    return _marking(Access(Audience.ANYBODY))(view)


def staff_only(view: View) -> View:
    return _marking(Access(Audience.STAFF))(view)


def _marking(access: Access) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view.access = access  # type: ignore[attr-defined]  # functions and classes both take attributes
        return view

    return mark


def declare(mark: Callable[[Any], Any], included: Any) -> tuple[Any, Any, Any]:
    """`include()` for others' URLs, which declare nothing: each of their views gets this mark.

    They guard themselves; the mark says what the middleware asks before they are reached."""
    module, app_name, namespace = included if isinstance(included, tuple) else include(included)
    _mark_all(mark, getattr(module, "urlpatterns", module))
    return module, app_name, namespace


def _mark_all(mark: Callable[[Any], Any], patterns: Any) -> None:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            _mark_all(mark, pattern.url_patterns)
        elif isinstance(pattern, URLPattern):
            mark(
                getattr(pattern.callback, "__func__", pattern.callback)
            )  # a bound method takes no attributes


def access_of(view: Callable[..., Any]) -> Access:
    """What a URL's callback declares, wherever it was written. Raises AccessNotDeclared."""
    for place in (view, getattr(view, "view_class", None), getattr(view, "cls", None)):
        found = getattr(place, "access", None)
        if isinstance(found, Access):
            return found
    name = f"{getattr(view, '__module__', '?')}.{getattr(view, '__qualname__', view)}"
    raise AccessNotDeclared(f"{name} declares no permission: decorate it with requires, login_only or public")


def place_of(permission: Permission, kwargs: dict[str, Any]) -> Place:
    """Where a permission is asked for: the place the URL names, else the operator's part."""
    if "seller" in kwargs:
        return Place.SELLER
    if "agency" in kwargs:
        return Place.AGENCY
    if not any(permission in granted for granted in AS_OPERATOR.values()):
        raise AccessNotDeclared(f"{permission!r} needs a seller or an agency in the URL")
    return Place.OPERATOR


TABLES = {Place.SELLER: IN_SELLER, Place.AGENCY: IN_AGENCY, Place.OPERATOR: AS_OPERATOR}
