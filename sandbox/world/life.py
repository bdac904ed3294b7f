"""Time goes on: what was to happen happens, and new orders are placed."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable

import orjson

from ..context import Sandbox
from . import order as orders
from .generator import Generator, feedback_row, shelf_of
from .order import DAY, Order

log = logging.getLogger("sandbox.life")
BATCH = 2000
Seen = Callable[[Sandbox, Order, str, int], None]
chores: list[Callable[[Sandbox], None]] = []  # done at every tick
watchers: list[Seen] = []  # told of every change Amazon would notify about


def tick(sandbox: Sandbox, *, new_orders: bool = False) -> dict[str, int]:
    """Let everything due happen, each thing at its own time. May run twice."""
    placed = place_orders(sandbox) if new_orders else 0
    happened = 0
    while True:
        count = _happen(sandbox)
        happened += count
        if count < BATCH:
            for chore in chores:
                chore(sandbox)
            return {"happened": happened, "placed": placed}


def _happen(sandbox: Sandbox) -> int:
    store = sandbox.store
    due = store.all(
        "SELECT id, at, order_id, kind FROM events WHERE at<=? ORDER BY at, id LIMIT ?",
        sandbox.clock.seconds(),
        BATCH,
    )
    if not due:
        return 0
    with store.transaction():
        for row in due:
            _apply(sandbox, row["order_id"], row["kind"], row["at"])
        store.many("DELETE FROM events WHERE id=?", ((row["id"],) for row in due))
    return len(due)


def _apply(sandbox: Sandbox, order_id: str, kind: str, at: int) -> None:
    order = orders.load(sandbox.store, order_id)
    if order is None:
        return
    if kind == "feedback":
        row = feedback_row(random.Random(order_id), order, at)
        sandbox.store.run(
            "INSERT OR IGNORE INTO feedback (order_id,seller,at,rating,comments) VALUES (?,?,?,?,?)", *row
        )
        return
    change(sandbox, order, kind, at)


def change(sandbox: Sandbox, order: Order, kind: str, at: int, seen_at: int | None = None) -> None:
    """Apply one event to an order, store it and tell the watchers what Amazon would notify about."""
    visible = orders.happen(order, kind, at, seen_at)
    orders.save(sandbox.store, order)
    if visible:
        announce(sandbox, order, kind, at)


def announce(sandbox: Sandbox, order: Order, kind: str, at: int) -> None:
    for watcher in watchers:
        watcher(sandbox, order, kind, at)


def place_orders(sandbox: Sandbox) -> int:
    now = sandbox.clock.seconds()
    placed = 0
    for row in sandbox.store.all("SELECT * FROM sellers WHERE next_order_at<=?", now):
        rng = random.Random(f"{row['seed']}:{row['seller']}:{row['next_order_at']}")
        skus = sandbox.store.all("SELECT DISTINCT sku FROM products WHERE seller=?", row["seller"])
        generator = Generator(
            row["seller"],
            orjson.loads(row["marketplaces"]),
            row["merchant_share"],
            rng,
            now,
            shelf_of([sku[0] for sku in skus]),
        )
        at = row["next_order_at"]
        while at <= now:
            generator.order(int(at))
            at += rng.expovariate(row["per_day"] / DAY)
        with sandbox.store.transaction():
            generator.batch.store(sandbox.store)
            sandbox.store.run("UPDATE sellers SET next_order_at=? WHERE seller=?", at, row["seller"])
        for order in generator.batch.orders:
            announce(sandbox, order, "place", order.created_at)
        placed += len(generator.batch.orders)
    return placed


async def live(sandbox: Sandbox, every: float = 1.0) -> None:
    """The background loop: events always, new orders only in a sandbox started with `--live`."""
    while True:
        await asyncio.sleep(every)
        try:
            tick(sandbox, new_orders=sandbox.options.live)
            sandbox.save_clock()
        except Exception:
            log.exception("the sandbox's life missed a beat; it goes on with the next")
