"""Reading orders of the entered seller. Nothing here writes."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from amazon.reports import FBA_RETURNS, FBM_RETURNS
from orders.facts import ItemFacts, OrderFacts
from orders.models import ImportProblem, Order, OrderImport, OrderItem, ReportRun, SyncCursor
from orders.services.upsert import open_address
from orders.timeline import Event, events_of
from orders.words import sync_words_of


@dataclass(frozen=True)
class Filters:
    """What to look for; empty: anything. Times are aware; `purchased_until_at` is exclusive."""

    text: str = ""
    status: str = ""
    fulfilment: str = ""
    marketplace_id: str = ""
    purchased_from_at: datetime | None = None
    purchased_until_at: datetime | None = None


# -- lists


def search(filters: Filters) -> QuerySet[Order]:
    """Newest first. `text` is the beginning of an order number, an ASIN, a SKU, or words of a title."""
    found = Order.objects.order_by("-purchased_at", "-id")
    exact = {
        "status": filters.status, "fulfilment": filters.fulfilment, "marketplace_id": filters.marketplace_id,
        "purchased_at__gte": filters.purchased_from_at, "purchased_at__lt": filters.purchased_until_at,
    }  # fmt: skip
    found = found.filter(**{name: value for name, value in exact.items() if value})
    return found.filter(_mentions(filters.text.strip())) if filters.text.strip() else found


def _mentions(text: str) -> Q:
    items = OrderItem.objects.filter(order=OuterRef("pk"))
    words = Q()
    for word in text.split()[:8]:
        words &= Q(title__icontains=word)
    named = items.filter(Q(asin=text.upper()) | Q(sku=text) | Q(sku__iexact=text) | words)
    return Q(amazon_order_id__startswith=text.upper()) | Q(Exists(named))


def find(amazon_order_id: str) -> Order | None:
    return Order.objects.filter(amazon_order_id=amazon_order_id).prefetch_related("items").first()


# -- one order


def timeline(order: Order) -> list[Event]:
    """What Amazon told about an order, in the order in which it happened, each in one sentence."""
    return events_of(facts_of(order))


def facts_of(order: Order) -> OrderFacts:
    """The frozen view for reasoning. Prefetch `items` where there are many."""
    copied = {name: getattr(order, name) for name in _COPIED}
    items = tuple(_item_facts(item) for item in sorted(order.items.all(), key=lambda item: item.pk))
    return OrderFacts(
        **copied, items=items, programs=tuple(order.programs), unknown_facts=frozenset(order.unknown_facts)
    )


_COPIED = tuple(set(OrderFacts.__dataclass_fields__) - {"items", "programs", "unknown_facts"})
_ITEM_COPIED = tuple(ItemFacts.__dataclass_fields__)


def _item_facts(item: OrderItem) -> ItemFacts:
    return ItemFacts(**{name: getattr(item, name) for name in _ITEM_COPIED})


def relay_address(order: Order) -> str | None:
    """The buyer's relay address; None where Amazon gave none or it is forgotten. Raises accounts.sealing.SealingError."""
    return open_address(order) if order.relay_address_sealed else None


# -- how the reading goes


@dataclass(frozen=True)
class SyncStatus:
    """`words` is one sentence for people. `refused` are the data sets Amazon does not give us now."""

    words: str
    complete_until_at: datetime | None
    last_success_at: datetime | None
    next_at: datetime | None
    orders_seen: int
    is_first_read: bool
    last_error: str
    refused: tuple[str, ...]


def sync_status(connection_id: int) -> SyncStatus:
    cursor = SyncCursor.objects.filter(pk=connection_id).first() or SyncCursor(connection_id=connection_id)
    return SyncStatus(
        words=sync_words_of(cursor),
        complete_until_at=cursor.complete_until_at,
        last_success_at=cursor.last_success_at,
        next_at=cursor.next_at,
        orders_seen=cursor.orders_seen,
        is_first_read=cursor.complete_until_at is None,
        last_error=cursor.last_error,
        refused=tuple(cursor.refused_data),
    )


def sync_words(connection_id: int) -> str:
    """One sentence: how far this connection has been read."""
    return sync_status(connection_id).words


def report_runs(connection_id: int) -> list[ReportRun]:
    """The latest run of every report."""
    runs = ReportRun.objects.filter(connection_id=connection_id)
    return list(runs.order_by("report_type", "-asked_at").distinct("report_type"))


def returns_known_until(connection_id: int) -> datetime | None:
    """Up to when both return reports have been read or said that there is nothing; None: one of them never did."""
    told = ReportRun.objects.filter(connection_id=connection_id, state__in=("read", "no_news"))
    latest = [
        told.filter(report_type=name)
        .order_by("-data_until_at")
        .values_list("data_until_at", flat=True)
        .first()
        for name in (FBA_RETURNS, FBM_RETURNS)
    ]
    known = [moment for moment in latest if moment]
    return min(known) if len(known) == len(latest) else None


# -- files


def imports(limit: int = 50) -> list[OrderImport]:
    """Newest first."""
    return list(OrderImport.objects.order_by("-pk")[:limit])


def import_problems(order_import: OrderImport, limit: int = 200) -> list[ImportProblem]:
    return list(order_import.problems.all()[:limit])


def import_progress(order_import: OrderImport) -> int:
    """Percent of the file that has been looked at."""
    if order_import.state == OrderImport.State.DONE:
        return 100
    return min(99, 100 * order_import.bytes_read // max(1, order_import.size_bytes))


def marketplaces() -> list[str]:
    """The marketplaces this seller has orders in."""
    return sorted(
        Order.objects.exclude(marketplace_id="").values_list("marketplace_id", flat=True).distinct()
    )
