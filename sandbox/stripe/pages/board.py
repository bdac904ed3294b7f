"""The stand-in's inside: subscriptions, events and how they were delivered, calls, and what can be made to go wrong."""

# ruff: noqa: E501 - markup stands in one line
from __future__ import annotations

from html import escape

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ...pages.layout import page
from .. import cards, life, subscriptions
from ..books import Books
from . import frame

FAULTS = {
    "down": "Stripe is down",
    "lost": "Events are lost",
    "copies": "Events come three times",
    "shuffled_seconds": "Events overtake each other",
}


def routes() -> list[Route]:
    return [Route("/", show, methods=["GET"]), Route("/", act, methods=["POST"])]


async def show(request: Request) -> Response:
    books = frame.books_of(request)
    done = frame.done(request.query_params.get("done", ""))
    body = done + _time(books) + _faults(books) + _subscriptions(books) + _events(books) + _calls(books)
    return page("Payments", body)


async def act(request: Request) -> Response:
    books, form = frame.books_of(request), await frame.form_of(request)
    words = _done(books, form)
    return RedirectResponse(request.url.include_query_params(done=words), 303)


def _done(books: Books, form: dict[str, str]) -> str:
    action = form.get("action", "")
    if action == "advance":
        books.clock.advance(float(form["days"]) * 86_400)
        return f"{life.catch_up(books)} things happened in {form['days']} days."
    if action == "fault" and form.get("name") in FAULTS:
        on = {"down": True, "lost": 1.0, "copies": 3, "shuffled_seconds": 5.0}
        off = {"down": False, "lost": 0.0, "copies": 1, "shuffled_seconds": 0.0}
        books.change_settings({form["name"]: (on if form.get("to") == "on" else off)[form["name"]]})
        return f"{FAULTS[form['name']]}: {form.get('to')}."
    if action == "card":
        cards.attach(books, cards.new_card(books, form["number"]), books.get("customer", form["customer"]))
        return "The customer has another card."
    return ""


def _time(books: Books) -> str:
    steps = "".join(
        frame.button("advance", words, days=days)
        for days, words in (("1", "A day on"), ("7", "A week on"), ("31", "A month on"))
    )
    return f"<p>It is {frame.moment(books.clock.seconds())} UTC here. {steps}</p>"


def _faults(books: Books) -> str:
    buttons = ""
    for name, words in FAULTS.items():
        is_on = books.settings[name] not in (
            False,
            0.0,
            1,
        )  # one copy is as it should be; True and 1.0 equal it
        is_on = books.settings[name] in (True, 1.0) if name in ("down", "lost") else is_on
        buttons += frame.button(
            "fault",
            f"{words}: {'on' if is_on else 'off'}",
            "go" if is_on else "",
            name=name,
            to="off" if is_on else "on",
        )
    return f"<p>{buttons}</p>"


def _subscriptions(books: Books) -> str:
    rows = []
    for sub in books.all("subscription")[::-1][:50]:
        customer = books.find(sub["customer"]) or {}
        card = cards.of_customer(books, sub["customer"], sub["default_payment_method"])
        fails = card is not None and bool(cards.KINDS[card["_number"]].fails)
        number, words = (
            ("4242424242424242", "Give it a good card")
            if fails
            else ("4000000000000341", "Give it a failing card")
        )
        items = "<br>".join(
            f"{i['quantity']} × {escape(i['price']['nickname'] or i['price']['id'])}"
            for i in sub["items"]["data"]
        )
        end = frame.day(subscriptions.period(sub)[1])
        rows.append([
            escape(customer.get("name") or customer.get("email") or sub["customer"]), items, frame.status(sub),
            ("ends " if sub["cancel_at_period_end"] else "until ") + end, frame.button("card", words, customer=sub["customer"], number=number),
        ])  # fmt: skip
    return "<h2>Subscriptions</h2>" + frame.table(
        ["Customer", "What", "State", "Period", ""], rows, "None yet."
    )


def _events(books: Books) -> str:
    sql = "SELECT event, group_concat(state || ' ' || coalesce(answer, '') || ' ×' || attempts, ', ') FROM stripe_deliveries GROUP BY 1"
    told = {row[0]: row[1] for row in books.store.all(sql)}
    rows = [
        [
            frame.moment(e["created"]),
            escape(e["type"]),
            f"<code>{e['data']['object']['id']}</code>",
            escape(told.get(e["id"], "not delivered")),
        ]
        for e in books.all("event")[::-1][:40]
    ]
    return "<h2>Events</h2>" + frame.table(["When", "Type", "Object", "Deliveries"], rows, "None yet.")


def _calls(books: Books) -> str:
    rows = [
        [
            frame.moment(int(c["at"])),
            f"{c['method']} {escape(c['path'])}",
            str(c["status"]),
            f"<code>{c['request_id']}</code>",
        ]
        for c in books.store.all("SELECT * FROM stripe_calls ORDER BY id DESC LIMIT 30")
    ]
    return "<h2>Calls</h2>" + frame.table(["When", "What", "Answer", "Request"], rows, "None yet.")
