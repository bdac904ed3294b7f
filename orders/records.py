"""Amazon's order, as Orders 2026-01-01 tells it, read once into what we store. Pure.

Only the fields named here are ever stored: a field that is not in `OrderRecord` or `ItemRecord` does not
exist for us, so names, addresses, postcodes and telephone numbers stop at this file. Unknown fields are
ignored and unknown values of enumerations kept. What Amazon did not tell is listed in `unknown_facts` and is
never taken for "no". (Amazon's model, commit 34dc93f, read 2026-11-23.)
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from amazon.regions import marketplace_for_sales_channel
from orders.money import minor

#: Data sets whose absence leaves facts unknown. BUYER is no fact: without it there is no address, and that is
#: plain to see.
FACT_SETS = ("FULFILLMENT", "PACKAGES", "CANCELLATION", "PROCEEDS", "PROMOTION")

_FULFILMENT = {"AMAZON": "FBA", "MERCHANT": "FBM"}
#: Detailed package states after which the parcel never reached, or came back from, the buyer.
_LOST = {
    "UNDELIVERABLE",
    "REJECTED_BY_BUYER",
    "LOST",
    "LOST_IN_TRANSIT",
    "RETURNING_TO_SELLER",
    "RETURNED_TO_SELLER",
    "DAMAGED",
}
_REPLACING = ("REPLACEMENT_ORIGINAL_ID", "EXCHANGE_ORIGINAL_ID")

Json = Mapping[str, Any]


class BadOrder(ValueError):
    """Amazon's order lacks what no order may lack, or has it in a shape we cannot read; names the order and the field."""


# Without slots: they go to the database as JSON, and orjson writes slotted classes at less than half the speed.
@dataclass(frozen=True)
class ItemRecord:
    """`price_minor` is one unit's price in the currency's minor unit; None: not told."""

    amazon_item_id: str
    asin: str = ""
    sku: str = ""
    title: str = ""
    quantity: int = 0
    price_minor: int | None = None
    currency: str = ""
    is_cancelled: bool = False


@dataclass(frozen=True)
class OrderRecord:
    """One order as one source tells it now. Times are aware; amounts in minor units.

    `delivered_at`, `cancelled_at` and the like are the time of *this* update, where Amazon says that it
    happened but not when; the first one stored stays.
    """

    amazon_order_id: str
    purchased_at: datetime
    last_updated_at: datetime
    marketplace_id: str = ""
    status: str = "UNKNOWN"
    fulfilment: str = ""
    programs: tuple[str, ...] = ()
    is_business: bool = False
    is_replacement: bool = False
    replaces_order_id: str = ""
    has_promotion: bool = False
    item_count: int = 0
    total_minor: int | None = None
    currency: str = ""
    ship_country: str = ""
    shipped_at: datetime | None = None
    promised_earliest_at: datetime | None = None
    promised_latest_at: datetime | None = None
    delivered_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancel_requested_at: datetime | None = None
    undeliverable_at: datetime | None = None
    unknown_facts: tuple[str, ...] = ()
    items: tuple[ItemRecord, ...] = ()


def parse_page(orders: Sequence[Json], included: Iterable[str]) -> tuple[list[OrderRecord], list[str]]:
    """The readable orders of a page, and a sentence for each that is not: one bad order does not hold up the others."""
    given = frozenset(str(name) for name in included)
    records, problems = [], []
    for order in orders:
        try:
            records.append(parse_order(order, given))
        except BadOrder as problem:
            problems.append(str(problem))
    return records, problems


def parse_order(order: Json, included: frozenset[str]) -> OrderRecord:
    """Raises BadOrder. `included` are the data sets Amazon was asked for and gave."""
    try:
        return _order(order, included)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadOrder(f"Order {_name(order)}: {type(error).__name__} {str(error)[:120]}") from error


def _name(order: Any) -> str:
    return str(order.get("orderId"))[:40] if isinstance(order, Mapping) else "without a name"


def relay_addresses(orders: Sequence[Json]) -> dict[str, str]:
    """The buyers' relay addresses by order id, of merchant-fulfilled orders only. They travel beside the
    records, never in them.
    """
    found = {}
    for order in orders:
        address = str(_sub(order, "buyer").get("buyerEmail") or "").strip()
        if "@" in address and _sub(order, "fulfillment").get("fulfilledBy") == "MERCHANT":
            found[str(order.get("orderId"))] = address[:254]
    return found


def _order(order: Json, included: frozenset[str]) -> OrderRecord:
    updated_at = _moment(order["lastUpdatedTime"])
    fulfilment, items = _sub(order, "fulfillment"), _list(order, "orderItems")
    status = text(fulfilment.get("fulfillmentStatus"), 24) or "UNKNOWN"
    programs = tuple(text(name, 40) for name in order.get("programs") or ())
    replaced = _replaced(order)
    window = _sub(fulfilment, "deliverByWindow")
    total, currency = _money(_sub(order, "proceeds").get("grandTotal"))
    parcels = _parcels(_list(order, "packages"))
    return OrderRecord(
        amazon_order_id=_required(order, "orderId", 40),
        purchased_at=_moment(order["createdTime"]),
        last_updated_at=updated_at,
        marketplace_id=_marketplace(_sub(order, "salesChannel")),
        status=status,
        fulfilment=_FULFILMENT.get(fulfilment.get("fulfilledBy") or "", ""),
        programs=programs,
        is_business="AMAZON_BUSINESS" in programs,
        is_replacement=bool(replaced),
        replaces_order_id=replaced,
        has_promotion=any(_list(_sub(item, "promotion"), "breakdowns") for item in items),
        item_count=sum(_count(item) for item in items),
        total_minor=total,
        currency=currency or _items_currency(items),
        shipped_at=_shipped_at(status, parcels, updated_at),
        promised_earliest_at=_maybe(window.get("earliestDateTime")),
        promised_latest_at=_maybe(window.get("latestDateTime")),
        delivered_at=updated_at if parcels.are_delivered else None,
        cancelled_at=updated_at if status == "CANCELLED" else None,
        cancel_requested_at=updated_at if any(_asks_to_cancel(item) for item in items) else None,
        undeliverable_at=updated_at if parcels.any_lost else None,
        unknown_facts=_unknown(order, included),
        items=_items(items),
    )


def _unknown(order: Json, included: frozenset[str]) -> tuple[str, ...]:
    missing = [name for name in FACT_SETS if name not in included]
    if "FULFILLMENT" in included and not order.get("fulfillment"):
        missing.append("FULFILLMENT")
    return tuple(missing)


def _marketplace(channel: Json) -> str:
    if channel.get("marketplaceId"):
        return text(channel["marketplaceId"], 20)
    store = marketplace_for_sales_channel(str(channel.get("marketplaceName") or ""))
    return store.id if store else ""


def _replaced(order: Json) -> str:
    for other in _list(order, "associatedOrders"):
        if other.get("associationType") in _REPLACING:
            return text(other.get("orderId"), 40) or "unknown"
    return ""


@dataclass(frozen=True, slots=True)
class _Parcels:
    are_delivered: bool = False
    any_lost: bool = False
    last_shipped_at: datetime | None = None


def _parcels(packages: Sequence[Json]) -> _Parcels:
    if not packages:
        return _Parcels()
    states = [_sub(package, "packageStatus") for package in packages]
    live = [state for state in states if state.get("status") != "CANCELLED"]
    shipped = [_moment(package["shipTime"]) for package in packages if package.get("shipTime")]
    return _Parcels(
        are_delivered=bool(live) and all(state.get("status") == "DELIVERED" for state in live),
        any_lost=any({state.get("status"), state.get("detailedStatus")} & _LOST for state in live),
        last_shipped_at=max(shipped, default=None),
    )


def _shipped_at(status: str, parcels: _Parcels, updated_at: datetime) -> datetime | None:
    """The last parcel's handover; without parcels (FBA) the update that first showed the order as shipped."""
    if status != "SHIPPED":
        return None
    return parcels.last_shipped_at or updated_at


def _items(items: Sequence[Json]) -> tuple[ItemRecord, ...]:
    return tuple({record.amazon_item_id: record for record in map(_item, items)}.values())


def _item(item: Json) -> ItemRecord:
    product = _sub(item, "product")
    price, currency = _money(_sub(product, "price").get("unitPrice"))
    return ItemRecord(
        amazon_item_id=_required(item, "orderItemId", 140),
        asin=text(product.get("asin"), 20),
        sku=text(product.get("sellerSku"), 120),
        title=text(product.get("title"), 1_000),
        quantity=_count(item),
        price_minor=price,
        currency=currency,
        is_cancelled=bool(_sub(item, "cancellation").get("cancellationExecution")),
    )


def _asks_to_cancel(item: Json) -> bool:
    return bool(_sub(item, "cancellation").get("cancellationRequest"))


def _items_currency(items: Sequence[Json]) -> str:
    for item in items:
        _, currency = _money(_sub(_sub(item, "product"), "price").get("unitPrice"))
        if currency:
            return currency
    return ""


def _count(item: Json) -> int:
    return min(max(0, int(item.get("quantityOrdered") or 0)), 1_000_000)


def _money(value: Any) -> tuple[int | None, str]:
    if not isinstance(value, Mapping) or value.get("amount") in (None, ""):
        return None, ""
    currency = text(value.get("currencyCode"), 3).upper()
    return minor(value["amount"], currency), currency


def _required(facts: Json, name: str, longest: int) -> str:
    found = text(facts.get(name), longest)
    if not found:
        raise ValueError(f"{name} is missing")
    return found


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(str(value))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _maybe(value: Any) -> datetime | None:
    return _moment(value) if value else None


def _sub(facts: Any, name: str) -> Json:
    found = facts.get(name)
    return found if isinstance(found, Mapping) else {}


def _list(facts: Json, name: str) -> Sequence[Json]:
    found = facts.get(name)
    return found if isinstance(found, list) else ()


def text(value: Any, longest: int) -> str:
    """A bounded string the database can hold: no NUL, no half of a surrogate pair."""
    found = "" if value is None else str(value)
    if not found.isascii():
        found = found.encode("utf-8", "replace").decode("utf-8")
    return found.replace("\x00", "")[:longest].strip()
