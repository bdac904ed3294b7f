"""An opt-out is kept.

What it flags
A message to a buyer who opted out, unless the order cannot do without it (a problem, a question about a return, a
delivery to arrange, a custom design, a legal notice).

Why
Amazon does not pass on what is not critical, and each attempt is one more against a buyer's plain wish.

Write instead
Nothing: the wish is kept. A notice that came back puts the buyer on the do-not-write list, and planner and gate skip the
order with the reason `opted_out`.

Sources
Seller Labs, why Amazon could not deliver; Amazon UK seller forum, critical and non-critical messages (read 2026-11-23)."""

from collections.abc import Iterator

from compliance.engine.document import Document
from compliance.engine.sending import Sending
from compliance.engine.types import Draft, Finding, Purpose, Rule, Severity

CRITICAL: frozenset[str] = frozenset(
    {"order_problem", "return_question", "delivery_scheduling", "custom_design", "legal_disclosure"}
)
"""What an order cannot do without."""


def _sent(is_opted_out: bool | None, purpose: Purpose = "review_request") -> Draft:
    sending = Sending(channel="relay_email", is_opted_out=is_opted_out)
    return Draft("relay_email", purpose, "", "en-US", "US", sending=sending)


class OptOutRespected(Rule):
    slug, code, title = "opt-out-respected", "F5", "An opt-out is kept"
    severity = Severity.ADVISE
    reads = frozenset({"sending"})
    flagged = (_sent(True), _sent(True, "invoice"))
    passed = (_sent(True, "order_problem"), _sent(False), _sent(None))

    def check(self, document: Document) -> Iterator[Finding]:
        sending = document.draft.sending
        if sending is not None and sending.is_opted_out and document.draft.purpose not in CRITICAL:
            yield self.finding("The buyer opted out of messages an order can do without.", where="sending")
