"""You are not Amazon.

What it flags
A sender or a signature that reads as Amazon's own.

Why
A buyer must know who writes, and only Amazon may sign as Amazon.

Write instead
The shop's name.

Sources
Color More Lines, Amazon's communication guidelines (read 2026-11-23)."""

from collections.abc import Iterator

from compliance.engine import flags
from compliance.engine.document import Document, Said
from compliance.engine.types import Draft, Finding, Remedy, Rule, Severity


def _in(language: str, body: str, purpose: str = "order_problem") -> Draft:
    return Draft("relay_email", purpose, body, language, language[-2:])  # type: ignore[arg-type]


class NoAmazonImpersonation(Rule):
    slug, code, title = "no-amazon-impersonation", "C16", "No posing as Amazon"
    severity = Severity.ACCOUNT
    remedy = Remedy.SENTENCE
    flagged = (
        _in("en-US", "Kind regards, Amazon Customer Service"),
        _in("de-DE", "Ihr Amazon Kundenservice"),
        _in("es-ES", "Equipo de Amazon"),
        _in("fr-FR", "Le service client Amazon"),
    )
    passed = (_in("en-US", "Your Amazon order is delayed. Acme Lamps on Amazon"),)

    def check(self, document: Document) -> Iterator[Finding]:
        for said in flags.said(document, "no-amazon-impersonation.posing"):
            if _signs(said):
                yield self.seen(
                    "Reads as if Amazon wrote it; name your shop.", said.view, said.start, said.end
                )


_SHORT, _SHORT_JAPANESE = 9, 24
"""Tokens of a signature or a sender's line; Japanese is counted in characters."""


def _signs(said: Said) -> bool:
    """It stands as a signature, or says `we are`. "Ask Amazon customer service" only speaks of it."""
    short = _SHORT_JAPANESE if "ja" in said.view.languages else _SHORT
    sentence = said.sentence
    if sentence.says("no-amazon-impersonation.claims") is not None:
        return True
    return len(sentence.tokens) <= short and not sentence.says("no-amazon-impersonation.ask")
