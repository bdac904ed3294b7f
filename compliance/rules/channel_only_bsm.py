"""Through Amazon's messaging only.

What it flags
A message that goes another way than Amazon's mail relay, its Messaging API or its own request: to a buyer's own
address, by text message or by a chat.

Why
Amazon permits contact through Buyer-Seller Messaging and nothing else.

Write instead
Nothing: the product has no other way out. Each channel is one of three, and mail goes to relay addresses only (see
`relay-recipient-only`).

Sources
Amazon, Buyer-Seller Messages help; eComEngine, what can I include in my e-mails (read 2026-11-23)."""

from collections.abc import Iterator

import regex

from compliance.engine.document import Document
from compliance.engine.sending import Sending
from compliance.engine.types import Draft, Finding, Rule, Severity

_WAYS = frozenset({"solicitation", "relay_email", "messaging"})
_RELAY = regex.compile(r"@marketplace\.amazon\.[a-z.]{2,6}$", regex.IGNORECASE)


def _sent(channel: str, recipient: str = "") -> Draft:
    sending = Sending(channel=channel, recipient=recipient)
    return Draft("relay_email", "review_request", "", "en-US", "US", sending=sending)


class ChannelOnlyBsm(Rule):
    slug, code, title = "channel-only-bsm", "P9", "Through Amazon's messaging"
    severity = Severity.ACCOUNT
    reads = frozenset({"sending"})
    overridable = False
    flagged = (
        _sent("sms"),
        _sent("relay_email", "jane@mail.example"),
        _sent("", "marketplace.amazon.com@mail.example"),
    )
    passed = (_sent("messaging"), _sent("relay_email", "a1b2c3d4e5f6g7h@marketplace.amazon.co.uk"), _sent(""))

    def check(self, document: Document) -> Iterator[Finding]:
        sending = document.draft.sending
        if sending is None:
            return
        if sending.channel and sending.channel not in _WAYS:
            yield self.finding(f"“{sending.channel}” is no way Amazon permits.", where="sending")
        if sending.recipient and not _RELAY.search(sending.recipient):
            yield self.finding("The address is the buyer's own, not Amazon's relay.", where="sending")
