"""The seller's first page: what happened, and what needs you."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, Min, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import requires
from accounts.models import Connection
from accounts.roles import Permission
from campaigns.domain import reasons
from campaigns.models import Campaign, Message, TemplateVersion
from campaigns.selectors import messages as selectors
from compliance.selectors.standing import standing_of
from orders.models import Order

PERIOD = timedelta(days=30)
V = TemplateVersion.State
_OURS = frozenset({reasons.Kind.SETTING, reasons.Kind.TEXT})


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
        "figures": _figures(request),
        "latest": latest.defer("body").order_by("-updated_at", "-pk")[:8],
        "campaigns": Campaign.objects.exclude(state=Campaign.State.ENDED).order_by("-priority", "pk")[:10],
    }
    return render(request, "campaigns/home.html", context)


@dataclass(frozen=True)
class Figure:
    number: int
    words: str
    url: str


def _figures(request: Any) -> list[Figure]:
    found = _counted()
    messages, orders = (reverse(name, args=[request.seller.slug]) for name in ("messages", "orders"))
    zone = ZoneInfo(request.seller.timezone)
    return [
        Figure(found["sent"], "sent", f"{messages}?state=sent"),
        Figure(found["planned"], _planned_words(found["next_due_at"], zone), f"{messages}?state=planned"),
        Figure(found["held"], "held", f"{messages}?state=held"),
        Figure(found["blocked"], "blocked by a rule", f"{messages}?state=blocked"),
        Figure(found["uncertain"], "uncertain", f"{messages}?state=uncertain"),
        Figure(found["orders"], "orders bought", orders),
    ]


def _planned_words(next_due_at: datetime | None, zone: ZoneInfo) -> str:
    if next_due_at is None:
        return "planned"
    if next_due_at <= timezone.now():
        return "planned, the first due now"
    return f"planned, next {next_due_at.astimezone(zone):%-d %b, %H:%M}"


def _counted() -> dict[str, Any]:
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
    return [
        *_restriction_needs(request),
        *_connection_needs(request),
        *_message_needs(request),
        *_held_needs(request),
        *_text_needs(request),
        *_campaign_needs(request),
    ]


def _restriction_needs(request: Any) -> list[Need]:
    if request.seller.restricted_at is None:
        return []
    text = "Your own texts rest until you say that it is over; Amazon's own requests go on."
    url = reverse("restriction", args=[request.seller.slug])
    return [Need("Amazon restricted your messaging", text, "What can be done meanwhile", url, "bad")]


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
        text = (
            "The connection broke while the other side was answering. They probably went out; we never send them "
            "again by ourselves."
        )
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


def _held_needs(request: Any) -> list[Need]:
    """What waits for something a person of this seller can change; a broken connection is named above."""
    url = reverse("messages", args=[request.seller.slug])
    rows = Message.objects.filter(state="held").values_list("reason").annotate(n=Count("pk")).order_by("-n")
    needs = []
    for code, n in rows:
        reason = reasons.REASONS.get(code)
        if reason and reason.kind in _OURS and not code.startswith("connection_"):
            title = f"{n} message{'s' if n > 1 else ''} held"
            text = f"{reason.sentence} {reason.remedy}"
            needs.append(Need(title, text, "See them", f"{url}?state=held&reason={code}"))
    return needs


def _campaign_needs(request: Any) -> list[Need]:
    if Campaign.objects.filter(state=Campaign.State.ACTIVE).exists():
        return []
    drafts = Campaign.objects.filter(state__in=(Campaign.State.DRAFT, Campaign.State.PAUSED)).exists()
    name, action = ("campaigns", "See the campaigns") if drafts else ("campaign_new", "Begin with a starter")
    url = reverse(name, args=[request.seller.slug])
    may = Permission.WRITE in request.permissions
    return (
        [Need("No campaign is switched on", "Nothing is sent before one is.", action, url, "info")]
        if may
        else []
    )


_LOOKED_THROUGH = 50
"""Texts that were sent back; of those that nobody else looks at now the first few are named."""


def _text_needs(request: Any) -> list[Need]:
    states = (V.CHANGES_REQUESTED, V.REJECTED)
    later = TemplateVersion.objects.filter(template=OuterRef("template"), number__gt=OuterRef("number"))
    found = TemplateVersion.objects.filter(
        Q(~Exists(later), state__in=states) | Q(state=V.PAUSED), template__archived_at=None
    )
    newest = list(found.select_related("template").order_by("-decided_at")[:_LOOKED_THROUGH])
    standing = standing_of(request.seller, [v.public_id for v in newest], timezone.now())
    heard = {subject for subject, how in standing.items() if how.is_waiting}  # an appeal: the desk's turn
    left = [v for v in newest if v.public_id not in heard][:5]
    return [*_resting_needs(request), *(_text_need(request, v) for v in left)]


def _resting_needs(request: Any) -> list[Need]:
    """Texts that drew trouble, and go on by themselves unless somebody acts."""
    now, zone = timezone.now(), ZoneInfo(request.seller.timezone)
    resting = TemplateVersion.objects.filter(
        state=V.APPROVED, paused_until__gt=now, template__archived_at=None
    )
    return [
        Need(
            f"{v.template.name} rests until {v.paused_until.astimezone(zone):%-d %b, %H:%M}",
            v.pause_note,
            "Open the text",
            reverse("template_edit", args=[request.seller.slug, v.template.public_id]),
            "bad",
        )
        for v in resting.select_related("template").order_by("paused_until")[:5]
        if v.paused_until
    ]


def _text_need(request: Any, version: TemplateVersion) -> Need:
    return Need(
        f"{version.template.name}: {version.get_state_display().lower()}",
        version.note,
        "Open the text",
        reverse("template_edit", args=[request.seller.slug, version.template.public_id]),
        "bad" if version.state == V.PAUSED else "warn",
    )
