"""To a relay address of the order's store.

What it flags
A relay address that has not the form of one, or that belongs to another store than the order.

Why
Amazon passes mail on from its relay addresses only, and an address of another store is another buyer's.

Write instead
Nothing: the address comes from the order. Whatever has not the form is skipped with the reason `relay_address_odd`
before anything is sent.

Sources
Amazon's Orders API model, its examples (read 2026-11-23). The form is our reading of them; the length is free, for
published lengths contradict real addresses."""

from collections.abc import Iterator

import regex

from compliance.engine.document import Document
from compliance.engine.sending import Sending
from compliance.engine.types import Draft, Finding, Rule, Severity

_FORM = regex.compile(
    r"[a-z0-9]{8,64}+(?:\+[a-z0-9-]{1,64}+)?@marketplace\.amazon\.([a-z]{2,3}(?:\.[a-z]{2})?)",
    regex.IGNORECASE,
)
# Which stores an address of each suffix can belong to; an order of any store the table does not know passes.
_SUFFIX = {
    "US": "com", "CA": "ca", "MX": "com.mx", "BR": "com.br", "UK": "co.uk", "GB": "co.uk", "IE": "ie", "DE": "de",
    "FR": "fr", "IT": "it", "ES": "es", "NL": "nl", "SE": "se", "PL": "pl", "BE": "com.be", "TR": "com.tr", "AE": "ae",
    "SA": "sa", "EG": "eg", "IN": "in", "ZA": "co.za", "JP": "co.jp", "AU": "com.au", "SG": "sg",
}  # fmt: skip


def _sent(recipient: str, marketplace: str = "DE") -> Draft:
    sending = Sending(channel="relay_email", recipient=recipient)
    return Draft("relay_email", "review_request", "", "de-DE", marketplace, sending=sending)


class RelayRecipientOnly(Rule):
    slug, code, title = "relay-recipient-only", "F2", "To a relay address of the store"
    severity = Severity.BLOCK
    profiles = frozenset({"relay_email"})
    reads = frozenset({"sending"})
    overridable = False
    flagged = (
        _sent("a1b2@marketplace.amazon.de"),
        _sent("a1b2c3d4e5f6g7h@marketplace.amazon.com"),
        _sent("a1b2c3d4e5f6g7h@marketplace.amazon.de.evil.example"),
        _sent("jane@mail.example"),
    )
    passed = (
        _sent("A1b2c3d4e5f6g7h@marketplace.amazon.de"),
        _sent("a1b2c3d4e5f6g7h+99-x@marketplace.amazon.de"),
        _sent("a1b2c3d4e5f6g7h@marketplace.amazon.xy", "XY"),
        _sent(""),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        sending = document.draft.sending
        if sending is None or not sending.recipient:
            return
        form = _FORM.fullmatch(sending.recipient)
        wanted = _SUFFIX.get(document.draft.marketplace.upper())
        if form is None:
            yield self.finding("The address has not the form of a relay address.", where="sending")
        elif wanted and form[1].lower() != wanted:
            message = f"The address belongs to amazon.{form[1].lower()}, the order to amazon.{wanted}."
            yield self.finding(message, where="sending")
