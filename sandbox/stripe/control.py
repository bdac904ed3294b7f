"""The stand-in's own controls, below `/stripe/__sandbox/`: settings and faults, time, cards, states, deliveries.

Every answer is JSON; a wrong request answers 400 `{"error": "<field>: <what is wrong>"}`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from . import cards, life, resources, subscriptions
from .books import Books, Obj
from .errors import StripeError

Action = Callable[[Books, Obj], Any]


def routes() -> list[Route]:
    return [Route(path, _endpoint(action), methods=[method]) for method, path, action in ACTIONS]


def _endpoint(action: Action) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        books: Books = request.app.state.books
        raw = await request.body()
        try:
            content, status = (
                action(books, {**dict(request.query_params), **(orjson.loads(raw) if raw else {})}),
                200,
            )
        except (ValueError, KeyError, TypeError, StripeError) as error:
            text = f"{error.args[0]}: missing" if isinstance(error, KeyError) else str(error)
            content, status = {"error": text}, 400
        return Response(orjson.dumps(content), status, media_type="application/json")

    return answer


def settings(books: Books, body: Obj) -> Any:
    return books.change_settings(body)


def read_settings(books: Books, body: Obj) -> Any:
    return books.settings


def endpoint(books: Books, body: Obj) -> Any:
    """One for an address: the same address again is replaced, and keeps its `secret` where given."""
    for old in books.all("webhook_endpoint"):
        if old["url"] == body["url"]:
            books.remove(old)
    return resources.create_endpoint(books, body)


def advance(books: Books, body: Obj) -> Any:
    """`days` or `seconds`; everything that was to happen meanwhile happens, each thing at its own time."""
    books.clock.advance(float(body.get("days", 0)) * 86_400 + float(body.get("seconds", 0)))
    return {"happened": life.catch_up(books), "now": books.clock.seconds()}


def card(books: Books, body: Obj) -> Any:
    """Give `customer` another default card: `number`. Open invoices are not tried again."""
    customer = books.get("customer", body["customer"])
    return cards.attach(books, cards.new_card(books, str(body["number"])), customer)


def become(books: Books, body: Obj) -> Any:
    """Put `subscription` into `status`, whatever led there."""
    sub = books.get("subscription", body["subscription"])
    known = {
        "trialing",
        "active",
        "past_due",
        "unpaid",
        "paused",
        "incomplete",
        "incomplete_expired",
        "canceled",
    }
    if body["status"] not in known:
        raise ValueError(f"status: use one of {', '.join(sorted(known))}")
    before, sub["status"] = sub["status"], body["status"]
    return books.put(sub, "customer.subscription.updated", {"status": before})


def redeliver(books: Books, body: Obj) -> Any:
    """`event` once more to every endpoint, or with `all` every event there is."""
    events = books.all("event") if body.get("all") else [books.get("event", body["event"])]
    for event in events:
        for one in books.all("webhook_endpoint"):
            books.deliver(event["id"], one["id"])
    return {"events": len(events)}


def state(books: Books, body: Obj) -> Any:
    rows = books.store.all("SELECT state, count(*) AS n FROM stripe_deliveries GROUP BY 1")
    return {
        "subscriptions": [
            {
                "id": s["id"],
                "customer": s["customer"],
                "status": s["status"],
                "cancel_at_period_end": s["cancel_at_period_end"],
            }
            for s in books.all("subscription")
        ],
        "events": len(books.all("event")),
        "deliveries": {row["state"]: row["n"] for row in rows},
        "calls": books.store.scalar("SELECT count(*) FROM stripe_calls"),
    }


def objects(books: Books, body: Obj) -> Any:
    """Every object of `kind`, of one `customer` or all."""
    return books.all(str(body["kind"]), str(body.get("customer", "")))


def calls(books: Books, body: Obj) -> Any:
    return [dict(row) for row in books.store.all("SELECT * FROM stripe_calls ORDER BY id DESC LIMIT 200")]


def end(books: Books, body: Obj) -> Any:
    """Cancel `subscription` at once."""
    return subscriptions.cancel(books, books.get("subscription", body["subscription"]))


def reset(books: Books, body: Obj) -> Any:
    """Everything, or all but products and prices (`keep_prices`)."""
    kept = [*books.all("product"), *books.all("price")] if body.get("keep_prices") else []
    books.forget()
    for obj in kept:
        books.put(obj)
    return {"kept": len(kept)}


ACTIONS: list[tuple[str, str, Action]] = [
    ("GET", "/settings", read_settings),
    ("POST", "/settings", settings),
    ("POST", "/endpoint", endpoint),
    ("POST", "/advance", advance),
    ("POST", "/card", card),
    ("POST", "/become", become),
    ("POST", "/end", end),
    ("POST", "/redeliver", redeliver),
    ("GET", "/state", state),
    ("GET", "/objects", objects),
    ("GET", "/calls", calls),
    ("POST", "/reset", reset),
]
