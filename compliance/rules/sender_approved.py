"""From an approved address.

What it flags
Relay mail from an address that the account has not approved in Seller Central under Messaging Permissions.

Why
Amazon rejects mail from an address the seller has not approved, and the buyer never hears of it.

Write instead
Add the address in Seller Central under Messaging Permissions, then on the connection's page. A campaign by mail cannot
be switched on without one; when the relay refuses it, the account's mail is held with the reason `sender_refused`.

Sources
Amazon help, messaging permissions; Amazon EU help, contact buyers (read 2026-11-23)."""

from collections.abc import Iterator

from compliance.engine.document import Document
from compliance.engine.sending import Sending
from compliance.engine.types import Draft, Finding, Rule, Severity


def _sent(sender: str, *, is_approved: bool | None = None, channel: str = "relay_email") -> Draft:
    sending = Sending(channel=channel, sender=sender, is_sender_approved=is_approved)
    return Draft("relay_email", "review_request", "", "en-US", "US", sending=sending)


class SenderApproved(Rule):
    slug, code, title = "sender-approved", "F1", "From an approved address"
    severity = Severity.BLOCK
    profiles = frozenset({"relay_email"})
    reads = frozenset({"sending"})
    overridable = False
    flagged = (_sent("shop@acme.example", is_approved=False),)
    passed = (
        _sent("shop@acme.example", is_approved=True),
        _sent("shop@acme.example"),
        _sent("", channel="messaging"),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        sending = document.draft.sending
        if sending is not None and sending.channel == "relay_email" and sending.is_sender_approved is False:
            message = (
                "The sender's address is not approved; add it in Seller Central under Messaging Permissions."
            )
            yield self.finding(message, where="sending")
