"""The objects, by id, as the API shows them; and the events that tell of their changes."""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from ..clock import Clock
from ..store import Store
from .errors import missing
from .settings import SETTINGS, checked

API_VERSION = "2026-10-28.endive"
SCHEMA = Path(__file__).with_name("schema.sql").read_text(encoding="utf-8")
TABLES = ("stripe_objects", "stripe_keys", "stripe_deliveries", "stripe_calls")
Obj = dict[str, Any]


class Books:
    """One Stripe account in test mode."""

    def __init__(self, store: Store, clock: Clock) -> None:
        store.db.executescript(SCHEMA)
        self.store, self.clock = store, clock
        self.base_url = ""
        self.settings: Obj = {**SETTINGS, **store.recall("stripe_settings", {})}
        self.rng = random.Random(7)
        self._at: int | None = None
        #: Who asked for what is being done: request id and idempotency key.
        self.request: Obj = {"id": None, "idempotency_key": None}

    # -- time

    def now(self) -> int:
        """Seconds since 1970; while time is caught up with, the moment at which things happen."""
        return self.clock.seconds() if self._at is None else self._at

    @contextmanager
    def at(self, moment: int) -> Iterator[None]:
        before, self._at = self._at, moment
        try:
            yield
        finally:
            self._at = before

    # -- objects

    def new(self, kind: str, prefix: str, **fields: Any) -> Obj:
        """A new object with what every one has; not stored yet."""
        made = {
            "id": fields.pop("id", None) or self.id(prefix),
            "object": kind,
            "created": self.now(),
            "livemode": False,
        }
        return {**made, "metadata": {}, **fields}

    @staticmethod
    def id(prefix: str) -> str:
        return f"{prefix}_{secrets.token_hex(12)}"

    def put(self, obj: Obj, event: str = "", before: Obj | None = None) -> Obj:
        """Store, and tell of it where `event` is given (`before`: the fields that changed, as they were)."""
        customer = obj["id"] if obj["object"] == "customer" else obj.get("customer") or ""
        self.store.run(
            "INSERT INTO stripe_objects (id, kind, customer, body) VALUES (?,?,?,?) "
            "ON CONFLICT (id) DO UPDATE SET body=excluded.body",
            obj["id"], obj["object"], customer, orjson.dumps(obj).decode(),
        )  # fmt: skip
        if event:
            self.emit(event, obj, before)
        return obj

    def find(self, id: str) -> Obj | None:  # noqa: A002 (Stripe's word)
        body = self.store.scalar("SELECT body FROM stripe_objects WHERE id=?", id)
        return None if body is None else dict(orjson.loads(body))

    def get(self, kind: str, id: str, param: str = "id") -> Obj:  # noqa: A002
        """Raises StripeError 404."""
        found = self.find(id)
        if found is None or found["object"] != kind or found.get("deleted"):
            raise missing(kind.replace("_", " "), id, param)
        return found

    def remove(self, obj: Obj) -> None:
        self.store.run("DELETE FROM stripe_objects WHERE id=?", obj["id"])

    def all(self, kind: str, customer: str = "") -> list[Obj]:
        """Oldest first."""
        sql = "SELECT body FROM stripe_objects WHERE kind=? AND (?='' OR customer=?) ORDER BY seq"
        found = [orjson.loads(row[0]) for row in self.store.all(sql, kind, customer, customer)]
        return [obj for obj in found if not obj.get("deleted")]

    def seq(self, id: str) -> int:  # noqa: A002
        return int(self.store.scalar("SELECT seq FROM stripe_objects WHERE id=?", id) or 0)

    # -- events

    def emit(self, kind: str, obj: Obj, before: Obj | None = None) -> Obj:
        data: Obj = {"object": obj, **({"previous_attributes": before} if before else {})}
        event = self.new(
            "event", "evt", type=kind, api_version=API_VERSION, data=data, request=dict(self.request)
        )
        event["pending_webhooks"] = 0
        event.pop("metadata")
        copies = 0 if self.rng.random() < self.settings["lost"] else self.settings["copies"]
        for endpoint in self.all("webhook_endpoint"):
            if endpoint["status"] == "enabled" and (
                "*" in endpoint["enabled_events"] or kind in endpoint["enabled_events"]
            ):
                event["pending_webhooks"] += 1
                for _ in range(copies):
                    self.deliver(event["id"], endpoint["id"])
        return self.put(event)

    def deliver(self, event: str, endpoint: str) -> None:
        late = self.settings["late_seconds"] + self.rng.random() * self.settings["shuffled_seconds"]
        sql = "INSERT INTO stripe_deliveries (event, endpoint, next_at) VALUES (?,?,?)"
        self.store.run(sql, event, endpoint, time.time() + late)

    # -- settings

    def change_settings(self, changes: Obj) -> Obj:
        self.settings.update(checked(changes))
        self.store.remember("stripe_settings", self.settings)
        return self.settings

    def forget(self) -> None:
        self.store.clear(TABLES)
        self.settings = dict(SETTINGS)
        self.store.remember("stripe_settings", {})
