"""Checkout sessions: made by API, paid on the page. A card that is refused leaves the session open, as at Stripe."""

from __future__ import annotations

from typing import Any

from . import cards, invoices, resources, subscriptions, sums
from .books import Books, Obj
from .errors import StripeError, invalid, required
from .forms import Params, flag, inner, several, whole

LASTS = 24 * 3600
#: Stripe takes no trial that ends sooner.
SHORTEST_TRIAL = 48 * 3600


def create(books: Books, params: Params) -> Obj:
    if params.get("mode") != "subscription":
        raise invalid("The stand-in knows mode=subscription only.", "mode")
    if not params.get("success_url"):
        raise required("success_url")
    customer = books.get("customer", str(params.get("customer") or ""), "customer")
    data = inner(params, "subscription_data")
    trial_end = whole(data, "trial_end")
    if trial_end and trial_end < books.now() + SHORTEST_TRIAL:
        raise invalid("The trial_end must be at least 2 days in the future.", "subscription_data[trial_end]")
    made = books.new(
        "checkout.session", "cs_test", mode="subscription", customer=customer["id"], status="open", payment_status="unpaid",
        success_url=params["success_url"], cancel_url=params.get("cancel_url"),
        client_reference_id=params.get("client_reference_id"),
        expires_at=books.now() + LASTS, subscription=None, invoice=None, currency="eur", customer_email=customer["email"],
        allow_promotion_codes=flag(params, "allow_promotion_codes"),
        automatic_tax={"enabled": flag(inner(params, "automatic_tax"), "enabled")},
        tax_id_collection={"enabled": flag(inner(params, "tax_id_collection"), "enabled")}, payment_method_types=["card"],
        payment_method_collection=params.get("payment_method_collection", "always"), custom_fields=[], shipping_options=[],
        ui_mode="hosted_page", discounts=[],
    )  # fmt: skip
    made["metadata"] = inner(params, "metadata")
    made["url"] = f"{books.base_url}/checkout/{made['id']}"
    made["_wanted"] = {
        "items": _items(books, params),
        "data": data,
        "discounts": several(params, "discounts"),
    }
    made["amount_subtotal"] = made["amount_total"] = 0 if trial_end else total(books, made)
    return books.put(made)


def _items(books: Books, params: Params) -> list[Obj]:
    given = several(params, "line_items")
    if not given:
        raise required("line_items")
    return [
        {
            "price": books.get("price", str(entry.get("price") or ""), "line_items[0][price]")["id"],
            "quantity": whole(entry, "quantity", 1),
        }
        for entry in given
    ]


def lines(books: Books, session: Obj) -> list[tuple[Obj, int, int]]:
    """Price, quantity and amount of each line."""
    found = [(books.get("price", entry["price"]), entry["quantity"]) for entry in session["_wanted"]["items"]]
    return [(price, quantity, sums.price_amount(price, quantity)) for price, quantity in found]


def total(books: Books, session: Obj) -> int:
    return sum(amount for _, _, amount in lines(books, session))


def expire(books: Books, session: Obj) -> Obj:
    if session["status"] != "open":
        raise invalid("Only Checkout Sessions with a status of open can be expired.", "session")
    session.update(status="expired", url=None)
    return books.put(session, "checkout.session.expired")


def pay(books: Books, session: Obj, form: dict[str, str]) -> Obj:
    """What the page's button does. Raises StripeError, and then nothing has changed."""
    if session["status"] != "open" or session["expires_at"] <= books.now():
        raise invalid("This checkout page has expired.")
    customer = books.get("customer", session["customer"])
    with books.store.transaction():
        _note_details(books, session, customer, form)
        if form.get("number") or session["payment_method_collection"] == "always":
            cards.attach(books, _confirmed(books, form), customer)
        sub = subscriptions.create(books, _wanted(books, session, customer, form))
        session.update(
            status="complete",
            payment_status="paid",
            subscription=sub["id"],
            invoice=sub["latest_invoice"],
            url=None,
        )
        books.put(session, "checkout.session.completed")
    return session


def _confirmed(books: Books, form: dict[str, str]) -> Obj:
    card = cards.new_card(books, form.get("number", ""))
    if cards.asks(card) and form.get("confirmed") != "yes":
        raise StripeError(
            402, "card_error", "Your bank asks you to confirm this payment.", "authentication_required"
        )
    return card


def _note_details(books: Books, session: Obj, customer: Obj, form: dict[str, str]) -> None:
    if form.get("name"):
        customer["name"] = form["name"]
        books.put(customer, "customer.updated")
    if session["tax_id_collection"]["enabled"] and form.get("tax_id"):
        resources.create_tax_id(books, customer, {"type": "eu_vat", "value": form["tax_id"]})


def _wanted(books: Books, session: Obj, customer: Obj, form: dict[str, str]) -> Params:
    data: dict[str, Any] = {
        **session["_wanted"]["data"],
        "customer": customer["id"],
        "items": session["_wanted"]["items"],
    }
    discounts = list(session["_wanted"]["discounts"])
    if session["allow_promotion_codes"] and form.get("code"):
        discounts = [{"promotion_code": resources.usable_code(books, form["code"])["id"]}]
    automatic = {"enabled": "true" if session["automatic_tax"]["enabled"] else "false"}
    return {
        **data,
        "discounts": discounts,
        "automatic_tax": automatic,
        "payment_behavior": "error_if_incomplete",
    }


def due_now(books: Books, session: Obj) -> int:
    trial_end = whole(session["_wanted"]["data"], "trial_end")
    if trial_end and trial_end > books.now():
        return 0
    subtotal = total(books, session)
    percent = books.settings["tax_percent"] if session["automatic_tax"]["enabled"] else 0
    return subtotal + sums.tax(subtotal, percent)


__all__ = ["create", "due_now", "expire", "invoices", "lines", "pay", "total"]
