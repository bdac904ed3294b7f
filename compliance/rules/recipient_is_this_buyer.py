"""To this order's buyer only.

What it flags
An address that does not belong to the order the message is about.

Why
Amazon permits a message only to someone who bought from this seller, about that order; lists and old addresses used anew
cost the account.

Write instead
Nothing: the address comes from the order. It is read from the order's own row, sealed, when the message is packed;
nobody can type one.

Sources
Jungle Scout, Amazon updates its guidelines; eCommerce Nurse 2020 (read 2026-11-23)."""

from collections.abc import Iterator

from compliance.engine.document import Document
from compliance.engine.sending import Sending
from compliance.engine.types import Draft, Finding, Rule, Severity


def _sent(is_recipient_of_order: bool | None) -> Draft:
    sending = Sending(is_recipient_of_order=is_recipient_of_order)
    return Draft("relay_email", "review_request", "", "en-US", "US", sending=sending)


class RecipientIsThisBuyer(Rule):
    slug, code, title = "recipient-is-this-buyer", "P8", "To this order's buyer"
    severity = Severity.ACCOUNT
    reads = frozenset({"sending"})
    overridable = False
    flagged = (_sent(False),)
    passed = (_sent(True), _sent(None))

    def check(self, document: Document) -> Iterator[Finding]:
        sending = document.draft.sending
        if sending is not None and sending.is_recipient_of_order is False:
            yield self.finding("The address is not the one Amazon gave for this order.", where="sending")
