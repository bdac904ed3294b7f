"""The seller's first page: what happened, and what needs you."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Min, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import requires
from accounts.models import Connection
from accounts.roles import Permission
from campaigns.models import Campaign, Message, TemplateVersion
from campaigns.selectors import messages as selectors
from orders.models import Order

PERIOD = timedelta(days=30)


@dataclass(frozen=True)
class Need:
    title: str
    text: str
    action: str
    url: str
    tone: str = "warn"


@require_GET
@requires(Permission.VIEW)
def overview(request: HttpRequest) -> HttpResponse:
    latest = Message.objects.exclude(state__in=("planned", "skipped")).select_related("order", "campaign")
    context = {
        "needs": _needs(request),
        "figures": _figures(),
        "latest": latest.defer("body").order_by("-updated_at", "-pk")[:8],
        "campaigns": Campaign.objects.exclude(state=Campaign.State.ENDED).order_by("-priority", "pk")[:10],
    }
    return render(request, "campaigns/home.html", context)


def _figures() -> dict[str, Any]:
    since = timezone.now() - PERIOD

    def counted(state: str, **more: Any) -> Count:
        return Count("pk", filter=Q(state=state, **more))

    found = Message.objects.aggregate(
        sent=counted("sent", sent_at__gte=since),
        planned=counted("planned"),
        held=counted("held"),
        blocked=counted("blocked", updated_at__gte=since),
        uncertain=counted("uncertain"),
        next_due_at=Min("due_at", filter=Q(state="planned")),
    )
    return {**found, "orders": Order.objects.filter(purchased_at__gte=since).count()}


def _needs(request: Any) -> list[Need]:
    """What only a person can do, gravest first."""
    return [*_connection_needs(request), *_message_needs(request), *_text_needs(request)]


def _connection_needs(request: Any) -> list[Need]:
    url = reverse("connection", args=[request.seller.slug])
    found = list(Connection.objects.filter(seller=request.seller))
    if not found:
        return [
            Need(
                "No Amazon account is connected",
                "Nothing can be read or sent before that.",
                "Connect Amazon",
                url,
            )
        ]
    return [
        Need(
            f"{c.store_name or c.selling_partner_id}: {c.get_health_display().lower()}",
            c.health_note,
            "Look at the connection",
            url,
            "bad",
        )
        for c in found
        if not c.is_usable
    ]


def _message_needs(request: Any) -> list[Need]:
    url = reverse("messages", args=[request.seller.slug])
    needs = []
    if n := selectors.uncertain_count():
        text = "The connection broke while the other side was answering. They probably went out; we never send them again by ourselves."
        needs.append(
            Need(
                f"{n} uncertain message{'s' if n > 1 else ''}", text, "Settle them", f"{url}?state=uncertain"
            )
        )
    if n := Message.objects.filter(state="blocked", expires_at__gt=timezone.now()).count():
        text = "A rule stopped what would have gone out, often because of a product's title."
        needs.append(
            Need(f"{n} blocked message{'s' if n > 1 else ''}", text, "See the words", f"{url}?state=blocked")
        )
    return needs


def _text_needs(request: Any) -> list[Need]:
    states = (TemplateVersion.State.CHANGES_REQUESTED, TemplateVersion.State.REJECTED)
    found = (
        TemplateVersion.objects.filter(state__in=states)
        .select_related("template")
        .order_by("-decided_at")[:5]
    )
    return [
        Need(
            f"{v.template.name}: {v.get_state_display().lower()}",
            v.note,
            "Open the text",
            reverse("template_edit", args=[request.seller.slug, v.template.public_id]),
        )
        for v in found
        if not v.template.versions.filter(number__gt=v.number).exists()
    ]
