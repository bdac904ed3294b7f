"""Reading changed orders from Amazon, a window at a time, so that nothing is skipped and a killed reader goes on.

A window begins five minutes before the moment up to which Amazon's last answer was complete, and ends where
the window's first page says it is complete. The cursor moves only when the last page is stored; each page is
stored together with the token of the next. Nothing here sleeps: what must wait says when. (searchOrders:
Amazon's model, read 2026-11-23.)
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from accounts import due
from accounts.models import Connection, Seller
from accounts.services import connections
from amazon import orders as api
from amazon.client import SellingPartner
from amazon.errors import AmazonError, Outcome
from orders import records
from orders.models import SyncCursor
from orders.services import subscriptions
from orders.services.pages import Overtaken, Page, WalksInCircles, store_page
from orders.services.upsert import Upserted, upsert_page

KIND = "orders.sync"
FIRST_WINDOW = timedelta(days=30)
OVERLAP = timedelta(minutes=5)
#: Amazon keeps a page token for 24 hours (migration guide, read 2026-11-23); an hour is ours, for clocks and
#: queues.
TOKEN_LIVES = timedelta(hours=23)
REFUSED_FOR = timedelta(days=1)
PAGES_AT_ONCE = 25  # then other sellers have their turn
BUSY, QUIET, SANDBOX = timedelta(minutes=15), timedelta(hours=2), timedelta(seconds=30)
FIRST_RETRY, LAST_RETRY = timedelta(minutes=1), timedelta(minutes=30)
_AFTER_OWN_FAULT = timedelta(minutes=15)
_OWN_FAULT = "Something on our side went wrong; it is tried again and we look into it."
DATA = frozenset(api.DataSet)

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SyncResult:
    """`next_due_at` None: not before the connection is mended. `is_complete`: a whole window was read."""

    next_due_at: datetime | None
    pages: int = 0
    upserted: Upserted = field(default_factory=Upserted)
    is_complete: bool = False
    note: str = ""


def sync_seller(seller: Seller, now: datetime | None = None) -> datetime | None:
    """Read every connection of the entered seller whose time has come; when there is more to read."""
    now = now or timezone.now()
    links = [link for link in Connection.objects.filter(seller=seller).order_by("pk") if link.is_usable]
    known = dict(SyncCursor.objects.values_list("connection_id", "next_at"))
    ripe = [link for link in links if (known.get(link.pk) or now) <= now]
    # Nothing is due by our own book, and yet we are called: somebody asked for it.
    for link in ripe or links:
        _sync_apart(link, now)
    return _earliest(links)


def _sync_apart(link: Connection, now: datetime) -> None:
    """What is wrong with one connection (a key that is gone, an order that cannot be stored) keeps no other from being read."""
    try:
        sync_connection(link.pk, now)
    except Exception:  # noqa: BLE001  # whatever it is, it is this connection's own
        _log.exception("Connection %s could not be read", link.pk)
        again_at = now + _AFTER_OWN_FAULT
        SyncCursor.objects.filter(pk=link.pk).update(
            next_at=again_at, last_error=_OWN_FAULT, last_error_at=now
        )


def _earliest(links: Iterable[Connection]) -> datetime | None:
    cursors = SyncCursor.objects.filter(connection_id__in=[link.pk for link in links])
    return min((cursor.next_at for cursor in cursors if cursor.next_at), default=None)


def sync_connection(connection_id: int, now: datetime) -> SyncResult:
    """Read up to PAGES_AT_ONCE pages in the entered seller's schema. May run twice and be killed anywhere.

    Amazon's errors move the connection's health and the next attempt; they are not raised.
    """
    link = Connection.objects.get(pk=connection_id)
    cursor, _ = SyncCursor.objects.get_or_create(connection_id=connection_id)
    result = SyncResult(None, note="The connection is not usable.")
    if link.is_usable:
        result = _Reading(link, cursor, now).run()
    SyncCursor.objects.filter(pk=connection_id).update(next_at=result.next_due_at)
    return result


def hurry(connection_id: int) -> None:
    """Have this connection read at once; a hint arrived. Nothing happens to a connection never read: it is due anyway."""
    seller_id = Connection.objects.values_list("seller_id", flat=True).get(pk=connection_id)
    SyncCursor.objects.filter(pk=connection_id).update(next_at=None)
    due.lower(seller_id, KIND, timezone.now())


def fetch_order(link: Connection, amazon_order_id: str) -> Upserted:
    """Read one order now, in the entered seller's schema. Raises AmazonError."""
    cursor, _ = SyncCursor.objects.get_or_create(connection_id=link.pk)
    data = DATA - set(cursor.refused_data)
    asks = _asks_for_addresses(link, cursor)
    partner = connections.selling_partner(link)
    order = api.get_order(partner, amazon_order_id, data, with_buyer_email=asks)
    readable, problems = records.parse_page([order], data)
    for problem in problems:
        _log.warning("An order of connection %s could not be read: %s", link.pk, problem)
    return upsert_page(link.pk, readable, relay_addresses=records.relay_addresses([order]))


def preview(connection_id: int, now: datetime) -> tuple[int, bool]:
    """How many orders the next page holds, and whether more follow; nothing is stored. Raises AmazonError."""
    link = Connection.objects.get(pk=connection_id)
    cursor = SyncCursor.objects.filter(pk=connection_id).first() or SyncCursor(connection_id=connection_id)
    window = api.Window(_window_start(cursor, now))
    page = api.search_orders(connections.selling_partner(link), window, marketplace_ids=_stores(link))
    return len(page.orders), bool(page.next_token)


class _Reading:
    """One run over one connection. `cursor` is what the database holds, as of our last look."""

    def __init__(self, link: Connection, cursor: SyncCursor, now: datetime) -> None:
        self.link, self.cursor, self.now = link, cursor, now
        self.pages, self.total = 0, Upserted()
        self.restarts, self.is_first = 0, cursor.complete_until_at is None

    def run(self) -> SyncResult:
        try:
            return self._read_window(connections.selling_partner(self.link))
        except AmazonError as error:
            return self._failed(error)
        except Overtaken:
            return self._result(self.now + FIRST_RETRY, note="Another worker reads this connection.")

    def _read_window(self, partner: SellingPartner) -> SyncResult:
        for _ in range(PAGES_AT_ONCE):
            page = self._next_page(partner)
            if page is None:
                continue
            if self._stored(page):
                return self._complete()
        return self._result(self.now, note="More pages follow.")

    def _next_page(self, partner: SellingPartner) -> Page | None:
        """None: Amazon refused our token and the window begins again."""
        if not self._may_go_on():
            return self._first_page(partner)
        try:
            return self._following_page(partner)
        except AmazonError as error:
            if error.outcome is not Outcome.OUR_FAULT or self.restarts:
                raise
            self._restart(
                "Amazon no longer knows our place in the list; it is read again from the window's beginning."
            )
            return None

    def _may_go_on(self) -> bool:
        cursor = self.cursor
        asked_at = cursor.page_token_at
        return bool(cursor.page_token and asked_at and self.now - asked_at < TOKEN_LIVES)

    def _first_page(self, partner: SellingPartner) -> Page:
        cursor, after_at = self.cursor, _window_start(self.cursor, self.now)
        if cursor.refused_at and self.now - cursor.refused_at >= REFUSED_FOR:
            cursor.refused_data, cursor.refused_at = [], None
        found = api.search_orders_reduced(
            partner,
            api.Window(after_at),
            DATA - set(cursor.refused_data),
            marketplace_ids=_stores(self.link),
            with_buyer_email=_asks_for_addresses(self.link, cursor),
        )
        self._note_refusals(found.included)
        return Page.first(found, after_at, self.now)

    def _note_refusals(self, included: frozenset[str]) -> None:
        """Reduced mode: what Amazon refuses is not asked for again before tomorrow."""
        wanted = DATA | ({"BUYER"} if self.link.sender_address else set())
        refused = sorted(str(name) for name in wanted - included)
        if refused != self.cursor.refused_data:
            self.cursor.refused_data, self.cursor.refused_at = refused, self.now

    def _following_page(self, partner: SellingPartner) -> Page:
        cursor = self.cursor
        found = api.search_orders(
            partner,
            api.Window(cursor.window_after_at or _window_start(cursor, self.now)),
            [api.DataSet(name) for name in cursor.window_data if name != "BUYER"],
            cursor.page_token,
            marketplace_ids=_stores(self.link),
            with_buyer_email="BUYER" in cursor.window_data,
        )
        return Page.following(found, cursor, self.now)

    def _stored(self, page: Page) -> bool:
        """Whether that was the window's last page."""
        try:
            self.cursor, upserted = store_page(self.link.pk, self.cursor, page)
        except WalksInCircles as error:
            if self.restarts:
                raise AmazonError(Outcome.RETRY, str(error), operation="searchOrders") from None
            self._restart(str(error))
            return False
        self.pages += 1
        self.total += upserted
        return page.is_last

    def _restart(self, note: str) -> None:
        """From the window's beginning. What was stored stays; once a run, so that nobody walks in circles with Amazon."""
        self.restarts += 1
        _log.warning("Connection %s: %s", self.link.pk, note)
        self._save(
            page_token="",
            page_token_at=None,
            page_marks=[],
            pages_read=0,
            last_error=note,
            last_error_at=self.now,
        )

    def _complete(self) -> SyncResult:
        has_news = self.total.new + self.total.changed > 0
        quiet = 0 if has_news else self.cursor.quiet_reads + 1
        self._save(quiet_reads=quiet, failures=0, last_success_at=self.now)
        connections.note_success(self.link.pk)
        if self.is_first:
            subscriptions.subscribe(self.link)
        return replace(self._result(self.now + _spacing(quiet)), is_complete=True)

    def _failed(self, error: AmazonError) -> SyncResult:
        connections.note_error(self.link.pk, error)
        is_wait = error.outcome is Outcome.NOT_NOW
        failures = self.cursor.failures + (0 if is_wait else 1)
        if not is_wait:
            self._save(failures=failures, last_error=error.sentence[:400], last_error_at=self.now)
        self.link.refresh_from_db(fields=["health"])
        if not self.link.is_usable:
            return self._result(None, note=error.sentence)
        return self._result(self.now + (error.retry_after or _backoff(failures)), note=error.sentence)

    def _save(self, **values: object) -> None:
        SyncCursor.objects.filter(pk=self.cursor.pk).update(**values)
        for name, value in values.items():
            setattr(self.cursor, name, value)

    def _result(self, next_due_at: datetime | None, note: str = "") -> SyncResult:
        return SyncResult(next_due_at, self.pages, self.total, note=note)


def _window_start(cursor: SyncCursor, now: datetime) -> datetime:
    return cursor.complete_until_at - OVERLAP if cursor.complete_until_at else now - FIRST_WINDOW


def _asks_for_addresses(link: Connection, cursor: SyncCursor) -> bool:
    """Only where the seller writes to relay addresses, and only while Amazon grants them."""
    return bool(link.sender_address) and "BUYER" not in cursor.refused_data


def _stores(link: Connection) -> list[str]:
    return sorted(link.marketplace_ids)[:50]


def _spacing(quiet_reads: int) -> timedelta:
    """Longer the longer nothing happens: a quarter of an hour after news, two hours where it stays quiet."""
    if settings.SANDBOX_URL:
        return SANDBOX
    return min(BUSY * (1 << min(quiet_reads, 5)), QUIET)


def _backoff(failures: int) -> timedelta:
    longest = SANDBOX if settings.SANDBOX_URL else LAST_RETRY
    return min(FIRST_RETRY * (1 << min(max(failures - 1, 0), 10)), longest)
