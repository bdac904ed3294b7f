"""What each report's rows say about an order. Pure.

Columns are found by name, in any order, in the languages known; names, cities, postcodes and e-mail addresses
are never looked at, so they go no further than the line they stand in. (Column lists: Amazon's report
attribute pages and developer threads, read 2026-11-23; for seller feedback no official list was found, so
several names are accepted.)
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from amazon import reports as api

Row = Mapping[str, str]
Headed = Iterable[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Fact:
    """What one report row adds to one order. Times are aware; None: the row does not say."""

    amazon_order_id: str
    shipped_at: datetime | None = None
    estimated_arrival_at: datetime | None = None
    returned_at: datetime | None = None
    refunded_at: datetime | None = None
    feedback_at: datetime | None = None
    feedback_rating: int | None = None


Reader = Callable[[Row, tuple[str, ...], datetime], Fact | None]


@dataclass(frozen=True)
class ReportKind:
    """`overlap`: how far back into the last period the next one reaches, for what Amazon adds late."""

    name: str
    title: str
    overlap: timedelta
    read: Reader
    columns: Mapping[str, tuple[str, ...]]


def merged(facts: Iterable[Fact]) -> list[Fact]:
    """One fact an order: the last parcel's dates, the first return."""
    found: dict[str, Fact] = {}
    for fact in facts:
        known = found.get(fact.amazon_order_id)
        found[fact.amazon_order_id] = _both(known, fact) if known else fact
    return list(found.values())


_EARLIER = {"returned_at", "refunded_at", "feedback_at"}


def _both(one: Fact, other: Fact) -> Fact:
    values: dict[str, Any] = {}
    for name in (field.name for field in fields(Fact) if field.name != "amazon_order_id"):
        told = [value for value in (getattr(one, name), getattr(other, name)) if value is not None]
        values[name] = (min if name in _EARLIER else max)(told, default=None)
    return replace(one, **values)


def headed(kind: ReportKind, rows: Headed) -> Iterator[dict[str, str]]:
    """The rows under our names for the columns wanted; everything else is dropped here."""
    names: dict[str, str] | None = None
    for row in rows:
        if names is None:
            names = _found(kind, row)
        yield {ours: row.get(theirs, "") for ours, theirs in names.items()}


def _found(kind: ReportKind, row: Row) -> dict[str, str]:
    given = {plain(name): name for name in row}
    return {
        ours: given[name]
        for ours, accepted in kind.columns.items()
        for name in map(plain, accepted)
        if name in given
    }


def plain(name: str) -> str:
    """Header names without the differences that mean nothing: case, quotes, spaces, hyphens."""
    return re.sub(r"[\s_\-]+", "-", name.strip().strip('"').lower().removeprefix("\ufeff"))


# -- the reports


def _shipment(row: Row, countries: tuple[str, ...], now: datetime) -> Fact | None:
    fact = Fact(
        row.get("order", ""),
        shipped_at=moment(row.get("shipped", "")),
        estimated_arrival_at=moment(row.get("arrives", "")),
    )
    return fact if fact.amazon_order_id and (fact.shipped_at or fact.estimated_arrival_at) else None


def _fba_return(row: Row, countries: tuple[str, ...], now: datetime) -> Fact | None:
    at = moment(row.get("returned", ""), countries)
    return Fact(row["order"], returned_at=at) if row.get("order") and at else None


def _fbm_return(row: Row, countries: tuple[str, ...], now: datetime) -> Fact | None:
    if not row.get("order"):
        return None
    at = moment(row.get("requested", ""), countries) or now
    # The report tells the amount and no date: the first sighting counts.
    return Fact(
        row["order"], returned_at=at, refunded_at=now if _is_amount(row.get("refunded", "")) else None
    )


def _feedback(row: Row, countries: tuple[str, ...], now: datetime) -> Fact | None:
    rating = row.get("rating", "").strip()
    at = moment(row.get("date", ""), countries)
    if not row.get("order") or not at or rating not in {"1", "2", "3", "4", "5"}:
        return None
    return Fact(row["order"], feedback_at=at, feedback_rating=int(rating))


def _is_amount(text: str) -> bool:
    """Whether this writes more than nothing, in whatever way amounts are written there."""
    return bool(re.search(r"[1-9]", text))


_DATES = re.compile(r"(\d{1,4})[./\-年](\d{1,2})[./\-月](\d{1,4})日?$")


def moment(text: str, countries: tuple[str, ...] = ()) -> datetime | None:
    """A report's time. Days alone are noon UTC. `03/04/26` is March in American stores and April elsewhere.

    None where it cannot be read: a fact we cannot date is not one."""
    text = text.strip()
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return _day(text, countries)
    if len(text) <= 10:
        return datetime(found.year, found.month, found.day, 12, tzinfo=UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


#: `03-Nov-2026`, as Amazon writes days in some reports.
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAME = re.compile(r"(?<=\d-)[A-Za-z]{3}(?=-\d)")


def _month_number(name: re.Match[str]) -> str:
    found = name.group().lower()
    return str(_MONTHS.index(found) + 1) if found in _MONTHS else found


def _day(text: str, countries: tuple[str, ...]) -> datetime | None:
    parts = _DATES.match(_MONTH_NAME.sub(_month_number, text))
    if not parts:
        return None
    first, second, third = (int(part) for part in parts.groups())
    if first > 31:
        year, month, day = first, second, third
    elif countries[:1] in (("US",), ("CA",)) and "/" in text:
        year, month, day = third, first, second
    else:
        year, month, day = third, second, first
    try:
        return datetime(year + 2000 if year < 100 else year, month, day, 12, tzinfo=UTC)
    except ValueError:
        return None


_ORDER = (
    "amazon-order-id", "order-id", "Order ID", "Bestellnummer", "Numéro de commande", "Número de pedido",
    "Numero ordine", "注文番号",
)  # fmt: skip

KINDS: tuple[ReportKind, ...] = (
    ReportKind(
        api.FBA_SHIPMENTS,
        "FBA shipments",
        timedelta(days=2),
        _shipment,
        {"order": _ORDER, "shipped": ("shipment-date",), "arrives": ("estimated-arrival-date",)},
    ),
    ReportKind(
        api.FBA_RETURNS,
        "FBA returns",
        timedelta(days=3),
        _fba_return,
        {"order": _ORDER, "returned": ("return-date", "Rückgabedatum", "Date de retour")},
    ),
    ReportKind(
        api.FBM_RETURNS,
        "Returns you handle",
        timedelta(days=14),
        _fbm_return,
        {
            "order": _ORDER,
            "requested": ("Return request date", "return-date"),
            "refunded": ("Refunded Amount", "refund-amount"),
        },
    ),
    ReportKind(
        api.SELLER_FEEDBACK,
        "Seller feedback",
        timedelta(days=3),
        _feedback,
        {
            "order": _ORDER,
            "date": ("Date", "Datum", "Fecha", "Data", "日付", "評価日"),
            "rating": ("Rating", "Bewertung", "Évaluation", "Valoración", "Valutazione", "評価"),
        },
    ),
)
