"""Invoices: made from lines, paid by card or from the balance, previewed without being made."""

from __future__ import annotations

from typing import Any

from . import cards, sums
from .books import Books, Obj
from .errors import StripeError, invalid

DAY = 86_400
REASONS = {"create": "subscription_create", "cycle": "subscription_cycle", "update": "subscription_update"}


def line(sub: Obj, item: Obj, amount: int, period: tuple[int, int], words: str, *, proration: bool) -> Obj:
    details = {
        "proration": proration,
        "subscription": sub["id"],
        "subscription_item": item["id"],
        "invoice_item": None,
    }
    return {
        "id": Books.id("il"), "object": "line_item", "amount": amount, "subtotal": amount, "currency": sub["currency"],
        "description": words, "quantity": item["quantity"], "livemode": False, "metadata": {}, "discounts": [],
        "discountable": not proration, "period": {"start": period[0], "end": period[1]}, "subscription": sub["id"],
        "parent": {"type": "subscription_item_details", "subscription_item_details": details},
        "pricing": {
            "type": "price_details",
            "price_details": {"price": item["price"]["id"], "product": item["price"]["product"]},
        },
    }  # fmt: skip


def period_lines(sub: Obj) -> list[Obj]:
    """A whole period of every item."""
    return [
        line(
            sub, item, sums.price_amount(item["price"], item["quantity"]),
            (item["current_period_start"], item["current_period_end"]),
            f"{item['quantity']} × {item['price']['nickname'] or item['price']['id']}", proration=False,
        )
        for item in sub["items"]["data"]
    ]  # fmt: skip


def draft(books: Books, sub: Obj, lines: list[Obj], reason: str) -> Obj:
    """All sums; nothing is stored."""
    customer = books.get("customer", sub["customer"])
    subtotal = sum(entry["amount"] for entry in lines)
    off = sums.discount(_coupons(books, sub), subtotal)
    percent = _tax_percent(books, sub, customer)
    tax = sums.tax(subtotal - off, percent)
    total = subtotal - off + tax
    before = customer["balance"]
    # A credit stays with the customer; a debt is lessened by what is there.
    after = before + total if total < 0 or before + total < 0 else 0
    due = max(0, before + total) if total > 0 else 0
    now = books.now()
    made = books.new(
        "invoice", "in", customer=customer["id"], customer_email=customer["email"], customer_name=customer["name"],
        currency=sub["currency"], status="draft", billing_reason=reason, subtotal=subtotal, total=total, amount_due=due,
        amount_paid=0, amount_remaining=due, starting_balance=before, ending_balance=after, attempt_count=0, attempted=False,
        auto_advance=True, collection_method="charge_automatically", next_payment_attempt=None, number=None,
        period_start=now, period_end=now, discounts=[], due_date=None, description=None, default_payment_method=None,
        total_discount_amounts=[{"amount": off, "discount": None}] if off else [],
        total_taxes=[{"amount": tax, "tax_behavior": "exclusive"}] if tax else [], total_excluding_tax=total - tax,
        automatic_tax={"enabled": percent is not None, "status": "complete"}, hosted_invoice_url=None, invoice_pdf=None,
        parent={"type": "subscription_details", "subscription_details": {"subscription": sub["id"], "metadata": sub["metadata"]}},
        lines={"object": "list", "data": lines, "has_more": False, "url": "/v1/invoices/lines"},
        status_transitions={"finalized_at": None, "paid_at": None, "voided_at": None, "marked_uncollectible_at": None},
    )  # fmt: skip
    for entry in lines:
        entry["invoice"] = made["id"]
    return made


def _coupons(books: Books, sub: Obj) -> list[Obj]:
    live = [books.find(one) for one in sub["discounts"]]
    running = [d for d in live if d and (d["end"] is None or d["end"] > books.now())]
    return [coupon for d in running if (coupon := books.find(d["source"]["coupon"]))]


def _tax_percent(books: Books, sub: Obj, customer: Obj) -> float:
    """Where tax is reckoned at all; a business in another country of the EU owes it itself."""
    if not sub["automatic_tax"]["enabled"]:
        return 0.0
    foreign = [
        t for t in books.all("tax_id", customer["id"]) if t["type"] == "eu_vat" and t["country"] != "DE"
    ]
    return 0.0 if foreign else float(books.settings["tax_percent"])


def finalise(books: Books, invoice: Obj) -> Obj:
    """Open, numbered, with a page of its own; the customer's balance is used up."""
    customer = books.get("customer", invoice["customer"])
    count = len(books.all("invoice", customer["id"])) + 1
    invoice["number"] = f"{customer['invoice_prefix']}-{count:04d}"
    invoice["status"] = "open"
    invoice["status_transitions"]["finalized_at"] = invoice["effective_at"] = books.now()
    page = f"{books.base_url}/invoice/{invoice['id']}"
    invoice["hosted_invoice_url"], invoice["invoice_pdf"] = page, f"{page}/pdf"
    if customer["balance"] != invoice["ending_balance"]:
        customer["balance"] = invoice["ending_balance"]
        books.put(customer, "customer.updated")
    books.put(invoice, "invoice.created")
    return books.put(invoice, "invoice.finalized")


def settle(books: Books, invoice: Obj, sub: Obj) -> bool:
    """One attempt to be paid; whether it was. Never raises for a refusing bank."""
    try:
        if invoice["amount_due"]:
            cards.charge(cards.of_customer(books, invoice["customer"], sub["default_payment_method"]))
    except StripeError as refused:
        _note_failure(books, invoice, refused)
        return False
    mark_paid(books, invoice)
    return True


def _note_failure(books: Books, invoice: Obj, refused: StripeError) -> None:
    tries = books.settings["retry_days"]
    at = tries[invoice["attempt_count"]] if invoice["attempt_count"] < len(tries) else None
    first = invoice["status_transitions"]["finalized_at"]
    invoice["attempt_count"] += 1
    invoice["attempted"] = True
    invoice["next_payment_attempt"] = None if at is None else first + at * DAY
    invoice["last_payment_error"] = {
        "message": refused.message,
        "decline_code": refused.decline,
        "code": refused.code,
    }
    books.put(invoice, "invoice.payment_failed")
    _set_delinquent(books, invoice["customer"], True)


def mark_paid(books: Books, invoice: Obj) -> None:
    paid = invoice["amount_due"]
    invoice.update(
        status="paid", amount_paid=paid, amount_remaining=0, attempted=True, next_payment_attempt=None
    )
    invoice["attempt_count"] += 1
    invoice["status_transitions"]["paid_at"] = books.now()
    books.put(invoice, "invoice.paid")
    books.emit("invoice.payment_succeeded", invoice)
    if not open_of(books, subscription_of(invoice)):
        _set_delinquent(books, invoice["customer"], False)


def _set_delinquent(books: Books, customer_id: str, is_so: bool) -> None:
    customer = books.get("customer", customer_id)
    if customer["delinquent"] != is_so:
        customer["delinquent"] = is_so
        books.put(customer, "customer.updated")


def subscription_of(invoice: Obj) -> str:
    return str(invoice["parent"]["subscription_details"]["subscription"])


def open_of(books: Books, subscription: str) -> list[Obj]:
    return [i for i in books.all("invoice") if i["status"] == "open" and subscription_of(i) == subscription]


def void(books: Books, invoice: Obj) -> Obj:
    if invoice["status"] != "open":
        raise invalid("You can only void open invoices.", "status")
    invoice.update(status="void", amount_remaining=0, next_payment_attempt=None)
    invoice["status_transitions"]["voided_at"] = books.now()
    return books.put(invoice, "invoice.voided")


def void_at_once(books: Books, sub: Obj, lines: list[Obj]) -> Obj:
    """While collection is paused (behavior=void): made, numbered, and never asked for."""
    return void(books, finalise(books, draft(books, sub, lines, REASONS["cycle"])))


def of_subscription(books: Books, sub: Obj, lines: list[Obj], why: str, **changes: Any) -> tuple[Obj, bool]:
    """Make, number and try to collect one; whether it is paid."""
    invoice = {**draft(books, sub, lines, REASONS[why]), **changes}
    finalise(books, invoice)
    sub["latest_invoice"] = invoice["id"]
    return invoice, settle(books, invoice, sub)
