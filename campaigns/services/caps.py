"""The day's limit of messages for one Amazon account, kept as a ledger in the seller's schema.

Amazon: at most 5 x the average daily orders + 600 messages a day (Seller Central help as restated in
docs/sources.md, read 2026-11-23). A part is kept back for what an order cannot do without. The count is one
row's number, never a count of messages.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import connection as db
from django.utils import timezone

from accounts.models import Connection
from amazon.regions import MARKETPLACES
from campaigns.models import DayLedger
from orders.models import Order

PER_DAILY_ORDER, FLOOR, AVERAGED_OVER = 5, 600, 30
RESERVE_SHARE = 10  # percent


@dataclass(frozen=True, slots=True)
class Room:
    """One account's day in one marketplace's calendar. `next_day_at` (UTC) is when the next begins."""

    connection_id: int
    day: date
    next_day_at: datetime
    allowed: int
    used: int

    def limit_for(self, is_critical: bool) -> int:
        return self.allowed if is_critical else self.allowed - -(-self.allowed * RESERVE_SHARE // 100)


def rooms(
    places: Iterable[tuple[Connection, str]], now: datetime | None = None
) -> Mapping[tuple[int, str], Room]:
    """The room of each (connection, marketplace id). The day's first look counts the orders and remembers
    the answer.
    """
    at = now or timezone.now()
    days = {(c.pk, marketplace): (c, *_day(marketplace, at)) for c, marketplace in places}
    rows = DayLedger.objects.filter(
        connection_id__in={c for c, _ in days}, day__in={day for _, day, _ in days.values()}
    )
    known = {(row.connection_id, row.day): row for row in rows}
    return {
        place: _room(c, day, next_day_at, known.get((c.pk, day)))
        for place, (c, day, next_day_at) in days.items()
    }


_RAISE = """
INSERT INTO campaigns_dayledger AS ledger (connection_id, day, used, allowed) VALUES (%s, %s, 1, %s)
ON CONFLICT (connection_id, day) DO UPDATE SET used = ledger.used + 1 WHERE ledger.used < %s
RETURNING used
"""


def raise_by_one(room: Room, *, is_critical: bool) -> bool:
    """Part of the fence's transaction. False: the day is full, nothing was counted."""
    limit = room.limit_for(is_critical)
    if limit < 1:
        return False
    with db.cursor() as cursor:
        cursor.execute(_RAISE, [room.connection_id, room.day, room.allowed, limit])
        return cursor.fetchone() is not None


def give_back(connection_id: int, marketplace_id: str, counted_at: datetime) -> None:
    """What certainly never left does not count."""
    day, _ = _day(marketplace_id, counted_at)
    with db.cursor() as cursor:
        cursor.execute(
            "UPDATE campaigns_dayledger SET used = used - 1 WHERE connection_id = %s AND day = %s AND used > 0",
            [connection_id, day],
        )


def _room(connection: Connection, day: date, next_day_at: datetime, row: DayLedger | None) -> Room:
    own = connection.daily_cap
    if row is None and own is None:
        row = _first_look(connection.pk, day)
    allowed = own if own is not None else (row.allowed if row else 0)
    return Room(connection.pk, day, next_day_at, allowed, row.used if row else 0)


def _first_look(connection_id: int, day: date) -> DayLedger:
    since = timezone.now() - timedelta(days=AVERAGED_OVER)
    orders = Order.objects.filter(connection_id=connection_id, purchased_at__gte=since).count()
    allowed = FLOOR + PER_DAILY_ORDER * orders // AVERAGED_OVER
    return DayLedger.objects.get_or_create(
        connection_id=connection_id, day=day, defaults={"allowed": allowed}
    )[0]


def _day(marketplace_id: str, at: datetime) -> tuple[date, datetime]:
    store = MARKETPLACES.get(marketplace_id)
    zone = ZoneInfo(store.timezone) if store else ZoneInfo("UTC")
    day = at.astimezone(zone).date()
    return day, datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
