"""How far a connection has been read, in one sentence for people."""

from datetime import datetime

from orders.models import SyncCursor

_REFUSED = {
    "FULFILLMENT": "shipping status", "PACKAGES": "parcels", "CANCELLATION": "cancellations",
    "PROCEEDS": "amounts", "PROMOTION": "promotions", "BUYER": "relay addresses",
}  # fmt: skip


def sync_words_of(cursor: SyncCursor) -> str:
    return " ".join(sentence for sentence in (_progress(cursor), _reduced(cursor)) if sentence)


def _progress(cursor: SyncCursor) -> str:
    if cursor.complete_until_at is None:
        return _first_read(cursor)
    if cursor.page_token:
        return f"New orders are being read: {_pages(cursor)} so far."
    until = f"Orders are complete until {_moment(cursor.complete_until_at)}."
    if cursor.last_error and cursor.failures:
        return f"{until} The last attempt failed: {cursor.last_error}"
    return until


def _first_read(cursor: SyncCursor) -> str:
    if not cursor.pages_read:
        said = f" The last attempt failed: {cursor.last_error}" if cursor.last_error else ""
        return f"The orders of the last 30 days will be read first.{said}"
    pace = "Amazon gives the first 2,000 orders at once and 100 more every three minutes."
    return f"The orders of the last 30 days are being read: {cursor.orders_seen} orders so far. {pace}"


def _pages(cursor: SyncCursor) -> str:
    return "one page" if cursor.pages_read == 1 else f"{cursor.pages_read} pages"


def _reduced(cursor: SyncCursor) -> str:
    if not cursor.refused_data:
        return ""
    names = ", ".join(_REFUSED.get(name, name.lower()) for name in cursor.refused_data)
    return f"Amazon does not tell us {names} now; we ask again every day."


def _moment(at: datetime) -> str:
    return at.strftime("%-d %B %Y, %H:%M UTC")
