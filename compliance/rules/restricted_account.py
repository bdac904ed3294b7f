"""No free text from a restricted account.

What it flags
A mail or a typed message from an account that Amazon has restricted, where the restriction was reported.

Why
Amazon delivers none of it, and going on makes the restriction longer. Its own review request still works.

Write instead
Amazon's own request. Amazon tells of a restriction by mail to the account's address only: report it on the connection's
page, and the account's texts are held until it is lifted.

Sources
eComEngine, blocked or restricted (read 2026-11-23)."""

from collections.abc import Iterator

from compliance.engine.document import Document
from compliance.engine.sending import Sending
from compliance.engine.types import Draft, Finding, Rule, Severity


def _sent(is_account_restricted: bool | None, channel: str = "relay_email") -> Draft:
    sending = Sending(channel=channel, is_account_restricted=is_account_restricted)
    return Draft("relay_email", "review_request", "", "en-US", "US", sending=sending)


class RestrictedAccount(Rule):
    slug, code, title = "restricted-account", "F6", "Nothing from a restricted account"
    severity = Severity.BLOCK
    reads = frozenset({"sending"})
    flagged = (_sent(True), _sent(True, "messaging"))
    passed = (_sent(True, "solicitation"), _sent(False), _sent(None))

    def check(self, document: Document) -> Iterator[Finding]:
        sending = document.draft.sending
        if sending is not None and sending.is_account_restricted and sending.channel != "solicitation":
            message = "Amazon has restricted this account's messages; only its own request goes through."
            yield self.finding(message, where="sending")
