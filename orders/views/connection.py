"""The Amazon page: accounts connected, how they are, how far their orders have been read.

It stands in orders because it shows the sync; what it changes is accounts'.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts import due
from accounts.access import requires
from accounts.forms import ConnectForm, ConnectionForm
from accounts.models import Connection, User
from accounts.roles import Permission
from accounts.services import audit, connections, consent
from amazon.regions import MARKETPLACES
from orders import selectors

YEAR = timedelta(days=365)  # Amazon's authorisations end after it
SOON = timedelta(days=45)
REGIONS = {"NA": "North America", "EU": "Europe", "FE": "the Far East"}


@require_GET
@requires(Permission.VIEW)
def connection(request: HttpRequest) -> HttpResponse:
    return _show(request)


@require_POST
@requires(Permission.CONNECT)
def start(request: HttpRequest) -> HttpResponse:
    try:
        return redirect(consent.start_consent(request, request.seller, request.POST.get("marketplace", "")))  # type: ignore[attr-defined]
    except consent.ConsentRefused as refusal:
        messages.error(request, str(refusal))
        return _back(request)


@require_POST
@requires(Permission.CONNECT)
def end(request: HttpRequest, connection: int) -> HttpResponse:
    found = _find(request, connection)
    connections.disconnect(found, cast(User, request.user))
    messages.success(
        request,
        f"{found.store_name or found.selling_partner_id} is disconnected: its key is deleted and nothing is sent.",
    )
    return _back(request)


@require_POST
@requires(Permission.CONNECT)
def edit(request: HttpRequest, connection: int) -> HttpResponse:
    found = _find(request, connection)
    form = _form_of(found, request.POST)
    if not form.is_valid():
        return _show(request, {found.pk: form}, status=422)
    form.save()
    audit.record(
        "connection.changed",
        cast(User, request.user),
        found.seller,
        target=str(found),
        fields=form.changed_data,
    )
    messages.success(request, "Saved. It holds for every message from now on.")
    return _back(request)


@require_POST
@requires(Permission.IMPORT)
def sync_now(request: HttpRequest) -> HttpResponse:
    due.lower(request.seller.pk, "orders.sync", timezone.now())  # type: ignore[attr-defined]
    messages.success(
        request, "Amazon is asked within seconds; Amazon's own limits decide how fast the answer comes."
    )
    return redirect("orders", seller=request.seller.slug)  # type: ignore[attr-defined]


def sync_lines(connections: Sequence[Connection], zone: ZoneInfo) -> list[str]:
    """How far each account has been read, on the seller's clock; the account is named where there are several."""
    said = [sync_line(connection, zone) for connection in connections]
    named = [
        f"{c.store_name or c.selling_partner_id}: {line}" for c, line in zip(connections, said, strict=True)
    ]
    return named if len(said) > 1 else said


def sync_line(connection: Connection, zone: ZoneInfo) -> str:
    status = selectors.sync_status(connection.pk)
    if status.complete_until_at is None:
        return status.words
    shown = status.complete_until_at.astimezone(zone).strftime("%-d %B %Y, %H:%M")
    return status.words.replace(status.complete_until_at.strftime("%-d %B %Y, %H:%M UTC"), shown)


def _show(
    request: HttpRequest, forms: dict[int, ConnectionForm] | None = None, status: int = 200
) -> HttpResponse:
    found = Connection.objects.filter(seller=request.seller).order_by("pk")  # type: ignore[attr-defined]
    zone = ZoneInfo(request.seller.timezone)  # type: ignore[attr-defined]
    rows = [_row(c, (forms or {}).get(c.pk) or _form_of(c), zone) for c in found]
    return render(
        request, "orders/connection.html", {"rows": rows, "connect_form": ConnectForm()}, status=status
    )


def _form_of(connection: Connection, data: Any = None) -> ConnectionForm:
    """Several accounts stand on one page: each form's fields have names of their own."""
    return ConnectionForm(data, instance=connection, auto_id=f"id_{connection.pk}_%s")


def _row(connection: Connection, form: ConnectionForm, zone: ZoneInfo) -> dict[str, Any]:
    stores = [MARKETPLACES[m].domain for m in connection.marketplace_ids if m in MARKETPLACES]
    return {
        "connection": connection,
        "marketplaces": stores or ["not told yet"],
        "first_marketplace": connection.marketplace_ids[0]
        if connection.marketplace_ids
        else connection.region,
        "region": REGIONS.get(connection.region, connection.region),
        "renew_by": connection.authorised_at + YEAR,
        "ends_soon": connection.is_usable and connection.authorised_at + YEAR - SOON < timezone.now(),
        "sync_words": sync_line(connection, zone),
        "cap_words": f"{connection.daily_cap} a day, set by you"
        if connection.daily_cap
        else "Amazon's: five times your average daily orders plus 600",
        "form": form,
    }


def _find(request: Any, pk: int) -> Connection:
    return get_object_or_404(Connection, pk=pk, seller=request.seller)


def _back(request: Any) -> HttpResponse:
    return redirect("connection", seller=request.seller.slug)
