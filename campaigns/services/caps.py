"""The day's limit of messages for one Amazon account, kept as a ledger in the seller's schema.

Amazon: at most 5 x the average daily orders + 600 messages a day (Seller Central help as restated in
docs/sources.md, read 2026-11-23). A part is kept back for what an order cannot do without. The count is one
row's number, never a count of messages.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection as db

from amazon.regions import MARKETPLACES
from campaigns.services.gate.facts import Facts

PER_DAILY_ORDER, FLOOR, AVERAGED_OVER = 5, 600, 30
RESERVE_SHARE = 10  # percent

#: Connection id and marketplace id.
Place = tuple[int, str]


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


def rooms(batch: Iterable[Facts]) -> Mapping[Place, Room]:
    """The room of each place the batch is about. The day's first look counts the orders and remembers the
    answer.
    """
    found: dict[Place, Room] = {}
    for one in batch:
        if one.account is not None and place_of(one) not in found:
            found[place_of(one)] = room(one)
    return found


def place_of(facts: Facts) -> Place:
    return facts.connection_id or 0, facts.marketplace_id


def room(facts: Facts) -> Room:
    """As it was at the moment of these facts."""
    own = facts.account.daily_cap if facts.account else None
    allowed = own if own is not None else facts.day_allowed
    if allowed is None:
        allowed = _first_look(facts.connection_id or 0, facts.day)
    next_day_at = _begins_at(facts.marketplace_id, facts.day + timedelta(days=1))
    return Room(facts.connection_id or 0, facts.day, next_day_at, allowed, facts.day_used)


#: Part of the fence's statement: counts one more where there is room, else nothing.
RAISE = """
INSERT INTO campaigns_dayledger AS ledger (connection_id, day, used, allowed)
SELECT %(connection)s, %(day)s, 1, %(allowed)s FROM crossed WHERE %(most)s >= 1
ON CONFLICT (connection_id, day) DO UPDATE SET used = ledger.used + 1 WHERE ledger.used < %(most)s
RETURNING used
"""


def raising(room: Room, *, is_critical: bool) -> dict[str, Any]:
    """What RAISE takes."""
    most = room.limit_for(is_critical)
    return {"connection": room.connection_id, "day": room.day, "allowed": room.allowed, "most": most}


def give_back(connection_id: int, marketplace_id: str, counted_at: datetime) -> None:
    """What certainly never left does not count."""
    day = counted_at.astimezone(_zone(marketplace_id)).date()
    with db.cursor() as cursor:
        cursor.execute(
            "UPDATE campaigns_dayledger SET used = used - 1 WHERE connection_id = %s AND day = %s AND used > 0",
            [connection_id, day],
        )


_FIRST_LOOK = """
INSERT INTO campaigns_dayledger (connection_id, day, used, allowed)
SELECT %(connection)s, %(day)s, 0, %(floor)s + %(factor)s * count(*) / %(days)s FROM orders_order
WHERE connection_id = %(connection)s AND purchased_at >= statement_timestamp() - make_interval(days => %(days)s)
-- Somebody else looked at the same time: theirs counts, and this only reads it.
ON CONFLICT (connection_id, day) DO UPDATE SET allowed = campaigns_dayledger.allowed
RETURNING allowed
"""


def _first_look(connection_id: int, day: date) -> int:
    values: dict[str, Any] = {
        "connection": connection_id,
        "day": day,
        "floor": FLOOR,
        "factor": PER_DAILY_ORDER,
        "days": AVERAGED_OVER,
    }
    with db.cursor() as cursor:
        cursor.execute(_FIRST_LOOK, values)
        return int(cursor.fetchone()[0])


def _begins_at(marketplace_id: str, day: date) -> datetime:
    return datetime.combine(day, time(), _zone(marketplace_id)).astimezone(UTC)


def _zone(marketplace_id: str) -> ZoneInfo:
    store = MARKETPLACES.get(marketplace_id)
    return ZoneInfo(store.timezone if store else "UTC")
