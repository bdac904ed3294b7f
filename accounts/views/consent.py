"""Where Amazon sends the browser. Redirects and messages only."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.access import login_only
from accounts.models import Seller
from accounts.services import consent


def _without_referrer(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Amazon asks for it (website authorisation workflow, read 2026-11-23): the address holds a code."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Referrer-Policy"] = "no-referrer"
        return response

    return answer


@login_only
@require_GET
@never_cache
@_without_referrer
def callback(request: HttpRequest) -> HttpResponse:
    """Back from Amazon's consent page. Refusals become a message on the seller's connection page."""
    seller = consent.peek_seller(request, request.GET.get("state", ""))
    try:
        connection = consent.finish_consent(request, request.GET)
    except consent.ConsentRefused as refusal:
        messages.error(request, str(refusal))
        return redirect(_page_of(seller))
    messages.success(
        request, f"Amazon account {connection.selling_partner_id} is connected. Orders arrive within minutes."
    )
    return redirect(_page_of(connection.seller))


@login_only
@require_GET
@never_cache
@_without_referrer
def login(request: HttpRequest) -> HttpResponse:
    """Amazon's Appstore opens this; once the seller is known, its connection goes back to Amazon from
    there."""
    try:
        known = consent.remember_login(request, request.GET)
    except consent.ConsentRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("/")
    if known:
        return redirect(consent.start_consent(request, known.seller, known.region))
    messages.info(
        request, "Choose the seller this Amazon account belongs to, then press Connect on its Amazon page."
    )
    return redirect("/")


def _page_of(seller: Seller | None) -> str:
    try:
        return reverse("connection", kwargs={"seller": seller.slug}) if seller else "/"
    except NoReverseMatch:  # pages are switched off
        return "/"
