"""What was asked of the sandbox and what it accepted: the witness that tests and the demo trust."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import orjson

from .clock import Clock
from .store import Store

DAY = 86_400
CALL_COLUMNS = (
    "at real_at client_id seller region operation method path params status request_id order_id fault note"
)
CONTACT_COLUMNS = (
    "at real_at channel kind seller order_id buyer identity state reason proactive outside_window"
    " sender subject text html attachments raw"
)


def _insert(table: str, columns: str) -> str:
    names = columns.split()
    return f"INSERT INTO {table} ({','.join(names)}) VALUES ({','.join('?' * len(names))})"  # noqa: S608


CALL = _insert("calls", CALL_COLUMNS)
CONTACT = _insert("contacts", CONTACT_COLUMNS)


@dataclass(slots=True)
class Contact:
    """One thing accepted for a buyer. `identity` says which message it is (a Message-ID, a type and its
    words).
    """

    channel: str
    kind: str
    seller: str
    order_id: str
    buyer: str
    identity: str
    proactive: bool
    outside_window: bool = False
    state: str = "delivered"
    reason: str = ""
    sender: str = ""
    subject: str = ""
    text: str = ""
    html: str = ""
    attachments: tuple[dict[str, Any], ...] = ()
    raw: bytes | None = None


@dataclass(slots=True)
class Ledger:
    store: Store
    clock: Clock

    def call(
        self,
        *,
        client_id: str,
        seller: str,
        region: str,
        operation: str,
        method: str,
        path: str,
        params: dict[str, Any],
        status: int,
        request_id: str,
        order_id: str = "",
        fault: str = "",
        note: str = "",
    ) -> None:
        values = (
            self.clock.now(),
            time.time(),
            client_id,
            seller,
            region,
            operation,
            method,
            path,
            orjson.dumps(params).decode(),
            status,
            request_id,
            order_id,
            fault,
            note,
        )
        self.store.db.execute(CALL, values)

    def contact(self, contact: Contact) -> int:
        c = contact
        values = (
            self.clock.now(),
            time.time(),
            c.channel,
            c.kind,
            c.seller,
            c.order_id,
            c.buyer,
            c.identity,
            c.state,
            c.reason,
            int(c.proactive),
            int(c.outside_window),
            c.sender,
            c.subject,
            c.text,
            c.html,
            orjson.dumps(c.attachments).decode(),
            c.raw,
        )
        return int(self.store.db.execute(CONTACT, values).lastrowid or 0)

    def already(self, order_id: str, channel: str, kind: str) -> bool:
        sql = "SELECT 1 FROM contacts WHERE order_id=? AND channel=? AND kind=? LIMIT 1"
        return self.store.one(sql, order_id, channel, kind) is not None


CALL_FILTERS = ("seller", "operation", "status", "order_id", "region", "client_id", "fault", "note")
CONTACT_FILTERS = ("seller", "order_id", "kind", "state", "identity", "buyer")


def calls(store: Store, filters: dict[str, str]) -> list[dict[str, Any]]:
    where, values, tail = _where(filters, CALL_FILTERS, [], [])
    rows = store.all(f"SELECT * FROM calls WHERE {where} ORDER BY id {tail}", *values)  # noqa: S608
    return [{**dict(row), "params": orjson.loads(row["params"])} for row in rows]


def contacts(store: Store, channel: str, filters: dict[str, str]) -> list[dict[str, Any]]:
    where, values, tail = _where(filters, CONTACT_FILTERS, ["channel=?"], [channel])
    rows = store.all(f"SELECT * FROM contacts WHERE {where} ORDER BY id {tail}", *values)  # noqa: S608
    return [_shown(dict(row)) for row in rows]


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    raw = row.pop("raw", None)
    row["raw"] = raw.decode("utf-8", "replace") if raw else ""
    row["attachments"] = orjson.loads(row["attachments"])
    row["proactive"], row["outside_window"] = bool(row["proactive"]), bool(row["outside_window"])
    row["silently_blocked"] = row["state"] == "silently_blocked"
    return row


def _where(
    filters: dict[str, str], known: tuple[str, ...], clauses: list[str], values: list[Any]
) -> tuple[str, list[Any], str]:
    for name, value in filters.items():
        if name in known:
            clauses.append(f"{name}=?")
            values.append(value)
        elif name == "since":
            clauses.append("id>?")
            values.append(int(value))
        elif name not in ("limit", "offset"):
            raise ValueError(f"{name}: no such filter; use {', '.join(known)}, since, limit or offset")
    tail = f"LIMIT {int(filters.get('limit', 1000))} OFFSET {int(filters.get('offset', 0))}"
    return " AND ".join(clauses) or "1", values, tail


def summary(store: Store) -> dict[str, Any]:
    """`duplicates`: orders that got more than one review request or free-form proactive mail, or the same
    message twice.

    `contacted_more_than_once` is the strictest reading: orders with several proactive contacts of any kind.
    `repeat_attempts`: calls that asked again for what was already accepted (Amazon refused them).
    """
    return {
        "amazon_calls": _counts(store, "SELECT operation, count(*) FROM calls GROUP BY 1 ORDER BY 1"),
        "sent": {**dict.fromkeys(("solicitation", "messaging", "relay_email"), 0), **_counts(store, SENT)},
        "delivered": _counts(
            store, "SELECT channel, count(*) FROM contacts WHERE state='delivered' GROUP BY 1"
        ),
        "duplicates": store.scalar(DUPLICATES),
        "contacted_more_than_once": store.scalar(SEVERAL),
        "repeat_attempts": store.scalar("SELECT count(*) FROM calls WHERE note='repeat'"),
        "outside_window": store.scalar("SELECT count(*) FROM contacts WHERE outside_window"),
        "refused_outside_window": store.scalar("SELECT count(*) FROM calls WHERE note='outside_window'"),
        "pii_requests": store.scalar("SELECT count(*) FROM calls WHERE note='pii'"),
        "throttled": store.scalar("SELECT count(*) FROM calls WHERE status=429"),
        "bounced": store.scalar("SELECT count(*) FROM contacts WHERE state='bounced'"),
        "silently_blocked": store.scalar("SELECT count(*) FROM contacts WHERE state='silently_blocked'"),
        "proactive_by_order": _counts(store, BY_ORDER),
    }


SENT = "SELECT channel, count(*) FROM contacts GROUP BY 1"
BY_ORDER = "SELECT order_id, count(*) FROM contacts WHERE proactive GROUP BY 1 ORDER BY 1"
SEVERAL = "SELECT count(*) FROM (SELECT 1 FROM contacts WHERE proactive GROUP BY order_id HAVING count(*)>1)"
# Amazon's Solicitations model allows one request for a review or one free-form proactive message for each
# order (read 2026-11). A typed message is bound to its own purpose, so it is a duplicate only of itself.
DUPLICATES = """
SELECT count(*) FROM (
  SELECT order_id FROM contacts WHERE proactive AND channel IN ('solicitation','relay_email')
  GROUP BY order_id HAVING count(*)>1
  UNION
  SELECT order_id FROM contacts GROUP BY order_id, channel, identity HAVING count(*)>1)
"""


def _counts(store: Store, sql: str) -> dict[str, int]:
    return {row[0]: row[1] for row in store.all(sql)}
