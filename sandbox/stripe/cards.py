"""Payment methods, and what a bank says to each number (numbers of docs.stripe.com/testing, a stored copy read 2026-11-25)."""

from __future__ import annotations

from dataclasses import dataclass

from .books import Books, Obj
from .errors import declined, invalid


@dataclass(frozen=True, slots=True)
class Kind:
    """`fails` at every charge; `refused` already when it is added; `asks` the holder at the first payment."""

    words: str
    brand: str = "visa"
    fails: str = ""
    refused: str = ""
    asks: bool = False


KINDS: dict[str, Kind] = {
    "4242424242424242": Kind("pays"),
    "5555555555554444": Kind("pays", "mastercard"),
    "4000000000000341": Kind("can be added, every payment fails", fails="generic_decline"),
    "4000000000009995": Kind("can be added, has no money", fails="insufficient_funds"),
    "4000000000000002": Kind("is declined at once", refused="generic_decline"),
    "4000002500003155": Kind("asks its holder to confirm", asks=True),
}
TOKENS = {
    "pm_card_visa": "4242424242424242",
    "pm_card_mastercard": "5555555555554444",
    "pm_card_chargeCustomerFail": "4000000000000341",
    "pm_card_visa_chargeDeclined": "4000000000000002",
    "pm_card_authenticationRequired": "4000002500003155",
}
WORDS = {
    "generic_decline": "Your card was declined.",
    "insufficient_funds": "Your card has insufficient funds.",
}


def number_of(given: str) -> str:
    """Digits of a typed number or a test token. Raises StripeError."""
    number = TOKENS.get(given, "".join(c for c in given if c.isdigit()))
    if number not in KINDS:
        raise invalid(
            "Your card number is incorrect: the stand-in knows Stripe's test cards only.",
            "number",
            "incorrect_number",
        )
    return number


def new_card(books: Books, given: str) -> Obj:
    """Not attached yet. Raises StripeError where the number is none, or the bank refuses it at once."""
    number = number_of(given)
    kind = KINDS[number]
    if kind.refused:
        raise declined(kind.refused, WORDS[kind.refused])
    year = books.now() // 31_557_600 + 1970 + 3
    card = {
        "brand": kind.brand,
        "last4": number[-4:],
        "exp_month": 12,
        "exp_year": year,
        "country": "DE",
        "funding": "credit",
    }
    made = books.new("payment_method", "pm", type="card", card=card, customer=None, billing_details={})
    return {**made, "_number": number}


def attach(books: Books, card: Obj, customer: Obj, *, is_default: bool = True) -> Obj:
    card["customer"] = customer["id"]
    books.put(card, "payment_method.attached")
    if is_default:
        customer["invoice_settings"]["default_payment_method"] = card["id"]
        books.put(customer, "customer.updated")
    return card


def of_customer(books: Books, customer: str, preferred: str | None = None) -> Obj | None:
    """The card that is charged: the subscription's own, else the customer's default."""
    default = (books.find(customer) or {}).get("invoice_settings", {}).get("default_payment_method")
    found = books.find(preferred or default or "")
    return found if found and found.get("customer") == customer else None


def charge(card: Obj | None) -> None:
    """Raises StripeError where the bank says no."""
    if card is None:
        raise invalid(
            "This customer has no attached payment source or default payment method.", code="resource_missing"
        )
    fails = KINDS[card["_number"]].fails
    if fails:
        raise declined(fails, WORDS[fails])


def asks(card: Obj) -> bool:
    return KINDS[card["_number"]].asks
