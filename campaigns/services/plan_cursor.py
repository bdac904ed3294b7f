"""How far the planner has read the orders' changes: the cursor of the entered seller (docs/decisions/0005-change-cursor.md)."""

from datetime import datetime

from django.db import connection
from psycopg.sql import SQL, Composable, Literal

_NEWS = """
SELECT EXISTS (SELECT FROM orders_order
               WHERE changed_xact >= coalesce((SELECT changed_xact FROM campaigns_plancursor), 0)
                 AND changed_xact < pg_snapshot_xmin(pg_current_snapshot())::text::bigint)
    OR EXISTS (SELECT FROM campaigns_plancursor
               WHERE changed_xact > pg_snapshot_xmax(pg_current_snapshot())::text::bigint)
"""
# A cursor beyond every transaction there ever was: the rows were restored into another cluster, which counts anew.
_RENUMBER = """
UPDATE orders_order SET changed_xact = pg_current_xact_id()::text::bigint
WHERE changed_xact > pg_snapshot_xmax(pg_current_snapshot())::text::bigint
"""
_UNREAD = """
SELECT EXISTS (SELECT FROM orders_order WHERE changed_xact >= coalesce((SELECT changed_xact FROM
    campaigns_plancursor), 0))
"""
_READING = """
SELECT changed_xact, pg_snapshot_xmin(pg_current_snapshot())::text::bigint FROM campaigns_plancursor
"""


def has_news() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_NEWS)
        return bool(cursor.fetchone()[0])


def start_reading() -> tuple[int, int] | None:
    """From where to where to read; None when another planner did it while we waited for our turn."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO campaigns_plancursor (id, changed_xact) VALUES (1, 0) ON CONFLICT DO NOTHING"
        )
        cursor.execute(_READING)
        since, until = cursor.fetchone()
        if since > until and _is_of_another_cluster(since):
            cursor.execute(_RENUMBER)
            since = 0
    return (since, until) if since < until else None


def _is_of_another_cluster(since: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s > pg_snapshot_xmax(pg_current_snapshot())::text::bigint", [since])
        return bool(cursor.fetchone()[0])


def finish_reading(until: int, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE campaigns_plancursor SET changed_xact = %s, read_at = %s", [until, now])


def has_unread() -> bool:
    """Whether orders wait behind the cursor, those of writers that are still open included."""
    with connection.cursor() as cursor:
        cursor.execute(_UNREAD)
        return bool(cursor.fetchone()[0])


def changed_between(since: int, until: int) -> Composable:
    if since == 0:  # the first time: what lies above the line is planned now and read again
        return SQL("true")
    return SQL("o.changed_xact >= {} AND o.changed_xact < {}").format(Literal(since), Literal(until))
