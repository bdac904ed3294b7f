"""The orders of a batch as frozen facts, with their items, in two statements whatever their number."""

from collections.abc import Collection
from dataclasses import dataclass, fields

from orders.facts import ItemFacts, OrderFacts
from orders.models import Order, OrderItem

_ITEM = [f.name for f in fields(ItemFacts)]
_ORDER = [f.name for f in fields(OrderFacts) if f.name not in {"items", "programs", "unknown_facts"}]


@dataclass(frozen=True)
class Known:
    """The row (for its sealed address) and the facts read from it."""

    row: Order
    facts: OrderFacts


def read(order_ids: Collection[int]) -> dict[int, Known]:
    rows = Order.objects.filter(pk__in=order_ids).prefetch_related("items")
    return {row.pk: Known(row, _facts(row)) for row in rows}


def _facts(row: Order) -> OrderFacts:
    items = sorted(row.items.all(), key=lambda item: item.pk)
    return OrderFacts(
        **{name: getattr(row, name) for name in _ORDER},
        items=tuple(_item(item) for item in items if not item.is_cancelled),
        programs=tuple(row.programs),
        unknown_facts=frozenset(row.unknown_facts),
    )


def _item(item: OrderItem) -> ItemFacts:
    return ItemFacts(**{name: getattr(item, name) for name in _ITEM})
