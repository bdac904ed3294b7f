"""The refusals every page and API path shares. A foreign object and a missing one get the same bytes."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string

from accounts.roles import Permission

_NEEDS: dict[Permission, str] = {
    Permission.VIEW: "see this",
    Permission.WRITE: "write texts and campaigns",
    Permission.SWITCH: "switch campaigns on or send",
    Permission.IMPORT: "import orders",
    Permission.CONNECT: "change the Amazon connection",
    Permission.MEMBERS: "manage people",
    Permission.SETTINGS: "change settings",
    Permission.BILLING: "see and change what is paid",
    Permission.AGENCY_VIEW: "see this agency",
    Permission.AGENCY_MANAGE: "manage this agency",
    Permission.REVIEW: "review texts",
    Permission.REVIEW_LEAD: "lead the review",
    Permission.OPERATE: "operate this installation",
}


def wants_data(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Says nothing about what was asked for; also the URLconf's handler404."""
    return _refusal(request, 404, "There is nothing here, or it is not yours to see.")


def not_allowed(request: HttpRequest, needed: Permission) -> HttpResponse:
    return _refusal(
        request, 403, f"Your role may not {_NEEDS[needed]}. Ask an owner to do it, or to change your role."
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The URLconf's handler403."""
    return _refusal(request, 403, str(exception) if exception and str(exception) else "You may not do this.")


def being_prepared(request: Any) -> HttpResponse:
    step = f" ({request.seller.step})" if request.seller.step else ""
    answer = _refusal(
        request, 503, f"{request.seller.name} is being prepared{step}. This takes a few seconds."
    )
    answer["Retry-After"] = "2"
    return answer


def _refusal(request: HttpRequest, status: int, sentence: str) -> HttpResponse:
    if wants_data(request):
        return JsonResponse({"detail": sentence}, status=status)
    try:
        # No request: a page that shows the visitor's place, path or token would tell foreign from missing.
        page: str = render_to_string(f"{status}.html", {"sentence": sentence, "status": status})
    except TemplateDoesNotExist:
        page = f"<!doctype html><title>{status}</title><p>{sentence}</p>"
    return HttpResponse(page, status=status)
