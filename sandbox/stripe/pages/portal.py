"""The customer portal: one page with everything a customer may do."""

# ruff: noqa: E501 - markup stands in one line
from __future__ import annotations

from html import escape

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ...pages.layout import page
from .. import cards, portal, subscriptions
from ..books import Books, Obj
from ..errors import StripeError
from . import frame


def routes() -> list[Route]:
    return [
        Route("/portal/{id}", show, methods=["GET"]),
        Route("/portal/{id}", act, methods=["POST"]),
    ]


async def show(request: Request) -> Response:
    return _answer(request, done=request.query_params.get("done", ""))


async def act(request: Request) -> Response:
    books = frame.books_of(request)
    try:
        session = portal.session(books, request.path_params["id"])
        with books.store.transaction():
            words = portal.act(books, session["customer"], await frame.form_of(request))
    except StripeError as error:
        return _answer(request, problem=error.message)
    if session["flow"]:  # opened for one thing: back when it is done
        return RedirectResponse(session["return_url"], 303)
    return RedirectResponse(request.url.include_query_params(done=words), 303)


def _answer(request: Request, problem: str = "", done: str = "") -> Response:
    books = frame.books_of(request)
    try:
        session = portal.session(books, request.path_params["id"])
    except StripeError as error:
        return page("This page has expired", f"<p>{escape(error.message)}</p>", 404)
    return page("Billing", _body(books, session, problem, done), 402 if problem else 200)


def _body(books: Books, session: Obj, problem: str, done: str) -> str:
    customer = books.get("customer", session["customer"])
    back = f'<p><a href="{escape(session["return_url"] or "/")}">← Back to the application</a></p>'
    only_card = session["flow"] and session["flow"]["type"] == "payment_method_update"
    parts = (
        [_card(books, customer)]
        if only_card
        else [_plan(books, customer), _card(books, customer), _tax(books, customer)]
    )
    listed = "" if only_card else _invoices(books, customer)
    return (
        f"{back}{frame.problem(problem)}{frame.done(done)}<div class='halves'>{''.join(parts)}</div>{listed}"
    )


def _plan(books: Books, customer: Obj) -> str:
    sub = portal.current(books, customer["id"])
    if sub is None:
        return "<section class='card'><h2>Current plan</h2><p class='note'>None.</p></section>"
    items = "".join(
        f"<p>{i['quantity']} × {escape(i['price']['nickname'] or i['price']['id'])}</p>"
        for i in sub["items"]["data"]
    )
    end = frame.day(subscriptions.period(sub)[1])
    when = f"Ends on {end}" if sub["cancel_at_period_end"] else f"Renews on {end}"
    turn = (
        frame.button("renew", "Renew plan", "go")
        if sub["cancel_at_period_end"]
        else frame.button("cancel", "Cancel plan")
    )
    return f"<section class='card'><h2>Current plan {frame.status(sub)}</h2>{items}<p class='note'>{when}</p>{_choice(books, sub)}{turn}</section>"


def _choice(books: Books, sub: Obj) -> str:
    present = sub["items"]["data"][0]["price"]["id"]
    options = "".join(
        f'<option value="{p["id"]}"{" selected" if p["id"] == present else ""}>{escape(p["nickname"] or p["id"])}</option>'
        for p in portal.choices(books, sub)
    )
    if sub["status"] not in ("active", "trialing") or not options:
        return ""
    return (
        f'<form method="post"><input type="hidden" name="action" value="plan"><label>Another plan<select name="price">{options}</select></label>'
        "<button>Update plan</button></form>"
    )


def _card(books: Books, customer: Obj) -> str:
    card = cards.of_customer(books, customer["id"])
    now = f"{card['card']['brand'].title()} ending in {card['card']['last4']}" if card else "None yet"
    return (
        f"<form method='post' class='card'><h2>Payment method</h2><p>{now}</p><input type='hidden' name='action' value='card'>"
        f"{frame.card_field()}<button class='go'>Use this card</button></form>"
    )


def _tax(books: Books, customer: Obj) -> str:
    known = "".join(
        f"<p>{escape(t['value'])} <span class='note'>{t['verification']['status']}</span></p>"
        for t in books.all("tax_id", customer["id"])
    )
    return (
        f"<form method='post' class='card'><h2>Tax id</h2>{known or '<p class=note>None.</p>'}<input type='hidden' name='action' value='tax_id'>"
        "<label>VAT number<input name='tax_id' placeholder='DE123456789' required></label><button>Add</button></form>"
    )


def _invoices(books: Books, customer: Obj) -> str:
    rows = [
        [
            f'<a href="{i["hosted_invoice_url"]}">{i["number"]}</a>', frame.day(i["created"]), frame.money(i["total"], i["currency"]),
            frame.status(i), frame.button("pay", "Pay", "go", invoice=i["id"]) if i["status"] == "open" else f'<a href="{i["invoice_pdf"]}">PDF</a>',
        ]
        for i in books.all("invoice", customer["id"])[::-1]
    ]  # fmt: skip
    return "<h2>Invoices</h2>" + frame.table(["Number", "Date", "Total", "", ""], rows, "No invoices yet.")
