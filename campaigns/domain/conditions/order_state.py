"""What became of the order."""

from psycopg.sql import SQL, Composable

from campaigns.domain.conditions.base import Condition, Seen, listed, says
from campaigns.domain.terms import Terms
from campaigns.domain.triggers import MOMENTS, SHIPPED
from campaigns.domain.vocabulary import ASKS, Channel, Trigger

STATUS_WORDS = {
    "PENDING_AVAILABILITY": "waiting for stock",
    "PENDING": "pending: its payment is not settled",
    "UNSHIPPED": "not shipped yet",
    "PARTIALLY_SHIPPED": "partly shipped",
    "SHIPPED": "shipped",
    "CANCELLED": "cancelled",
    "UNFULFILLABLE": "one Amazon could not fulfil",
    "UNKNOWN": "in a state Amazon has not told",
}


def statuses(terms: Terms) -> tuple[str, ...]:
    """The order states in which this campaign can write. Amazon takes solicitations for shipped orders only
    ("Solicit feedback for an order", read 2026-11-23)."""
    return SHIPPED if terms.channel is Channel.SOLICITATION else MOMENTS[terms.trigger].statuses


def _status_words(status: str) -> str:
    return STATUS_WORDS.get(status, f"in a state we do not know ({status})")


def _awaited(seen: Seen) -> str:
    return " or ".join(_status_words(status).split(":")[0] for status in statuses(seen.terms))


def _asks(terms: Terms) -> bool:
    return terms.purpose in ASKS


def _after_return(terms: Terms) -> bool:
    return terms.trigger in {Trigger.RETURNED, Trigger.REFUNDED}


def _minds_return(terms: Terms) -> bool:
    """Only where the campaign says so: leaving out who may be displeased is the seller's stated choice, and a person looks
    at it (compliance/rules/no_selective_audience.py).
    """
    return not _after_return(terms) and terms.filters.returned == "exclude"


def _minds_refund(terms: Terms) -> bool:
    return not _after_return(terms) and terms.filters.refunded == "exclude"


def _not_set(column: str) -> Composable:
    return SQL("o.{} IS NULL").format(SQL(column))


CONDITIONS = (
    Condition(
        "order_cancelled",
        lambda terms: SQL("(o.cancelled_at IS NULL AND o.status <> 'CANCELLED')"),
        says("The order was not cancelled."),
        lambda seen: (
            f"The order was cancelled on {seen.when(seen['cancelled_at'])}."
            if seen["cancelled_at"]
            else "The order was cancelled."
        ),
    ),
    Condition(
        "cancel_requested",
        lambda terms: _not_set("cancel_requested_at"),
        says("The buyer did not ask to cancel it."),
        lambda seen: f"The buyer asked on {seen.when(seen['cancel_requested_at'])} to cancel the order.",
        reason="The buyer asked to cancel the order.",
        remedy="Answer the buyer's request in Seller Central.",
    ),
    Condition(
        "order_replacement",
        lambda terms: SQL("NOT o.is_replacement"),
        says("It is no replacement of another order."),
        lambda seen: (
            "It only replaces "
            + (f"order {seen['replaces_order_id']}." if seen["replaces_order_id"] else "an earlier order.")
        ),
        # The gate never asks about a replacement, so the filter cannot let it through for an ask.
        applies=lambda terms: terms.filters.replacements != "include" or _asks(terms),
        unrestricted="The campaign includes replacement orders.",
    ),
    Condition(
        "status_not_reached",
        lambda terms: SQL("o.status = {}").format(listed(statuses(terms))),
        lambda seen: f"The order is {_status_words(seen['status'])}.",
        lambda seen: (
            f"The order is {_status_words(seen['status'])}; the campaign waits until it is {_awaited(seen)}."
        ),
        reason="The order has not come far enough for the campaign.",
        remedy="Nothing to do: it is looked at again when Amazon reports a change.",
        waits=lambda terms: True,
    ),
    Condition(
        "undeliverable",
        lambda terms: _not_set("undeliverable_at"),
        says("The carrier has reported no failed delivery."),
        lambda seen: (
            f"The carrier reported on {seen.when(seen['undeliverable_at'])} that the parcel could not be "
            "delivered."
        ),
        reason="The parcel could not be delivered.",
        remedy="Nothing to do: there is no product to ask about.",
        applies=_asks,
    ),
    Condition(
        "order_returned",
        lambda terms: _not_set("returned_at"),
        says("Nothing was returned."),
        lambda seen: (
            f"The buyer returned the product on {seen.day(seen['returned_at'])}, "
            "and the campaign is set to leave returned orders out."
        ),
        applies=_minds_return,
        unrestricted="Whether something was returned makes no difference: the campaign leaves nobody out for it.",
    ),
    Condition(
        "order_refunded",
        lambda terms: _not_set("refunded_at"),
        says("Nothing was refunded."),
        lambda seen: (
            f"The order was refunded on {seen.day(seen['refunded_at'])}, "
            "and the campaign is set to leave refunded orders out."
        ),
        applies=_minds_refund,
        unrestricted="Whether money was refunded makes no difference: the campaign leaves nobody out for it.",
    ),
)
