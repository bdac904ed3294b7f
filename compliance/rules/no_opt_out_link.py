"""No way out but Amazon's.

What it flags
A link to unsubscribe or to manage messages. The words without a link go to a person.

Why
Buyers opt out at Amazon, and Amazon forbids such links. A sending service may add one: check what leaves it.

Write instead
Nothing: leave it out.

Sources
ZonGuru help; ManageByStats, rules (read 2026-11-23)."""

from collections.abc import Iterator

from compliance.engine import asks, flags
from compliance.engine.document import Document
from compliance.engine.types import Draft, Finding, Outcome, Remedy, Rule, Severity


def _in(language: str, body: str, purpose: str = "review_request") -> Draft:
    return Draft("relay_email", purpose, body, language, language[-2:])  # type: ignore[arg-type]


class NoOptOutLink(Rule):
    slug, code, title = "no-opt-out-link", "C7", "No link to opt out"
    severity = Severity.BLOCK
    remedy = Remedy.SENTENCE
    profiles = frozenset({"relay_email", "messaging_api"})
    flagged = (
        Draft(
            "relay_email",
            "invoice",
            "<a href='https://x.example/u'>Unsubscribe</a>",
            "en-US",
            "US",
            body_format="html",
        ),
        Draft("relay_email", "invoice", "Zum Abmelden: https://x.example/u", "de-DE", "DE"),
        _in("en-US", "Reply STOP if you do not want to receive messages."),
    )
    passed = (_in("en-US", "You can write a product review."), _in("de-DE", "Die Pumpe muss sich drehen."))

    def check(self, document: Document) -> Iterator[Finding]:
        for said in flags.said(document, "no-opt-out-link.out"):
            sentence = said.sentence
            linked = any(
                link.visible and link.visible[0] < sentence.end and sentence.start < link.visible[1]
                for link in document.links
            )
            outcome = Outcome.BLOCK if linked else Outcome.REVIEW
            message = "Buyers opt out at Amazon; leave this out."
            yield self.seen(message, said.view, *asks.marked(said), outcome=outcome)
