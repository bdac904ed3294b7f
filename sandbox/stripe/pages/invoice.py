"""An invoice's own page, and the invoice as a PDF."""

# ruff: noqa: E501 - markup stands in one line
from __future__ import annotations

from html import escape

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ...pages.layout import page
from .. import cards, subscriptions
from ..books import Books, Obj
from ..errors import StripeError
from . import frame


def routes() -> list[Route]:
    return [
        Route("/invoice/{id}", show, methods=["GET"]),
        Route("/invoice/{id}", pay, methods=["POST"]),
        Route("/invoice/{id}/pdf", pdf, methods=["GET"]),
    ]


async def show(request: Request) -> Response:
    return _answer(request)


def _answer(request: Request, problem: str = "") -> Response:
    books = frame.books_of(request)
    invoice = books.find(request.path_params["id"])
    if invoice is None:
        return page("No such invoice", "", 404)
    body = frame.problem(problem) + _facts(invoice) + _lines(invoice) + _payment(invoice)
    return page(f"Invoice {invoice['number']}", body, 402 if problem else 200)


async def pay(request: Request) -> Response:
    books, form = frame.books_of(request), await frame.form_of(request)
    try:
        with books.store.transaction():
            _pay(books, books.get("invoice", request.path_params["id"]), form)
    except StripeError as error:
        return _answer(request, error.message)
    return RedirectResponse(request.url, 303)


def _pay(books: Books, invoice: Obj, form: dict[str, str]) -> None:
    cards.attach(
        books, cards.new_card(books, form.get("number", "")), books.get("customer", invoice["customer"])
    )
    subscriptions.pay(books, invoice)


def _facts(invoice: Obj) -> str:
    facts = {
        "State": frame.status(invoice),
        "For": escape(invoice["customer_name"] or invoice["customer_email"] or invoice["customer"]),
        "Date": frame.day(invoice["created"]),
        "Total": frame.money(invoice["total"], invoice["currency"]),
        "Due": frame.money(invoice["amount_remaining"], invoice["currency"]),
        "PDF": f'<a href="{invoice["invoice_pdf"]}">Download</a>',
    }
    return "<dl class='card'>" + "".join(f"<dt>{k}</dt><dd>{v}</dd>" for k, v in facts.items()) + "</dl>"


def _sums(invoice: Obj) -> list[tuple[str, int]]:
    found = [(entry["description"], entry["amount"]) for entry in invoice["lines"]["data"]]
    found += [("Discount", -d["amount"]) for d in invoice["total_discount_amounts"]]
    found += [("Tax", t["amount"]) for t in invoice["total_taxes"]]
    if invoice["starting_balance"]:
        found.append(("Balance before", invoice["starting_balance"]))
    return [*found, ("Due", invoice["amount_due"])]


def _lines(invoice: Obj) -> str:
    rows = [[escape(words), frame.money(amount, invoice["currency"])] for words, amount in _sums(invoice)]
    return frame.table(["What", "Amount"], rows, "")


def _payment(invoice: Obj) -> str:
    if invoice["status"] != "open":
        return ""
    return f'<form method="post" class="card narrow"><h2>Pay this invoice</h2>{frame.card_field()}<button class="go">Pay</button></form>'


async def pdf(request: Request) -> Response:
    invoice = frame.books_of(request).find(request.path_params["id"])
    if invoice is None:
        return Response("No such invoice", 404)
    lines = [f"Invoice {invoice['number']}", f"{frame.day(invoice['created'])}, {invoice['status']}", ""]
    lines += [f"{words}: {frame.money(amount)}" for words, amount in _sums(invoice)]
    name = f'attachment; filename="Invoice-{invoice["number"]}.pdf"'
    return Response(as_pdf(lines), media_type="application/pdf", headers={"Content-Disposition": name})


def as_pdf(lines: list[str]) -> bytes:
    """The smallest file that every reader opens: one page, one font."""
    shown = [
        line.replace("−", "-").replace("×", "x").replace("\\", "").replace("(", "[").replace(")", "]")
        for line in lines
    ]
    text = "BT /F1 12 Tf 60 780 Td 18 TL " + " ".join(f"({line}) Tj T*" for line in shown) + " ET"
    stream = text.encode("latin-1", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    out, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    end = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(out))
    return out + b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table) + end
