"""Seller feedback: no pressure to take it back.

What it flags
A line that seller feedback can be changed or removed. It goes to a person; with something offered it is an
incentive as well.

Why
After a solved case Amazon lets a seller say so, without asking or offering. Since August 2025 its API no
longer sends such messages, which may be a change of mind.

Write instead
Solve the problem. If a person writes at all: "Feedback can be edited in your account; the choice is yours."

Sources
Amazon AU help, seller feedback (read 2026-11-23). Amazon's Messaging API model, history (read 2026-11-23).
"""

from collections.abc import Iterator

from compliance.engine import asks
from compliance.engine.document import Document, Said, Sentence
from compliance.engine.types import Draft, Finding, Outcome, Rule, Severity


def _in(language: str, body: str) -> Draft:
    return Draft("relay_email", "order_problem", body, language, language[-2:])


class SellerFeedbackRemoval(Rule):
    slug, code, title = "seller-feedback-removal", "R6", "Seller feedback is left to the buyer"
    severity = Severity.BLOCK
    flagged = (
        _in("en-US", "You can edit or remove your seller feedback in your account."),
        _in("de-DE", "Sie können die Verkäuferbewertung jederzeit ändern."),
        _in("es-ES", "Amazon permite editar o retirar la evaluación del vendedor."),
    )
    passed = (_in("en-US", "You can leave seller feedback. To change your address, reply here."),)

    def check(self, document: Document) -> Iterator[Finding]:
        for sentence in document.sentences():
            feedback = sentence.says("seller-feedback-removal.feedback") or _spoken_before(sentence)
            change = sentence.says("no-review-change-or-removal.change")
            if feedback and change:
                message = "Speaks of changing or removing seller feedback: a person decides."
                yield self.seen(message, sentence.view, *asks.marked(change), outcome=Outcome.REVIEW)


def _spoken_before(sentence: Sentence) -> Said | None:
    """`We saw your seller feedback. Could the comment be removed?`"""
    if not sentence.number or not sentence.says("shared.review", "shared.review_loose"):
        return None
    return sentence.view.sentences[sentence.number - 1].says("seller-feedback-removal.feedback")
