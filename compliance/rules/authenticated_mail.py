"""Signed mail.

What it flags
Relay mail that is not signed for the sender's domain (DKIM, with SPF and DMARC in line), where that is known.

Why
No page of Amazon's asks for it, but any receiver may, and unsigned mail is the first to be dropped without a word.

Write instead
Sign for the sender's domain: docs/operations.md says which records the sender's domain needs. What is known comes from the
installation's own set-up; nothing is asked of Amazon.

Sources
No source of Amazon's was found in two searches (read 2026-11-23); the rule is ours."""

from collections.abc import Iterator

from compliance.engine.document import Document
from compliance.engine.sending import Sending
from compliance.engine.types import Draft, Finding, Outcome, Rule, Severity


def _sent(is_mail_signed: bool | None) -> Draft:
    sending = Sending(channel="relay_email", is_mail_signed=is_mail_signed)
    return Draft("relay_email", "review_request", "", "en-US", "US", sending=sending)


class AuthenticatedMail(Rule):
    slug, code, title = "authenticated-mail", "F3", "Signed mail"
    severity = Severity.ADVISE
    profiles = frozenset({"relay_email"})
    reads = frozenset({"sending"})
    flagged = (_sent(False),)
    passed = (_sent(True), _sent(None))

    def check(self, document: Document) -> Iterator[Finding]:
        sending = document.draft.sending
        if sending is not None and sending.is_mail_signed is False:
            message = (
                "The mail is not signed for its sender's domain (DKIM, SPF, DMARC); set the records up first."
            )
            yield self.finding(message, outcome=Outcome.REVIEW, where="sending")
