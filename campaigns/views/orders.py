"""Orders as the seller reads them: the list, and one order with its story and every campaign's answer.

They stand here and not in orders, because they show what orders does not know: messages and campaigns.
"""

from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import requires
from accounts.models import Connection
from accounts.paging import page_of, searched
from accounts.roles import Permission
from amazon.regions import MARKETPLACES
from campaigns.models import Message, Suppression
from campaigns.models.template import CHANNEL_CHOICES
from campaigns.services.explain import explain
from orders import selectors
from orders.facts import delivery
from orders.models import Order
from orders.views.connection import sync_lines

FILTERS = ("q", "status", "fulfilment", "marketplace")


@require_GET
@requires(Permission.VIEW)
def list_orders(request: HttpRequest) -> HttpResponse:
    filters = searched(request.GET, *FILTERS)
    messages = Message.objects.only("order_id", "state").order_by("pk")
    rows = _matching(filters).prefetch_related("items", Prefetch("messages", queryset=messages))
    page = page_of(rows, "purchased_at", request.GET)
    zone = ZoneInfo(request.seller.timezone)  # type: ignore[attr-defined]
    for order in page.items:
        _describe(order, zone)
    context = {
        "page": page,
        "filters": filters,
        "is_filtered": any(filters.values()),
        "statuses": Order.Status.choices,
        "fulfilments": [choice for choice in Order.Fulfilment.choices if choice[0]],
        "marketplaces": [(m, store_name(m)) for m in selectors.marketplaces()],
        "sync_lines": sync_lines(_connections(request), zone),
    }
    return render(request, "orders/list.html", context)


@require_GET
@requires(Permission.VIEW)
def one_order(request: HttpRequest, order: str) -> HttpResponse:
    found = get_object_or_404(Order.objects.prefetch_related("items"), amazon_order_id=order)
    context = {
        "order": found,
        "timeline": _story(request, found),
        "answers": explain(found, timezone.now()),
        "delivery_words": delivery_words(found, ZoneInfo(request.seller.timezone)),  # type: ignore[attr-defined]
        "marketplace_name": store_name(found.marketplace_id),
        "suppression": _suppression(found),
        "by_hand": Message.objects.filter(order=found, campaign__isnull=True).defer("body").order_by("pk"),
    }
    return render(request, "orders/detail.html", context)


def store_name(marketplace_id: str) -> str:
    store = MARKETPLACES.get(marketplace_id)
    return store.domain if store else marketplace_id


def delivery_words(order: Order, zone: ZoneInfo) -> str:
    moment, evidence = delivery(selectors.facts_of(order))
    if moment is None:
        return "not known"
    words = {"carrier": "delivered", "estimated_arrival": "estimated", "promised_latest": "promised by"}
    return f"{words.get(evidence, evidence)} {moment.astimezone(zone):%-d %b}"


def _matching(filters: dict[str, str]) -> Any:
    wanted = selectors.Filters(filters["q"], filters["status"], filters["fulfilment"], filters["marketplace"])
    return selectors.search(wanted)


def _describe(order: Any, zone: ZoneInfo) -> None:
    items = order.items.all()
    order.first_title = items[0].title or items[0].sku if items else ""
    order.delivery_words = delivery_words(order, zone)


def _story(request: Any, order: Order) -> list[dict[str, Any]]:
    """What Amazon told and what we sent, in one line of time."""
    told = [{"at": event.at, "sentence": event.sentence} for event in selectors.timeline(order)]
    return sorted(told + _sent(request, order), key=lambda event: event["at"])


def _sent(request: Any, order: Order) -> list[dict[str, Any]]:
    titles = dict(CHANNEL_CHOICES)
    return [
        {
            "at": message.sent_at or message.on_wire_at,
            "sentence": f"{titles[message.channel]}: {message.get_state_display().lower()}.",
            "url": reverse("message", args=[request.seller.slug, message.public_id]),
        }
        for message in Message.objects.filter(order=order, on_wire_at__isnull=False).defer("body")
    ]


def _suppression(order: Order) -> Suppression | None:
    values = [value for value in (order.amazon_order_id, order.buyer_key) if value]
    return Suppression.objects.filter(value__in=values).first()


def _connections(request: Any) -> list[Connection]:
    return list(Connection.objects.filter(seller=request.seller).order_by("pk"))
