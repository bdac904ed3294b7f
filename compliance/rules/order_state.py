"""The order still stands.

What it flags
A message about a cancelled order and a request about one that is pending or only replaces another. Of a request to a
buyer who sent the product back or got the money back it only reminds: whether such buyers are asked is the campaign's choice,
made once and looked at by a person, as it must not become a silent choice of the pleased.

Why
Amazon's contact does not work for cancelled orders, and there is no review of a product nobody has. Leaving out returned
orders has a plain reason, but works as a filter: see `no-selective-audience`.

Write instead
Nothing: wait, or leave the order alone. The planner takes such orders out when Amazon reports the change, and the gate
and the fence look at the order again just before sending.

Sources
Amazon EU help, contact buyers; Amazon, solicit feedback for an order (read 2026-11-23)."""

from collections.abc import Iterator

from compliance.engine.document import Document
from compliance.engine.sending import Sending
from compliance.engine.types import ASKS, Draft, Finding, Outcome, Purpose, Rule, Severity

_UNPAID = frozenset({"PENDING", "PENDING_AVAILABILITY"})


def _sent(purpose: Purpose = "review_request", **facts: object) -> Draft:
    sending = Sending(**facts)  # type: ignore[arg-type]
    return Draft("relay_email", purpose, "", "en-US", "US", sending=sending)


class OrderState(Rule):
    slug, code, title = "order-state", "T9", "The order still stands"
    severity = Severity.BLOCK
    reads = frozenset({"sending"})
    flagged = (
        _sent("order_information", order_status="CANCELLED"),
        _sent(order_status="PENDING"),
        _sent(order_status="SHIPPED", is_replacement=True),
    )
    passed = (
        _sent(order_status="SHIPPED", is_refunded=True),
        _sent(order_status="SHIPPED", is_returned=True),
        _sent(order_status="SHIPPED", is_refunded=False, is_replacement=False),
        _sent("return_question", order_status="SHIPPED", is_returned=True),
        _sent("order_problem", order_status="PENDING"),
        _sent(),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        sending = document.draft.sending
        if sending is None:
            return
        if sending.order_status == "CANCELLED":
            yield self.finding("The order was cancelled; nothing is written about it.", where="sending")
        if document.draft.purpose in ASKS:
            yield from self._ask(sending)

    def _ask(self, sending: Sending) -> Iterator[Finding]:
        if sending.order_status in _UNPAID:
            yield self.finding("The order is pending; there is nothing to review yet.", where="sending")
        if sending.is_replacement:
            yield self.finding("The order only replaces another; that one was the purchase.", where="sending")
        if sending.is_refunded or sending.is_returned:
            what = "refunded" if sending.is_refunded else "returned"
            message = f"The order was {what}; whether such buyers are asked is the campaign's choice."
            yield self.finding(message, outcome=Outcome.ADVICE, where="sending")
