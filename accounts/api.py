"""What the REST framework's views share. The middleware has decided already; these hold the same line
inside the framework."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.access import Access, Audience


class Declared(BasePermission):
    """The permission the view declares with `requires` is among the visitor's in this place."""

    message = "Your role may not do this."

    def has_permission(self, request: Request, view: APIView) -> bool:
        access: Any = getattr(view, "access", None)
        if not isinstance(access, Access):
            return False
        if access.audience is not Audience.PERMITTED:
            return access.audience is Audience.ANYBODY or request.user.is_authenticated
        return access.needed(str(request.method)) in getattr(request._request, "permissions", ())
