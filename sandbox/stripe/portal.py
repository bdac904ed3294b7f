"""Portal sessions: the customer's own page at Stripe. Change plan, cancel, renew, card, tax id, invoices."""

from __future__ import annotations

from . import cards, invoices, resources, subscriptions
from .books import Books, Obj
from .errors import StripeError, invalid
from .forms import Params, inner

LASTS = 3600


def create(books: Books, params: Params) -> Obj:
    customer = books.get("customer", str(params.get("customer") or ""), "customer")
    made = books.new(
        "billing_portal.session",
        "bps",
        customer=customer["id"],
        return_url=params.get("return_url"),
        locale=None,
    )
    made["flow"] = {"type": inner(params, "flow_data")["type"]} if inner(params, "flow_data") else None
    made["url"] = f"{books.base_url}/portal/{made['id']}"
    return books.put(made)


def session(books: Books, id: str) -> Obj:  # noqa: A002 (Stripe's word)
    """Raises StripeError where it is none, or an hour old."""
    found = books.get("billing_portal.session", id)
    if found["created"] + LASTS < books.clock.seconds():
        raise invalid("This link has expired. Open the portal from the application again.")
    return found


def current(books: Books, customer: str) -> Obj | None:
    """The subscription the page is about: the newest that has not ended."""
    alive = [s for s in books.all("subscription", customer) if s["status"] not in subscriptions.ENDED]
    return alive[-1] if alive else None


def choices(books: Books, sub: Obj) -> list[Obj]:
    """Prices for the same kind of buyer as the present one."""
    present = sub["items"]["data"][0]["price"]
    audience = present["metadata"].get("audience")
    return [p for p in books.all("price") if p["active"] and p["metadata"].get("audience") == audience]


def act(books: Books, customer_id: str, form: dict[str, str]) -> str:
    """Do what a button of the page says; what happened, in words. Raises StripeError."""
    customer = books.get("customer", customer_id)
    action = form.get("action", "")
    if action == "card":
        card = cards.new_card(books, form.get("number", ""))
        cards.attach(books, card, customer)
        subscriptions.pay_open(books, customer_id)
        return f"Your card ending in {card['card']['last4']} is now the default."
    if action == "tax_id":
        resources.create_tax_id(books, customer, {"type": "eu_vat", "value": form.get("tax_id", "")})
        return "The tax id was added."
    if action == "pay":
        subscriptions.pay(books, books.get("invoice", form.get("invoice", "")))
        return "Thank you, the invoice is paid."
    return _change(books, customer_id, action, form)


def _change(books: Books, customer_id: str, action: str, form: dict[str, str]) -> str:
    sub = current(books, customer_id)
    if sub is None:
        raise StripeError(400, "invalid_request_error", "There is no subscription to change.")
    if action == "cancel":
        subscriptions.update(books, sub, {"cancel_at_period_end": "true"})
        return "Your subscription ends with the paid period. Until then nothing changes."
    if action == "renew":
        subscriptions.update(books, sub, {"cancel_at_period_end": "false"})
        return "Your subscription goes on."
    if action == "plan":
        item = sub["items"]["data"][0]
        changed = {"id": item["id"], "price": form.get("price", ""), "quantity": str(item["quantity"])}
        subscriptions.update(
            books,
            sub,
            {
                "items": [changed],
                "proration_behavior": "always_invoice",
                "payment_behavior": "error_if_incomplete",
            },
        )
        return "Your plan was changed."
    raise invalid("Unknown action", "action")


__all__ = ["act", "choices", "create", "current", "invoices", "session"]
