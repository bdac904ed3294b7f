"""Reviews on Amazon only.

What it flags
Asking for a review on another site.

Why
It leads the buyer out of Amazon, and Amazon forbids that in its messages.

Write instead
A link to the review form on Amazon.

Sources
eComEngine, what can I include in my e-mails (read 2026-11-23)."""

from collections.abc import Iterator

from compliance.engine import asks, flags
from compliance.engine.document import Document
from compliance.engine.types import Draft, Finding, Remedy, Rule, Severity


def _in(language: str, body: str, purpose: str = "review_request") -> Draft:
    return Draft("relay_email", purpose, body, language, language[-2:])  # type: ignore[arg-type]


class NoOffAmazonReview(Rule):
    slug, code, title = "no-off-amazon-review", "R12", "No reviews elsewhere"
    severity = Severity.ACCOUNT
    remedy = Remedy.REQUEST
    profiles = frozenset({"relay_email", "messaging_api"})
    flagged = (
        _in("en-US", "Your review on Trustpilot would help us."),
        _in("de-DE", "Bewerten Sie uns auf Google."),
    )
    passed = (
        _in("en-US", "You can write a product review on Amazon."),
        _in("en-US", "The lamp pairs with Google Home. A review is welcome."),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        if not asks.about_reviews(document):
            return
        for said in flags.said(document, "no-off-amazon-review.elsewhere"):
            if said.sentence.says("no-diversion.exempt"):
                continue
            near = asks.near(said.view.sentences, said.sentence.number, before=0)[:1]
            if any(asks.speaks_of_review(sentence, loosely=True) for sentence in near):
                yield self.seen(
                    "A review elsewhere; ask for one on Amazon only.", said.view, *asks.marked(said)
                )
