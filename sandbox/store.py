"""One SQLite file holds the whole world: it survives a restart, and `:memory:` serves tests."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

SCHEMA = Path(__file__).with_name("schema.sql").read_text(encoding="utf-8")

WORLD = (
    "sellers",
    "codes",
    "grants",
    "access_tokens",
    "products",
    "buyers",
    "relays",
    "orders",
    "events",
    "feedback",
    "uploads",
    "approved_senders",
    "calls",
    "contacts",
    "bounces",
    "faults",
    "reports",
    "documents",
    "schedules",
    "destinations",
    "subscriptions",
    "notifications",
)
LEDGER = ("calls", "contacts", "bounces", "notifications")


class Store:
    """Plain SQL by key. Every statement commits by itself unless it stands inside `transaction()`."""

    def __init__(self, path: str = ":memory:") -> None:
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.db.row_factory = sqlite3.Row
        self.db.execute("PRAGMA journal_mode=WAL")
        # A power cut may cost the sandbox its last second; nobody's truth is kept here.
        self.db.execute("PRAGMA synchronous=OFF")
        self.db.execute("PRAGMA cache_size=-65536")
        self.db.executescript(SCHEMA)

    def run(self, sql: str, *values: Any) -> sqlite3.Cursor:
        return self.db.execute(sql, values)

    def one(self, sql: str, *values: Any) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self.db.execute(sql, values).fetchone()
        return row

    def all(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        return self.db.execute(sql, values).fetchall()

    def scalar(self, sql: str, *values: Any) -> Any:
        row = self.db.execute(sql, values).fetchone()
        return None if row is None else row[0]

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        self.db.executemany(sql, rows)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; inside another transaction it belongs to the outer one."""
        if self.db.in_transaction:
            yield
            return
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def remember(self, key: str, value: Any) -> None:
        self.run(
            "INSERT INTO meta VALUES (?,?) ON CONFLICT (key) DO UPDATE SET value=excluded.value",
            key,
            orjson.dumps(value).decode(),
        )

    def recall(self, key: str, default: Any = None) -> Any:
        value = self.scalar("SELECT value FROM meta WHERE key=?", key)
        return default if value is None else orjson.loads(value)

    def clear(self, tables: Iterable[str]) -> None:
        with self.transaction():
            for table in tables:
                self.run(f"DELETE FROM {table}")  # noqa: S608

    def close(self) -> None:
        self.db.close()
