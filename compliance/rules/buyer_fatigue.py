"""Not the same buyer again and again.

What it flags
A request to a buyer who was written to about another order less than a week ago.

Why
Amazon publishes no limit for one buyer, but "an excessive number of complaints" is among its reasons to restrict an
account, and a buyer with ten orders gets ten requests.

Write instead
A pause between messages to one buyer. The campaign's filter "Not the same buyer again within (days)" keeps it, where
Amazon tells who the buyer is; the planner moves to the buyer's next order after the pause.

Sources
Amazon, Buyer-Seller Messages FAQ (one address a buyer and seller); eComEngine, restrictions (read 2026-11-23). The
week is ours."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from compliance.engine.document import Document
from compliance.engine.sending import Sending
from compliance.engine.types import ASKS, Draft, Finding, Outcome, Purpose, Rule, Severity

_PAUSE = timedelta(days=7)
_NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def _sent(days: float, purpose: Purpose = "review_request") -> Draft:
    sending = Sending(at=_NOON + timedelta(days=days), asked_buyer_at=_NOON)
    return Draft("relay_email", purpose, "", "en-US", "US", sending=sending)


class BuyerFatigue(Rule):
    slug, code, title = "buyer-fatigue", "T8", "Not the same buyer again"
    severity = Severity.ADVISE
    reads = frozenset({"sending"})
    flagged = (_sent(0.1), _sent(6.9))
    passed = (
        _sent(7),
        _sent(1, "order_problem"),
        Draft("relay_email", "review_request", "", "en-US", "US", sending=Sending(at=_NOON)),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        sending = document.draft.sending
        if document.draft.purpose not in ASKS or not sending or not sending.at or not sending.asked_buyer_at:
            return
        since = sending.at - sending.asked_buyer_at
        if timedelta(0) <= since < _PAUSE:
            message = f"The same buyer was written to {max(since.days, 0)} days ago about another order; wait a week."
            yield self.finding(message, outcome=Outcome.REVIEW, where="sending")
