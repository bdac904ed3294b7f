"""What time does: trials end, periods renew, failed payments are tried again, unpaid ones give up. Each at its own moment."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from . import cards, invoices, subscriptions
from .books import Books, Obj

#: A first payment must come within 23 hours (stripe-python 16.1's own documentation, read 2026-11-25).
INCOMPLETE_LASTS = 23 * 3600
log = logging.getLogger("sandbox.stripe")
Happening = tuple[int, Callable[[], object]]


async def live(books: Books) -> None:
    """Catch up with the clock, for ever."""
    while True:
        try:
            catch_up(books)
        except Exception:
            log.exception("Time could not be caught up with")
        await asyncio.sleep(0.25)


def catch_up(books: Books) -> int:
    """Everything that was to happen until now, in its order; how much that was."""
    until, done = books.clock.seconds(), 0
    while (happening := _next(books)) is not None and happening[0] <= until:
        with books.at(happening[0]), books.store.transaction():
            happening[1]()
        done += 1
    return done


def _next(books: Books) -> Happening | None:
    found = [h for sub in books.all("subscription") if (h := _of_subscription(books, sub)) is not None]
    found += [h for invoice in books.all("invoice") if (h := _of_invoice(books, invoice)) is not None]
    return min(found, key=lambda h: h[0]) if found else None


def _of_subscription(books: Books, sub: Obj) -> Happening | None:
    status, (_, end) = sub["status"], subscriptions.period(sub)
    if status == "incomplete":
        return sub["created"] + INCOMPLETE_LASTS, lambda: _give_up(books, sub)
    if status in subscriptions.ENDED or status == "paused":
        return None
    if status == "trialing":
        soon = sub["trial_end"] - 3 * invoices.DAY
        if soon > sub["created"] and not sub.get("_told_of_end"):
            return soon, lambda: _tell_of_end(books, sub)
        return sub["trial_end"], lambda: _end_trial(books, sub)
    return end, lambda: _renew(books, sub)


def _of_invoice(books: Books, invoice: Obj) -> Happening | None:
    at = invoice["next_payment_attempt"]
    return None if at is None or invoice["status"] != "open" else (at, lambda: _try_again(books, invoice))


def _give_up(books: Books, sub: Obj) -> None:
    for invoice in invoices.open_of(books, sub["id"]):
        invoices.void(books, invoice)
    sub.update(status="incomplete_expired", ended_at=books.now())
    books.put(sub, "customer.subscription.updated", {"status": "incomplete"})


def _tell_of_end(books: Books, sub: Obj) -> None:
    sub["_told_of_end"] = True
    books.put(sub, "customer.subscription.trial_will_end")


def _end_trial(books: Books, sub: Obj) -> None:
    if sub["cancel_at_period_end"]:
        subscriptions.cancel(books, sub)
        return
    has_card = cards.of_customer(books, sub["customer"], sub["default_payment_method"]) is not None
    behaviour = sub["trial_settings"]["end_behavior"]["missing_payment_method"]
    if not has_card and behaviour == "cancel":
        subscriptions.cancel(books, sub, reason="cancellation_requested")
    elif not has_card and behaviour == "pause":
        sub["status"] = "paused"
        books.put(sub, "customer.subscription.paused")
    else:
        sub["billing_cycle_anchor"] = books.now()
        _charge_period(books, sub, {"status": "trialing"})


def _renew(books: Books, sub: Obj) -> None:
    if sub["cancel_at_period_end"]:
        subscriptions.cancel(books, sub)
        return
    if sub["status"] == "unpaid":  # Stripe goes on making drafts that nobody collects
        start = subscriptions.period(sub)[1]
        subscriptions._set_period(sub, start, subscriptions._next_end(sub, start))
        books.put(sub, "customer.subscription.updated")
        return
    _charge_period(books, sub, {"status": sub["status"]})


def _charge_period(books: Books, sub: Obj, before: Obj) -> None:
    start = books.now()
    subscriptions._set_period(sub, start, subscriptions._next_end(sub, start))
    waiting, sub["_waiting_lines"] = sub["_waiting_lines"], []
    lines = waiting + invoices.period_lines(sub)
    if not subscriptions.is_collected(books, sub):
        sub["latest_invoice"] = invoices.void_at_once(books, sub, lines)["id"]
        sub["status"] = "active"
        books.put(sub, "customer.subscription.updated", before)
        return
    sub["pause_collection"] = None
    _, is_paid = invoices.of_subscription(books, sub, lines, "cycle")
    sub["status"] = "active" if is_paid and not invoices.open_of(books, sub["id"]) else "past_due"
    books.put(sub, "customer.subscription.updated", before)


def _try_again(books: Books, invoice: Obj) -> None:
    sub = books.get("subscription", invoices.subscription_of(invoice))
    if invoices.settle(books, invoice, sub):
        subscriptions.recovered(books, sub)
    elif invoice["next_payment_attempt"] is None and sub["status"] == "past_due":
        _arrears(books, sub)


def _arrears(books: Books, sub: Obj) -> None:
    """Every attempt failed."""
    outcome = books.settings["after_retries"]
    if outcome == "canceled":
        subscriptions.cancel(books, sub, reason="payment_failed")
    elif outcome == "unpaid":
        sub["status"] = "unpaid"
        books.put(sub, "customer.subscription.updated", {"status": "past_due"})
