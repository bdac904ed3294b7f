"""The checkout page: what is bought, what is due today, a card."""

# ruff: noqa: E501 - markup stands in one line
from __future__ import annotations

from html import escape

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ...pages.layout import page
from .. import checkout
from ..books import Books, Obj
from ..errors import StripeError
from ..forms import whole
from . import frame


def routes() -> list[Route]:
    return [
        Route("/checkout/{id}", show, methods=["GET"]),
        Route("/checkout/{id}", pay, methods=["POST"]),
    ]


async def show(request: Request) -> Response:
    return _answer(request, {})


async def pay(request: Request) -> Response:
    books, form = frame.books_of(request), await frame.form_of(request)
    try:
        session = checkout.pay(books, books.get("checkout.session", request.path_params["id"]), form)
    except StripeError as error:
        if error.code == "authentication_required":
            return page("Your bank asks you to confirm", _confirmation(form))
        return _answer(request, form, error.message)
    return RedirectResponse(session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"]), 303)


def _confirmation(form: dict[str, str]) -> str:
    kept = "".join(f'<input type="hidden" name="{escape(n)}" value="{escape(v)}">' for n, v in form.items())
    return (
        f'<form method="post" class="card narrow">{kept}<p>3D Secure: is this payment yours?</p>'
        '<button class="go" name="confirmed" value="yes">Complete</button> <button name="number" value="4000 0000 0000 0002">Fail</button></form>'
    )


def _answer(request: Request, form: dict[str, str], problem: str = "") -> Response:
    books = frame.books_of(request)
    session = books.find(request.path_params["id"])
    if session is None or session["object"] != "checkout.session" or session["status"] != "open":
        return page("This page has expired", "<p>Go back to the application and start again.</p>", 404)
    return page("Checkout", _body(books, session, form, problem), 402 if problem else 200)


def _body(books: Books, session: Obj, form: dict[str, str], problem: str) -> str:
    rows = [
        [
            f"{escape(price['nickname'] or price['id'])}<br><span class='note'>{quantity} × a {price['recurring']['interval']}</span>",
            frame.money(amount),
        ]
        for price, quantity, amount in checkout.lines(books, session)
    ]
    trial_end = whole(session["_wanted"]["data"], "trial_end")
    if trial_end:
        rows.append(["Until then", f"free to {frame.day(trial_end)}"])
    rows.append(
        ["<strong>Due today</strong>", f"<strong>{frame.money(checkout.due_now(books, session))}</strong>"]
    )
    return (
        f'{frame.problem(problem)}<div class="halves"><section class="card"><h2>You buy</h2>{frame.table(["", ""], rows, "")}</section>'
        f'<form method="post" class="card"><h2>Pay with card</h2>{_fields(session, form)}'
        f'<button class="go">{"Start" if trial_end else "Subscribe"}</button>'
        f'<p><a href="{escape(session["cancel_url"] or "/")}">Back to the application</a></p></form></div>'
    )


def _fields(session: Obj, form: dict[str, str]) -> str:
    def text(name: str, words: str) -> str:
        return f'<label>{words}<input name="{name}" value="{escape(form.get(name, ""))}"></label>'

    fields = text("name", "Name of the business") + frame.card_field()
    if session["tax_id_collection"]["enabled"]:
        fields += text("tax_id", "VAT number, if you have one")
    return fields + (text("code", "Promotion code") if session["allow_promotion_codes"] else "")
