"""Decent words.

What it flags
Swearing and insults.

Why
Amazon forbids offensive language in messages.

Write instead
Say what happened, plainly.

Sources
FeedbackWhiz, changes of the terms (read 2026-11-23)."""

from collections.abc import Iterator

from compliance.engine import flags
from compliance.engine.document import Document
from compliance.engine.types import Draft, Finding, Remedy, Rule, Severity


def _in(language: str, body: str, purpose: str = "order_problem") -> Draft:
    return Draft("relay_email", purpose, body, language, language[-2:])  # type: ignore[arg-type]


class NoSensitiveContent(Rule):
    slug, code, title = "no-sensitive-content", "C8", "Decent words"
    severity = Severity.ACCOUNT
    remedy = Remedy.SENTENCE
    flagged = (
        _in("en-US", "Some idiot at the depot lost it."),
        _in("de-DE", "Diese Scheiße tut uns leid."),
        _in("fr-FR", "Quelle merde."),
    )
    passed = (
        _in(
            "en-US",
            "The weed killer and the kitchen knife are on their way back to us. Shall we send them again?",
        ),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        for said in flags.said(document, "no-sensitive-content.rude"):
            message = f"“{flags.words(said)}” has no place in a message."
            yield self.seen(message, said.view, said.start, said.end)
