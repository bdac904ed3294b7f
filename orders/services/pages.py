"""Storing one page of orders together with the place where the next one begins."""

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from amazon.orders import OrdersPage
from orders import records
from orders.models import SyncCursor
from orders.services.upsert import Upserted, upsert_page

#: Amazon is complete up to two minutes ago; used where an answer does not say it itself.
SETTLED = timedelta(minutes=2)
_log = logging.getLogger(__name__)


class Overtaken(Exception):
    """Somebody else moved this cursor since we looked: a lease ran out. Leave the work to them."""


class WalksInCircles(Exception):
    """Amazon gave a page of this window a second time; following its tokens would never end."""


@dataclass(frozen=True)
class Page:
    """A page of a window, not yet stored. `until_at` is what the window's first page said."""

    found: OrdersPage
    after_at: datetime
    until_at: datetime
    asked_at: datetime
    number: int
    mark: str
    marks: tuple[str, ...] = ()

    @classmethod
    def first(cls, found: OrdersPage, after_at: datetime, now: datetime) -> "Page":
        return cls(found, after_at, found.complete_until or now - SETTLED, now, 1, _mark(found))

    @classmethod
    def following(cls, found: OrdersPage, cursor: SyncCursor, now: datetime) -> "Page":
        until_at = cursor.window_until_at or found.complete_until or now - SETTLED
        after_at = cursor.window_after_at or until_at
        number, marks = cursor.pages_read + 1, tuple(cursor.page_marks)
        return cls(found, after_at, until_at, now, number, _mark(found), marks)

    @property
    def is_last(self) -> bool:
        return not self.found.next_token


def _mark(found: OrdersPage) -> str:
    """The same for the same orders in the same state, whatever the token is called this time."""
    told = [f"{order.get('orderId')} {order.get('lastUpdatedTime')}" for order in found.orders]
    return hashlib.sha256("\n".join(told or [found.next_token or ""]).encode()).hexdigest()[:16]


def store_page(connection_id: int, seen: SyncCursor, page: Page) -> tuple[SyncCursor, Upserted]:
    """Store the orders and move the cursor, in one transaction. `seen` is the cursor by which the page was asked for.

    Raises WalksInCircles before anything is stored, Overtaken when the cursor has moved.
    """
    if page.mark in page.marks or (page.found.next_token and page.found.next_token == seen.page_token):
        raise WalksInCircles("Amazon gave the same page of orders twice; the window is read again.")
    readable, problems = records.parse_page(page.found.orders, page.found.included)
    for problem in problems:
        _log.warning("An order of connection %s could not be read: %s", connection_id, problem)
    with transaction.atomic():
        cursor = SyncCursor.objects.select_for_update().get(pk=connection_id)
        if _place(cursor) != _place(seen):
            raise Overtaken
        addresses = records.relay_addresses(page.found.orders)
        upserted = upsert_page(connection_id, readable, relay_addresses=addresses)
        _move(cursor, seen, page, problems)
        cursor.save()
    return cursor, upserted


def _place(cursor: SyncCursor) -> tuple[object, ...]:
    return cursor.page_token, cursor.window_after_at, cursor.complete_until_at


def _move(cursor: SyncCursor, seen: SyncCursor, page: Page, problems: list[str]) -> None:
    cursor.refused_data, cursor.refused_at = seen.refused_data, seen.refused_at
    cursor.orders_seen += len(page.found.orders)
    cursor.last_error, cursor.last_error_at = "", None
    if problems:
        cursor.last_error, cursor.last_error_at = f"Not readable: {'; '.join(problems)}"[:400], page.asked_at
    _finish(cursor, page) if page.is_last else _go_on(cursor, page)


def _go_on(cursor: SyncCursor, page: Page) -> None:
    cursor.window_after_at, cursor.window_until_at = page.after_at, page.until_at
    cursor.window_data = sorted(str(name) for name in page.found.included)
    cursor.page_token, cursor.page_token_at = page.found.next_token or "", page.asked_at
    cursor.page_marks = [*page.marks, page.mark]
    cursor.pages_read = page.number


def _finish(cursor: SyncCursor, page: Page) -> None:
    known = cursor.complete_until_at
    cursor.complete_until_at = max(known, page.until_at) if known else page.until_at
    cursor.window_after_at = cursor.window_until_at = cursor.page_token_at = None
    cursor.window_data, cursor.page_marks, cursor.page_token, cursor.pages_read = [], [], "", 0
