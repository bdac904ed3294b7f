"""Seller Central's "All orders" file, line by line. Pure.

Columns are found by name, in any order; only those named here are looked at, so city, state and postcode stop
in this file. (Report GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL, Amazon's column list read
2026-11-23.)
"""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from amazon.regions import marketplace_for_sales_channel
from orders.money import minor
from orders.records import ItemRecord, OrderRecord
from orders.reporting import plain

REQUIRED = (
    "amazon-order-id", "purchase-date", "last-updated-date", "order-status", "fulfillment-channel",
    "sales-channel", "sku", "quantity",
)  # fmt: skip
_OPTIONAL = (
    "product-name", "asin", "item-status", "currency", "item-price", "shipping-price", "gift-wrap-price",
    "item-promotion-discount", "ship-promotion-discount", "ship-country", "promotion-ids",
    "is-business-order",
)  # fmt: skip
#: Other names the same columns have been given.
_ALIASES = {
    "order-id": "amazon-order-id", "last-update-date": "last-updated-date",
    "fulfilment-channel": "fulfillment-channel", "title": "product-name", "product-title": "product-name",
    "quantity-purchased": "quantity",
}  # fmt: skip
MOST_FIELDS = 400


class BadHeader(ValueError):
    """The file's first line is not the header of an "All orders" file; the message names what is missing and what is there."""


class BadLine(ValueError):
    """One line that cannot be taken; `column` is empty where the line as a whole is wrong."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.reason = column, reason


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the columns of this file are."""

    delimiter: str
    width: int
    columns: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line: an order as far as it tells it, and one item. `extras_minor`: shipping and wrapping less discounts."""

    amazon_order_id: str
    purchased_at: datetime
    last_updated_at: datetime
    marketplace_id: str
    status: str
    is_lost: bool
    fulfilment: str
    ship_country: str
    is_business: bool
    has_promotion: bool
    sku: str
    asin: str
    title: str
    quantity: int
    price_minor: int | None
    extras_minor: int
    currency: str
    item_status: str
    is_cancelled: bool


# -- the header


def layout(header: str) -> Layout:
    """Raises BadHeader."""
    delimiter = "\t" if "\t" in header or "," not in header else ","
    try:
        given = [plain(cell) for cell in _cells(header, delimiter)]
    except BadLine as problem:
        raise BadHeader(f"The first line cannot be read as column names: {problem.reason}") from None
    names = [_ALIASES.get(name, name) for name in given]
    columns = {name: names.index(name) for name in (*REQUIRED, *_OPTIONAL) if name in names}
    if missing := [name for name in REQUIRED if name not in columns]:
        raise BadHeader(_missing(missing, given))
    return Layout(delimiter, len(names), columns)


def _missing(missing: list[str], given: list[str]) -> str:
    lacking = f"The column {missing[0]} is" if len(missing) == 1 else f"The columns {', '.join(missing)} are"
    found = ", ".join(name[:40] for name in given[:40] if name) or "none"
    advice = "Choose Seller Central's “All orders” report as it was downloaded."
    return f"{lacking} missing. {advice} Columns found: {found}."


# -- a line


def parse(text: str, where: Layout) -> OrderLine:
    """Raises BadLine."""
    if _CONTROL.search(text):
        raise BadLine("", "The line holds control characters.")
    cells = _cells(text, where.delimiter)
    if len(cells) != where.width:
        many = "few" if len(cells) < where.width else "many"
        raise BadLine("", f"The line has too {many} fields: {len(cells)} instead of {where.width}.")
    return _read({name: cells[index].strip() for name, index in where.columns.items()})


_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\u2028\u2029]")


def _cells(text: str, delimiter: str) -> list[str]:
    if delimiter == "\t":
        # Amazon quotes nothing and product names may hold quotes: only a field that a spreadsheet quoted is
        # opened.
        return [_unquoted(cell) if cell[:1] == '"' else cell for cell in text.split("\t")]
    try:
        cells = next(csv.reader([text], strict=True), [])
    except csv.Error:
        raise BadLine("", "A quote is opened and not closed.") from None
    return cells


def _unquoted(cell: str) -> str:
    if cell.count('"') % 2:
        raise BadLine("", "A quote is opened and not closed.")
    return cell[1:-1].replace('""', '"') if len(cell) > 1 and cell[-1] == '"' else cell


def _read(row: Mapping[str, str]) -> OrderLine:
    currency = _currency(row)
    item_status = row.get("item-status", "")[:40]
    status, is_lost = _status(row["order-status"])
    return OrderLine(
        amazon_order_id=_order_id(row["amazon-order-id"]),
        purchased_at=_moment(row, "purchase-date"),
        last_updated_at=_moment(row, "last-updated-date"),
        marketplace_id=_marketplace(row["sales-channel"]),
        status=status,
        is_lost=is_lost,
        fulfilment=_fulfilment(row["fulfillment-channel"]),
        ship_country=_country(row.get("ship-country", "")),
        is_business=row.get("is-business-order", "").lower() in {"true", "yes", "y", "1"},
        has_promotion=bool(row.get("promotion-ids")),
        sku=_bounded(row, "sku", 120),
        asin=_bounded(row, "asin", 20),
        title=row.get("product-name", "")[:1_000],
        quantity=_quantity(row["quantity"]),
        price_minor=_amount(row, "item-price", currency),
        extras_minor=_extras(row, currency),
        currency=currency,
        item_status=item_status,
        is_cancelled="CANCELLED" in (item_status.upper(), status),
    )


_ORDER_ID = re.compile(r"[A-Z0-9]{3}-\d{7}-\d{7}")


def _order_id(text: str) -> str:
    if not _ORDER_ID.fullmatch(text):
        raise BadLine(
            "amazon-order-id", f"{_shown(text)} is not an Amazon order number such as 302-1234567-7654321."
        )
    return text


def _moment(row: Mapping[str, str], column: str) -> datetime:
    try:
        moment = datetime.fromisoformat(row[column])
    except ValueError:
        raise BadLine(
            column, f"{_shown(row[column])} is not a date and time such as 2026-11-23T10:00:00+00:00."
        ) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if not 1995 <= moment.year <= 2100:
        raise BadLine(column, f"{_shown(row[column])} is not a time at which Amazon took orders.")
    return moment


def _marketplace(channel: str) -> str:
    """Empty for orders from outside Amazon that Amazon only delivers: they count, and no message can go to them."""
    store = marketplace_for_sales_channel(channel)
    if store:
        return store.id
    if channel.lower().startswith("non-amazon"):
        return ""
    raise BadLine("sales-channel", f"{_shown(channel)} is not an Amazon store we know, such as Amazon.de.")


_STATUSES = {
    "pending": "PENDING", "pendingavailability": "PENDING_AVAILABILITY", "unshipped": "UNSHIPPED",
    "shipping": "UNSHIPPED", "partiallyshipped": "PARTIALLY_SHIPPED", "shipped": "SHIPPED",
    "complete": "SHIPPED", "invoiceunconfirmed": "UNSHIPPED", "cancelled": "CANCELLED",
    "canceled": "CANCELLED", "unfulfillable": "UNFULFILLABLE",
}  # fmt: skip
_LOST = (
    "returned to seller",
    "returning to seller",
    "rejected by buyer",
    "lost in transit",
    "undelivered",
    "damaged",
)


def _status(text: str) -> tuple[str, bool]:
    """`Shipped - Delivered to Buyer` is SHIPPED: the file does not say when, so no delivery is made up from it."""
    first, _, detail = text.partition(" - ")
    found = _STATUSES.get(re.sub(r"[\s_\-]", "", first.lower()))
    if found is None:
        raise BadLine("order-status", f"{_shown(text)} is not an order status we know.")
    return found, detail.strip().lower() in _LOST


def _fulfilment(text: str) -> str:
    found = {"amazon": "FBA", "afn": "FBA", "merchant": "FBM", "mfn": "FBM", "seller": "FBM", "": ""}.get(
        text.lower()
    )
    if found is None:
        raise BadLine("fulfillment-channel", f"{_shown(text)} is neither Amazon nor Merchant.")
    return found


def _country(text: str) -> str:
    return text.upper() if re.fullmatch(r"[A-Za-z]{2}", text) else ""


def _currency(row: Mapping[str, str]) -> str:
    text = row.get("currency", "").upper()
    if text and not re.fullmatch(r"[A-Z]{3}", text):
        raise BadLine("currency", f"{_shown(text)} is not a currency such as EUR.")
    return text


def _quantity(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise BadLine("quantity", f"{_shown(text)} is not a whole number of units.")
    return int(text)


def _amount(row: Mapping[str, str], column: str, currency: str) -> int | None:
    text = row.get(column, "")
    if not text:
        return None
    try:
        return minor(text, currency)
    except ValueError:
        raise BadLine(column, f"{_shown(text)} is not an amount such as 19.90.") from None


def _extras(row: Mapping[str, str], currency: str) -> int:
    added = [_amount(row, name, currency) or 0 for name in ("shipping-price", "gift-wrap-price")]
    taken = [
        abs(_amount(row, name, currency) or 0)
        for name in ("item-promotion-discount", "ship-promotion-discount")
    ]
    return sum(added) - sum(taken)


def _bounded(row: Mapping[str, str], column: str, longest: int) -> str:
    text = row.get(column, "")
    if len(text) > longest:
        raise BadLine(column, f"{_shown(text)} is longer than {longest} characters.")
    return text


def _shown(text: str) -> str:
    return f"“{text[:40]}…”" if len(text) > 40 else f"“{text}”"


# -- lines to an order


def order_of(lines: Sequence[OrderLine]) -> OrderRecord:
    """One order from its lines, in the order of the file.

    A line that stands there twice, word for word, counts once; of lines about the same SKU only the last
    updated count. The order itself is as its last updated line has it.
    """
    current = _current(lines)
    first = max(current, key=lambda line: line.last_updated_at)
    live = [line for line in current if line.status != "CANCELLED"]
    status = max(live, key=lambda line: line.last_updated_at).status if live else first.status
    priced = [line for line in current if line.price_minor is not None]
    return OrderRecord(
        amazon_order_id=first.amazon_order_id,
        purchased_at=min(line.purchased_at for line in current),
        last_updated_at=first.last_updated_at,
        marketplace_id=first.marketplace_id,
        status=status,
        fulfilment=first.fulfilment,
        is_business=any(line.is_business for line in current),
        has_promotion=any(line.has_promotion for line in current),
        item_count=sum(line.quantity for line in current),
        total_minor=sum((line.price_minor or 0) + line.extras_minor for line in priced) if priced else None,
        currency=priced[0].currency if priced else "",
        ship_country=next((line.ship_country for line in current if line.ship_country), ""),
        cancelled_at=first.last_updated_at if status == "CANCELLED" else None,
        undeliverable_at=first.last_updated_at if any(line.is_lost for line in current) else None,
        items=_items(current),
    )


def _current(lines: Sequence[OrderLine]) -> list[OrderLine]:
    newest: dict[tuple[str, str], datetime] = {}
    for line in lines:
        key = line.sku, line.asin
        newest[key] = max(newest.get(key, line.last_updated_at), line.last_updated_at)
    return [line for line in dict.fromkeys(lines) if line.last_updated_at == newest[line.sku, line.asin]]


def _items(current: Sequence[OrderLine]) -> tuple[ItemRecord, ...]:
    """The file tells no item numbers: the SKU stands in, counted where it comes again."""
    found: dict[str, ItemRecord] = {}
    for line in current:
        stem = line.sku or line.asin or "item"
        number = next(
            name
            for n in range(1, len(current) + 2)
            if (name := stem if n == 1 else f"{stem}#{n}") not in found
        )
        found[number] = ItemRecord(
            number,
            line.asin,
            line.sku,
            line.title,
            line.quantity,
            _unit_price(line),
            line.currency,
            line.is_cancelled,
        )
    return tuple(found.values())


def _unit_price(line: OrderLine) -> int | None:
    """The file tells the price of the whole line."""
    if line.price_minor is None or line.quantity < 2:
        return line.price_minor
    return round(line.price_minor / line.quantity)
