"""Subscriptions: made, changed with proration, ended. What time does to them is `life.py`."""

from __future__ import annotations

from typing import Any

from . import cards, invoices, sums
from .books import Books, Obj
from .errors import StripeError, declined, invalid, required
from .forms import Params, flag, inner, several, whole

ENDED = ("canceled", "incomplete_expired")
BEHAVIOURS = ("create_prorations", "always_invoice", "none")


def create(books: Books, params: Params) -> Obj:
    """`POST /v1/subscriptions`. A first payment that fails leaves it incomplete, or undoes it (error_if_incomplete)."""
    customer = books.get("customer", params.get("customer") or _missing("customer"), "customer")
    sub = _bare(books, customer, params)
    _add_items(books, sub, several(params, "items") or _missing("items"))
    _add_discounts(books, sub, several(params, "discounts"))
    trial_end = _trial_end(books, params)
    if trial_end:
        sub.update(status="trialing", trial_start=books.now(), trial_end=trial_end)
        _set_period(sub, books.now(), trial_end)
    books.put(sub, "customer.subscription.created")
    return _begin(books, sub, str(params.get("payment_behavior") or "allow_incomplete"))


def _missing(name: str) -> Any:
    raise required(name)


def _bare(books: Books, customer: Obj, params: Params) -> Obj:
    behaviour = inner(inner(params, "trial_settings"), "end_behavior")
    now = books.now()
    return books.new(
        "subscription", "sub", customer=customer["id"], status="incomplete", currency="eur", start_date=now,
        billing_cycle_anchor=now, cancel_at=None, cancel_at_period_end=False, canceled_at=None, ended_at=None,
        cancellation_details={"comment": None, "feedback": None, "reason": None}, trial_start=None, trial_end=None,
        trial_settings={"end_behavior": {"missing_payment_method": behaviour.get("missing_payment_method", "create_invoice")}},
        default_payment_method=params.get("default_payment_method") or None, latest_invoice=None, discounts=[],
        collection_method="charge_automatically", pause_collection=None, pending_setup_intent=None, pending_update=None,
        automatic_tax={"enabled": flag(inner(params, "automatic_tax"), "enabled"), "liability": None},
        metadata=inner(params, "metadata"), description=params.get("description"), days_until_due=None, schedule=None,
        items={"object": "list", "data": [], "has_more": False, "url": "/v1/subscription_items"}, _waiting_lines=[],
    )  # fmt: skip


def _add_items(books: Books, sub: Obj, given: list[Any]) -> None:
    for number, entry in enumerate(given):
        price = books.get(
            "price", entry.get("price") or _missing(f"items[{number}][price]"), f"items[{number}][price]"
        )
        sub["items"]["data"].append(_item(books, sub, price, whole(entry, "quantity", 1) or 0))
    start = books.now()
    _set_period(sub, start, _next_end(sub, start))


def _item(books: Books, sub: Obj, price: Obj, quantity: int) -> Obj:
    if not price["active"]:
        raise invalid(f"The price specified is inactive: {price['id']}.", "price")
    made = books.new(
        "subscription_item", "si", price=price, quantity=quantity, subscription=sub["id"], discounts=[]
    )
    return {**made, "current_period_start": None, "current_period_end": None}


def _next_end(sub: Obj, start: int) -> int:
    from datetime import UTC, datetime

    recurring = sub["items"]["data"][0]["price"]["recurring"]
    day = datetime.fromtimestamp(sub["billing_cycle_anchor"], UTC).day
    return sums.period_end(start, recurring["interval"], recurring["interval_count"], day)


def _set_period(sub: Obj, start: int, end: int) -> None:
    for item in sub["items"]["data"]:
        item["current_period_start"], item["current_period_end"] = start, end


def period(sub: Obj) -> tuple[int, int]:
    first = sub["items"]["data"][0]
    return first["current_period_start"], first["current_period_end"]


def _add_discounts(books: Books, sub: Obj, given: list[Any]) -> None:
    for entry in given:
        code = books.find(entry.get("promotion_code") or "")
        coupon = books.find(code["promotion"]["coupon"] if code else entry.get("coupon") or "")
        if coupon is None:
            raise invalid("No such coupon", "discounts", "resource_missing")
        months = {"once": 1, "repeating": coupon["duration_in_months"] or 1}.get(coupon["duration"])
        ends = sums.period_end(books.now(), "month", months) if months else None
        discount = books.new(
            "discount", "di", customer=sub["customer"], subscription=sub["id"], source={"type": "coupon", "coupon": coupon["id"]},
            start=books.now(), end=ends, promotion_code=code["id"] if code else None,
        )  # fmt: skip
        books.put(discount, "customer.discount.created")
        coupon["times_redeemed"] += 1
        books.put(coupon)
        sub["discounts"].append(discount["id"])


def _trial_end(books: Books, params: Params) -> int | None:
    days = whole(params, "trial_period_days")
    if days:
        return books.now() + days * invoices.DAY
    at = params.get("trial_end")
    if at in (None, "", "now"):
        return None
    end = whole(params, "trial_end") or 0
    if end <= books.now():
        raise invalid("Invalid timestamp: must be an integer Unix timestamp in the future.", "trial_end")
    return end


def _begin(books: Books, sub: Obj, behaviour: str) -> Obj:
    """The first invoice, of nothing where a trial runs."""
    if sub["status"] == "trialing":
        invoices.of_subscription(books, sub, [], "create")
        return books.put(sub)
    wait = behaviour == "default_incomplete"
    if wait:
        invoice = invoices.finalise(
            books, invoices.draft(books, sub, invoices.period_lines(sub), "subscription_create")
        )
        sub["latest_invoice"] = invoice["id"]
        return books.put(sub)
    invoice, is_paid = invoices.of_subscription(books, sub, invoices.period_lines(sub), "create")
    if not is_paid and behaviour == "error_if_incomplete":
        raise _refused(invoice)
    sub["status"] = "active" if is_paid else "incomplete"
    return books.put(sub, "customer.subscription.updated" if is_paid else "", {"status": "incomplete"})


def _refused(invoice: Obj) -> StripeError:
    error = invoice["last_payment_error"]
    return declined(error["decline_code"] or "generic_decline", error["message"])


# -- changes


def update(books: Books, sub: Obj, params: Params) -> Obj:
    if sub["status"] in ENDED:
        raise invalid(
            "A canceled subscription can only update its cancellation_details and metadata.", "subscription"
        )
    before = {
        "status": sub["status"],
        "cancel_at_period_end": sub["cancel_at_period_end"],
        "items": sub["items"],
    }
    sub["metadata"].update(inner(params, "metadata"))
    if params.get("default_payment_method"):
        sub["default_payment_method"] = books.get("payment_method", params["default_payment_method"])["id"]
    if "cancel_at_period_end" in params:
        _cancel_later(books, sub, flag(params, "cancel_at_period_end"))
    if inner(params, "automatic_tax"):
        sub["automatic_tax"]["enabled"] = flag(inner(params, "automatic_tax"), "enabled")
    if "pause_collection" in params:
        sub["pause_collection"] = _pause(params)
    _add_discounts(books, sub, several(params, "discounts"))
    if "trial_end" in params:
        _move_trial(books, sub, params)
    if several(params, "items"):
        _change_items(books, sub, params)
    return books.put(sub, "customer.subscription.updated", before)


def _cancel_later(books: Books, sub: Obj, is_so: bool) -> None:
    sub["cancel_at_period_end"] = is_so
    sub["cancel_at"] = period(sub)[1] if is_so else None
    sub["canceled_at"] = books.now() if is_so else None
    sub["cancellation_details"]["reason"] = "cancellation_requested" if is_so else None


def _pause(params: Params) -> Obj | None:
    """An empty string ends it. Of the three behaviours of Stripe's only void is known here."""
    wanted = inner(params, "pause_collection")
    if not wanted:
        return None
    if wanted.get("behavior") != "void":
        raise invalid(
            "The stand-in knows pause_collection[behavior]=void only.", "pause_collection[behavior]"
        )
    return {"behavior": "void", "resumes_at": whole(wanted, "resumes_at")}


def is_collected(books: Books, sub: Obj) -> bool:
    pause = sub["pause_collection"]
    return pause is None or (pause["resumes_at"] is not None and pause["resumes_at"] <= books.now())


def _move_trial(books: Books, sub: Obj, params: Params) -> None:
    end = books.now() if params["trial_end"] == "now" else _trial_end(books, params)
    sub["trial_end"] = end
    if end and end > books.now():
        sub["status"] = "trialing"
        _set_period(sub, period(sub)[0], end)


def changed_items(books: Books, sub: Obj, given: list[Any]) -> tuple[list[Obj], list[Obj]]:
    """The items as they are and as they would be."""
    old = sub["items"]["data"]
    new = {item["id"]: dict(item) for item in old}
    for number, entry in enumerate(given):
        known = new.get(entry.get("id", ""))
        if entry.get("id") and known is None:
            raise invalid(
                f"No such subscription item: '{entry['id']}'", f"items[{number}][id]", "resource_missing"
            )
        if known is not None and flag(entry, "deleted"):
            del new[entry["id"]]
            continue
        if known is None:
            price = books.get("price", entry.get("price") or _missing(f"items[{number}][price]"))
            known = _item(books, sub, price, 1)
            known["current_period_start"], known["current_period_end"] = period(sub)
            new[known["id"]] = known
        if entry.get("price"):
            known["price"] = books.get("price", entry["price"], f"items[{number}][price]")
        known["quantity"] = whole(entry, "quantity", known["quantity"])
    return old, list(new.values())


def proration_lines(sub: Obj, old: list[Obj], new: list[Obj], at: int) -> list[Obj]:
    """Credit for what is not used any more, a charge for what takes its place; empty in a trial."""
    if sub["status"] == "trialing":
        return []
    start, end = period(sub)
    starts_anew = interval_of(old) != interval_of(new)
    lines, kept = [], {item["id"]: item for item in new}
    for item in old:
        after = kept.get(item["id"])
        if starts_anew or after is None or _worth(after) != _worth(item):
            back = -sums.prorated(_worth(item), start, end, at)
            lines.append(
                invoices.line(sub, item, back, (at, end), f"Unused time on {_name(item)}", proration=True)
            )
    before = {item["id"]: item for item in old}
    for item in new:
        was = before.get(item["id"])
        if starts_anew:
            until = sums.period_end(at, interval_of(new))
            lines.append(invoices.line(sub, item, _worth(item), (at, until), _name(item), proration=False))
        elif was is None or _worth(was) != _worth(item):
            rest = sums.prorated(_worth(item), start, end, at)
            lines.append(
                invoices.line(sub, item, rest, (at, end), f"Remaining time on {_name(item)}", proration=True)
            )
    return [entry for entry in lines if entry["amount"]]


def interval_of(items: list[Obj]) -> str:
    return str(items[0]["price"]["recurring"]["interval"])


def _worth(item: Obj) -> int:
    return sums.price_amount(item["price"], item["quantity"])


def _name(item: Obj) -> str:
    return f"{item['quantity']} × {item['price']['nickname'] or item['price']['id']}"


def _change_items(books: Books, sub: Obj, params: Params) -> None:
    behaviour = str(params.get("proration_behavior") or "create_prorations")
    if behaviour not in BEHAVIOURS:
        raise invalid(
            f"Invalid proration_behavior: must be one of {', '.join(BEHAVIOURS)}", "proration_behavior"
        )
    old, new = changed_items(books, sub, several(params, "items"))
    at = whole(params, "proration_date") or books.now()
    lines = proration_lines(sub, old, new, at) if behaviour != "none" else []
    starts_anew = interval_of(old) != interval_of(new)
    sub["items"]["data"] = new
    if starts_anew and sub["status"] != "trialing":
        sub["billing_cycle_anchor"] = at
        _set_period(sub, at, sums.period_end(at, interval_of(new)))
    if not lines:
        return
    if behaviour == "always_invoice" or starts_anew:
        _collect_now(books, sub, lines, str(params.get("payment_behavior") or "allow_incomplete"))
    else:
        sub["_waiting_lines"] += lines


def _collect_now(books: Books, sub: Obj, lines: list[Obj], behaviour: str) -> None:
    invoice, is_paid = invoices.of_subscription(books, sub, lines, "update")
    if is_paid:
        return
    if behaviour == "error_if_incomplete":
        raise _refused(invoice)
    sub["status"] = "past_due"


def preview(books: Books, params: Params) -> Obj:
    """`POST /v1/invoices/create_preview`: what a change would cost now, or else what comes next."""
    sub = books.get("subscription", params.get("subscription") or _missing("subscription"), "subscription")
    details = inner(params, "subscription_details")
    at = whole(details, "proration_date") or books.now()
    if several(details, "items"):
        old, new = changed_items(books, sub, several(details, "items"))
        lines = proration_lines(sub, old, new, at) if details.get("proration_behavior") != "none" else []
        if details.get("proration_behavior") != "always_invoice" and interval_of(old) == interval_of(new):
            lines += sub["_waiting_lines"] + invoices.period_lines({**sub, "items": {"data": new}})
        shown = {**sub, "items": {"data": new}}
    else:
        shown, lines = sub, sub["_waiting_lines"] + invoices.period_lines(sub)
    made = invoices.draft(books, shown, lines, "upcoming")
    made["id"] = f"upcoming_{made['id']}"
    made["parent"]["subscription_details"]["subscription_proration_date"] = at
    return made


def cancel(
    books: Books, sub: Obj, params: Params | None = None, reason: str = "cancellation_requested"
) -> Obj:
    """At once."""
    if sub["status"] in ENDED:
        raise invalid(f"No such subscription: '{sub['id']}'", "id", "resource_missing", 404)
    if params and flag(params, "prorate") and sub["status"] == "active":
        customer = books.get("customer", sub["customer"])
        start, end = period(sub)
        customer["balance"] -= sum(
            sums.prorated(_worth(i), start, end, books.now()) for i in sub["items"]["data"]
        )
        books.put(customer, "customer.updated")
    sub.update(status="canceled", ended_at=books.now(), canceled_at=sub["canceled_at"] or books.now())
    sub["cancellation_details"]["reason"] = reason
    return books.put(sub, "customer.subscription.deleted")


def resume(books: Books, sub: Obj) -> Obj:
    """A paused one goes on with a new period, once it can be paid."""
    if sub["status"] != "paused":
        raise invalid("The subscription is not paused.", "subscription")
    sub["billing_cycle_anchor"] = books.now()
    _set_period(sub, books.now(), sums.period_end(books.now(), interval_of(sub["items"]["data"])))
    invoice, is_paid = invoices.of_subscription(books, sub, invoices.period_lines(sub), "cycle")
    if not is_paid:
        raise _refused(invoice)
    sub["status"] = "active"
    return books.put(sub, "customer.subscription.resumed")


def pay(books: Books, invoice: Obj) -> Obj:
    """Try an open invoice now. Raises StripeError where the bank says no."""
    if invoice["status"] != "open":
        raise invalid(
            "Invoice is already paid" if invoice["status"] == "paid" else "Invoice is not open", "invoice"
        )
    sub = books.get("subscription", invoices.subscription_of(invoice))
    is_paid = invoices.settle(books, invoice, sub)
    if is_paid:
        recovered(books, sub)
        return invoice
    raise _refused(invoice)


def recovered(books: Books, sub: Obj) -> None:
    """All is paid: what was in arrears or incomplete is active again."""
    if sub["status"] in ("past_due", "unpaid", "incomplete") and not invoices.open_of(books, sub["id"]):
        before, sub["status"] = sub["status"], "active"
        books.put(sub, "customer.subscription.updated", {"status": before})


def pay_open(books: Books, customer: str) -> None:
    """A new card: what is open is tried again, as Stripe's portal does."""
    for sub in books.all("subscription", customer):
        for invoice in invoices.open_of(books, sub["id"]):
            if invoices.settle(books, invoice, sub):
                recovered(books, sub)
    for sub in books.all("subscription", customer):
        if sub["status"] == "paused" and cards.of_customer(books, customer, sub["default_payment_method"]):
            resume(books, sub)
