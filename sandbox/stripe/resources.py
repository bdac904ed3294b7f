"""The plain objects: customers, tax ids, products, prices, coupons, codes, payment methods, endpoints."""

from __future__ import annotations

import secrets
from typing import Any

from . import cards
from .books import API_VERSION, Books, Obj
from .errors import invalid, required
from .forms import Params, flag, inner, several, whole


def _text(params: Params, name: str) -> str:
    """Raises StripeError where it is missing."""
    if params.get(name) in (None, ""):
        raise required(name)
    return str(params[name])


def _merge(obj: Obj, params: Params, *names: str) -> Obj:
    """The fields that were changed, as they were."""
    before = {name: obj[name] for name in names if name in params and params[name] != obj[name]}
    obj.update({name: params[name] or None for name in names if name in params})
    obj["metadata"].update(inner(params, "metadata"))
    return before


# -- customers


def create_customer(books: Books, params: Params) -> Obj:
    made = books.new(
        "customer", "cus", email=params.get("email"), name=params.get("name"), description=params.get("description"),
        address=inner(params, "address") or None, phone=None, balance=whole(params, "balance", 0), currency="eur",
        delinquent=False, invoice_prefix=secrets.token_hex(4).upper(), tax_exempt="none", default_source=None, shipping=None,
        invoice_settings={"default_payment_method": None, "custom_fields": None, "footer": None}, preferred_locales=[],
    )  # fmt: skip
    made["metadata"] = inner(params, "metadata")
    books.put(made, "customer.created")
    for entry in several(params, "tax_id_data"):
        create_tax_id(books, made, entry)
    return made


def update_customer(books: Books, customer: Obj, params: Params) -> Obj:
    before = _merge(customer, params, "email", "name", "description")
    if "address" in params:
        customer["address"] = inner(params, "address") or None
    if "balance" in params:
        customer["balance"] = whole(params, "balance", 0)
    default = inner(params, "invoice_settings").get("default_payment_method")
    if default:
        customer["invoice_settings"]["default_payment_method"] = books.get("payment_method", default)["id"]
    return books.put(customer, "customer.updated", before)


def create_tax_id(books: Books, customer: Obj, params: Params) -> Obj:
    kind, value = _text(params, "type"), _text(params, "value").replace(" ", "").upper()
    if kind == "eu_vat" and not (value[:2].isalpha() and 8 <= len(value) <= 14):
        raise invalid("Invalid value for eu_vat.", "value", "tax_id_invalid")
    made = books.new("tax_id", "txi", customer=customer["id"], type=kind, value=value, country=value[:2])
    made["verification"] = {"status": "verified", "verified_address": None, "verified_name": customer["name"]}
    return books.put(made, "customer.tax_id.created")


# -- products, prices, discounts


def create_product(books: Books, params: Params) -> Obj:
    made = books.new(
        "product", "prod", id=params.get("id"), name=_text(params, "name"), active=flag(params, "active", True),
        description=params.get("description"), tax_code=params.get("tax_code"), default_price=None, images=[],
    )  # fmt: skip
    if books.find(made["id"]):
        raise invalid(f"Product already exists: {made['id']}", "id", "resource_already_exists")
    made["metadata"] = inner(params, "metadata")
    return books.put(made, "product.created")


def update_product(books: Books, product: Obj, params: Params) -> Obj:
    before = _merge(product, params, "name", "description")
    product["active"] = flag(params, "active", product["active"])
    return books.put(product, "product.updated", before)


def create_price(books: Books, params: Params) -> Obj:
    """Flat (`unit_amount`) or by volume (`billing_scheme=tiered`)."""
    product = books.get("product", _text(params, "product"), "product")
    recurring = inner(params, "recurring")
    interval = _text(recurring, "interval")
    if interval not in ("month", "year"):
        raise invalid("Invalid recurring[interval]: the stand-in knows month and year", "recurring[interval]")
    is_tiered = params.get("billing_scheme") == "tiered"
    made = books.new(
        "price", "price", product=product["id"], currency=_text(params, "currency"), active=True, type="recurring",
        nickname=params.get("nickname"), billing_scheme="tiered" if is_tiered else "per_unit", lookup_key=None,
        tiers_mode=params.get("tiers_mode"), tax_behavior=params.get("tax_behavior", "exclusive"),
        unit_amount=None if is_tiered else whole({"v": _text(params, "unit_amount")}, "v"),
        recurring={"interval": interval, "interval_count": whole(recurring, "interval_count", 1), "usage_type": "licensed"},
        tiers=[_tier(entry) for entry in several(params, "tiers")] if is_tiered else None,
    )  # fmt: skip
    made["metadata"] = inner(params, "metadata")
    _set_lookup_key(books, made, params)
    return books.put(made, "price.created")


def _tier(entry: Params) -> Obj:
    up_to = None if entry.get("up_to") == "inf" else whole(entry, "up_to")
    return {
        "up_to": up_to,
        "unit_amount": whole(entry, "unit_amount"),
        "flat_amount": whole(entry, "flat_amount"),
    }


def _set_lookup_key(books: Books, price: Obj, params: Params) -> None:
    key = params.get("lookup_key")
    if not key:
        return
    for other in books.all("price"):
        if other["lookup_key"] == key and other["id"] != price["id"]:
            if not flag(params, "transfer_lookup_key"):
                raise invalid(f"A price (`{other['id']}`) already uses that lookup key.", "lookup_key")
            other["lookup_key"] = None
            books.put(other, "price.updated")
    price["lookup_key"] = key


def update_price(books: Books, price: Obj, params: Params) -> Obj:
    before = _merge(price, params, "nickname")
    price["active"] = flag(params, "active", price["active"])
    _set_lookup_key(books, price, params)
    return books.put(price, "price.updated", before)


def create_coupon(books: Books, params: Params) -> Obj:
    percent, amount = params.get("percent_off"), whole(params, "amount_off")
    if not percent and not amount:
        raise invalid("Must provide percent_off or amount_off.", "percent_off", "parameter_missing")
    made = books.new(
        "coupon", "", id=params.get("id") or secrets.token_hex(4).upper(), name=params.get("name"), valid=True,
        percent_off=float(percent) if percent else None, amount_off=amount, currency=params.get("currency"),
        duration=params.get("duration", "once"), duration_in_months=whole(params, "duration_in_months"), times_redeemed=0,
        max_redemptions=whole(params, "max_redemptions"), redeem_by=whole(params, "redeem_by"),
    )  # fmt: skip
    return books.put(made, "coupon.created")


def create_promotion_code(books: Books, params: Params) -> Obj:
    coupon = books.get(
        "coupon",
        str(inner(params, "promotion").get("coupon") or params.get("coupon") or ""),
        "promotion[coupon]",
    )
    code = str(params.get("code") or secrets.token_hex(4)).upper()
    made = books.new(
        "promotion_code", "promo", code=code, active=True, customer=params.get("customer"), times_redeemed=0,
        promotion={"type": "coupon", "coupon": coupon["id"]}, max_redemptions=whole(params, "max_redemptions"),
        expires_at=whole(params, "expires_at"), restrictions={"first_time_transaction": False, "minimum_amount": None},
    )  # fmt: skip
    return books.put(made, "promotion_code.created")


def usable_code(books: Books, code: str) -> Obj:
    """Raises StripeError where nobody gives such a code, or it is used up."""
    now = books.now()
    for found in books.all("promotion_code"):
        if (
            found["code"] == code.strip().upper()
            and found["active"]
            and (found["expires_at"] or now + 1) > now
        ):
            return found
    raise invalid("This code is invalid.", "promotion_code")


# -- payment methods, endpoints


def attach_method(books: Books, id: str, params: Params) -> Obj:  # noqa: A002 (Stripe's word)
    customer = books.get("customer", _text(params, "customer"), "customer")
    found = books.find(id)
    return cards.attach(books, found or cards.new_card(books, id), customer, is_default=False)


def create_endpoint(books: Books, params: Params) -> Obj:
    """The secret is told once, as Stripe does; a `secret` of one's own is the stand-in's help for tests."""
    secret = str(params.get("secret") or f"whsec_{secrets.token_hex(16)}")
    made = books.new(
        "webhook_endpoint", "we", url=_text(params, "url"), status="enabled", api_version=params.get("api_version", API_VERSION),
        enabled_events=several(params, "enabled_events") or ["*"], description=params.get("description"), _secret=secret,
    )  # fmt: skip
    return {**books.put(made), "secret": secret}


def create_clock(books: Books, params: Params) -> Obj:
    """There is one clock: the sandbox's. Advancing any test clock moves it."""
    made = books.new(
        "test_helpers.test_clock", "clock", name=params.get("name"), status="ready", deletes_after=None
    )
    return books.put({**made, "frozen_time": books.now(), "status_details": {}})


def advance_clock(books: Books, id: str, params: Params) -> Obj:  # noqa: A002
    from . import life

    clock = books.get("test_helpers.test_clock", id)
    to = whole(params, "frozen_time") or 0
    if to <= books.now():
        raise invalid("frozen_time must be in the future of the clock.", "frozen_time")
    books.clock.set(float(to))
    life.catch_up(books)
    clock["frozen_time"] = to
    return books.put(clock, "test_helpers.test_clock.ready")


def shown(obj: Any) -> Any:
    """An object as the API shows it: without what only the stand-in keeps."""
    if not isinstance(obj, dict):
        return obj
    kept = {name: value for name, value in obj.items() if not name.startswith("_")}
    if obj.get("object") == "price":
        kept.pop("tiers", None)  # only where asked for
    return kept
