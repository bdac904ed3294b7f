"""A temporary table of file lines, so that an order's lines are found together wherever they stand, in flat memory."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime
from typing import Any

from django.db import connection

from orders.allorders import OrderLine

_KINDS: dict[Any, str] = {
    str: "text",
    int: "bigint",
    bool: "boolean",
    datetime: "timestamptz",
    int | None: "bigint",
}
_NAMES = tuple(field.name for field in fields(OrderLine))

_ENDLESS = """
SELECT amazon_order_id FROM pg_temp.orders_import_line GROUP BY 1 HAVING count(*) > %s ORDER BY 1
"""
_SHORTEN = """
DELETE FROM pg_temp.orders_import_line WHERE amazon_order_id = %s AND number IN
    (SELECT number FROM pg_temp.orders_import_line WHERE amazon_order_id = %s ORDER BY number OFFSET %s)
RETURNING number
"""
# The first of these orders' numbers come from the index alone; then their lines, in the order of the file.
_WHOLE_ORDERS = f"""
SELECT {", ".join(_NAMES)} FROM pg_temp.orders_import_line
WHERE amazon_order_id > %s AND amazon_order_id <= coalesce((SELECT max(amazon_order_id) FROM (
    SELECT DISTINCT amazon_order_id FROM pg_temp.orders_import_line
    WHERE amazon_order_id > %s ORDER BY 1 LIMIT %s) AS next), '')
ORDER BY amazon_order_id, number
"""  # noqa: S608  the names are our own


class Stage:
    """Lines go in in any order; orders come out whole."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def add(self, lines: Sequence[tuple[int, OrderLine]]) -> None:
        """`lines` with their numbers in the file."""
        with self._cursor.copy(
            f"COPY pg_temp.orders_import_line (number, {', '.join(_NAMES)}) FROM STDIN"
        ) as copy:
            for number, line in lines:
                copy.write_row((number, *(getattr(line, name) for name in _NAMES)))

    def drop_beyond(self, most: int) -> Iterator[list[int]]:
        """Take out the lines of an order beyond `most`; their numbers, order by order."""
        self._cursor.execute("CREATE INDEX ON pg_temp.orders_import_line (amazon_order_id, number)")
        self._cursor.execute("ANALYZE pg_temp.orders_import_line")
        self._cursor.execute(_ENDLESS, [most])
        for (order_id,) in self._cursor.fetchall():
            self._cursor.execute(_SHORTEN, [order_id, order_id, most])
            yield sorted(number for (number,) in self._cursor.fetchall())

    def orders(self, at_once: int = 1_000) -> Iterator[list[list[OrderLine]]]:
        """The lines of `at_once` orders at a time, by order number; within an order as in the file."""
        last = ""
        while rows := self._page(last, at_once):
            last = rows[-1][0]
            yield _grouped(rows)

    def _page(self, after: str, at_once: int) -> list[tuple[Any, ...]]:
        self._cursor.execute(_WHOLE_ORDERS, [after, after, at_once])
        rows: list[tuple[Any, ...]] = self._cursor.fetchall()
        return rows


def _grouped(rows: list[tuple[Any, ...]]) -> list[list[OrderLine]]:
    found: dict[str, list[OrderLine]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(OrderLine(*row))
    return list(found.values())


@contextmanager
def staging() -> Iterator[Stage]:
    """An empty stage on this database session; gone afterwards, and with the session."""
    columns = ", ".join(f"{field.name} {_KINDS[field.type]}" for field in fields(OrderLine))
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.orders_import_line")
        cursor.execute(f"CREATE TEMPORARY TABLE orders_import_line (number bigint, {columns})")
        try:
            yield Stage(cursor)
        finally:
            if not connection.needs_rollback:
                cursor.execute("DROP TABLE IF EXISTS pg_temp.orders_import_line")
