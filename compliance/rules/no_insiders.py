"""Buyers review, not friends.

What it flags
Asking that staff, friends or family write reviews, or that a buyer writes from a second account; a request to a buyer
who is known to be one of the seller's own people.

Why
Amazon forbids reviews from anyone close to the seller, and more than one from a buyer.

Write instead
Nothing: leave it out.

Sources
Amazon, customer product reviews (read 2026-11-23)."""

from collections.abc import Iterator

from compliance.engine import asks, flags
from compliance.engine.document import Document
from compliance.engine.sending import Sending
from compliance.engine.types import ASKS, Draft, Finding, Remedy, Rule, Severity


def _in(language: str, body: str, purpose: str = "review_request") -> Draft:
    return Draft("relay_email", purpose, body, language, language[-2:])  # type: ignore[arg-type]


class NoInsiders(Rule):
    slug, code, title = "no-insiders", "R8", "No reviews by insiders"
    severity = Severity.ACCOUNT
    remedy = Remedy.REQUEST
    reads = frozenset({"message", "sending"})
    flagged = (
        _in("en-US", "Ask your family to post a review too."),
        _in("de-DE", "Bitten Sie auch Freunde und Kollegen um eine Bewertung."),
        _in("fr-FR", "Demandez un avis à vos amis."),
        _in("es-ES", "Pida también a sus amigos una opinión."),
        Draft("relay_email", "review_request", "", "en-US", "US", sending=Sending(is_recipient_staff=True)),
    )
    passed = (_in("en-US", "The lamp suits friends and family. You can write a product review."),)

    def check(self, document: Document) -> Iterator[Finding]:
        sending = document.draft.sending
        if sending is not None and sending.is_recipient_staff and document.draft.purpose in ASKS:
            yield self.finding(
                "The buyer is one of the seller's own people and is not asked.", where="sending"
            )
        if not asks.about_reviews(document):
            return
        for said in flags.said(document, "no-insiders.insiders"):
            yield self.seen("Asks others than the buyer for a review.", said.view, said.start, said.end)
