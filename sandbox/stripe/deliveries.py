"""Webhooks: signed, delivered at least once, retried with growing pauses, in no promised order."""

from __future__ import annotations

import asyncio
import hmac
import time
import urllib.error
import urllib.request
from hashlib import sha256
from typing import Any

import orjson

from .books import Books, Obj
from .resources import shown

MOST_ATTEMPTS = 12
AT_ONCE = 16
_NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


async def live(books: Books) -> None:
    """Deliver what waits, for ever."""
    while True:
        if not await deliver_due(books):
            await asyncio.sleep(0.05)


async def deliver_due(books: Books) -> int:
    sql = "SELECT * FROM stripe_deliveries WHERE state='waiting' AND next_at<=? ORDER BY next_at, id LIMIT ?"
    rows = books.store.all(sql, time.time(), AT_ONCE)
    await asyncio.gather(*(_deliver(books, row) for row in rows))
    return len(rows)


async def _deliver(books: Books, row: Any) -> None:
    endpoint, event = books.find(row["endpoint"]), books.find(row["event"])
    if endpoint is None or event is None:
        books.store.run("UPDATE stripe_deliveries SET state='dropped' WHERE id=?", row["id"])
        return
    status = await asyncio.to_thread(post, books, endpoint, event)
    attempts = row["attempts"] + 1
    if 200 <= status < 300:
        sql = "UPDATE stripe_deliveries SET state='delivered', attempts=?, answer=? WHERE id=?"
        books.store.run(sql, attempts, status, row["id"])
        return
    pause = books.settings["retry_seconds"] * 2 ** (attempts - 1)
    state = "waiting" if attempts < MOST_ATTEMPTS else "given up"
    sql = "UPDATE stripe_deliveries SET state=?, attempts=?, answer=?, next_at=? WHERE id=?"
    books.store.run(sql, state, attempts, status, time.time() + pause, row["id"])


def post(books: Books, endpoint: Obj, event: Obj) -> int:
    """One attempt; the answer's status, 0 where none came."""
    body = orjson.dumps(shown(event))
    request = urllib.request.Request(endpoint["url"], body, headers(books, endpoint["_secret"], body))  # noqa: S310
    try:
        with _NO_PROXY.open(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code
    except OSError:
        return 0


def headers(books: Books, secret: str, body: bytes) -> dict[str, str]:
    # Signed for the later of both times: a receiver may follow real time, or the sandbox's.
    at = int(max(time.time(), books.clock.now()))
    signature = hmac.new(secret.encode(), f"{at}.".encode() + body, sha256).hexdigest()
    return {
        "Stripe-Signature": f"t={at},v1={signature}",
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
    }
