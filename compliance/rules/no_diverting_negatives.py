"""Do not send the unhappy elsewhere.

What it flags
Anything that leads displeased buyers to you in place of a review: "before you leave negative feedback,
contact us", "not happy? Write to us. Happy? Review us." A plain help line after a neutral request goes to a
person.

Why
Amazon forbids diverting negative reviews to another channel, in messages and on inserts, even with nothing
offered.

Write instead
Ask everyone for the review. Answer questions when they come.

Sources
Amazon, customer product reviews help (read 2026-11-23). Amazon forum, packaging and inserts (read
2026-11-23). Efficient Era, how to ask for a review, on help lines after the request (read 2026-11-23)."""

from collections.abc import Iterator

from compliance.engine import asks
from compliance.engine.document import Document, Sentence
from compliance.engine.types import ASKS, Draft, Finding, Outcome, Remedy, Rule, Severity


def _in(language: str, body: str) -> Draft:
    return Draft("relay_email", "review_request", body, language, language[-2:])


class NoDivertingNegatives(Rule):
    slug, code, title = "no-diverting-negatives", "R4", "The unhappy are not sent elsewhere"
    severity = Severity.ACCOUNT
    remedy = Remedy.REQUEST
    flagged = (
        "Before you leave negative feedback, please contact us first.",
        "Not satisfied? Write to us. Satisfied? Review us.",
        "You can leave a review here. If there is a problem, contact us.",
        "You can leave a review here. You can reply to us with any question.",
        _in("de-DE", "Bevor Sie eine negative Bewertung abgeben, schreiben Sie uns bitte zuerst."),
        _in("fr-FR", "Avant de laisser un avis négatif, contactez-nous."),
        _in("es-ES", "Antes de dejar una reseña negativa, contáctenos."),
        _in("it-IT", "Prima di lasciare una recensione negativa, ci contatti."),
        _in("nl-NL", "Neem eerst contact met ons op voordat u een negatieve recensie schrijft."),
        _in("pl-PL", "Zanim wystawią Państwo negatywną opinię, prosimy najpierw napisać do nas."),
        _in("pt-BR", "Antes de deixar uma avaliação negativa, fale conosco."),
        _in("sv-SE", "Kontakta oss innan du lämnar ett negativt omdöme."),
        _in("ja-JP", "低い評価をお付けになる前に、まずは当店までご連絡ください。レビューはこちら。"),
        _in("tr-TR", "Olumsuz yorum yazmadan önce lütfen bize ulaşın."),
    )
    passed = (
        "You can leave a review here, good or bad.",
        Draft(
            "relay_email",
            "order_problem",
            "If there is a problem with the new part, reply to us.",
            "en-US",
            "US",
        ),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        if document.draft.purpose in ASKS or _asks_beside_another_purpose(document):
            for view in document.views:
                for sentence in view.sentences:
                    yield from self._in(view.sentences, sentence)

    def _in(self, sentences: list[Sentence], sentence: Sentence) -> Iterator[Finding]:
        contact = sentence.says("no-diverting-negatives.contact")
        first = sentence.says("no-diverting-negatives.first")
        if contact is None or asks.is_denied(contact, in_clause=True):
            return
        before = sentences[sentence.number - 1] if sentence.number else None
        upset = _is_of_the_upset(sentence, before)
        if first and (upset or asks.speaks_of_review(sentence, loosely=False)):
            yield self._found(sentence, Outcome.BLOCK, "Sends buyers to you before or in place of a review.")
        elif upset:
            yield self._found(
                sentence, Outcome.BLOCK, "Sends the displeased to you, beside a request for a review."
            )
        elif sentence.says("not-thanks-or-help-only.help") and not asks.speaks_of_review(
            sentence, loosely=False
        ):
            message = "A help line beside a request for a review: a person decides."
            yield self._found(sentence, Outcome.REVIEW, message)

    def _found(self, sentence: Sentence, outcome: Outcome, message: str) -> Finding:
        return self.seen(message, sentence.view, sentence.start, sentence.end, outcome=outcome)


_FIRST, _FIRST_JAPANESE = 3, 8
"""Tokens before `if not`; Japanese is counted in characters."""
_TROUBLE = ("shared.displeased", "words-opinion.unhappy")


def _is_of_the_upset(sentence: Sentence, before: Sentence | None) -> bool:
    if sentence.says("shared.displeased") is not None:
        return True
    if before is not None and before.is_question and before.says(*_TROUBLE):
        return True
    answer = sentence.says("no-diverting-negatives.if_not")
    first = _FIRST_JAPANESE if "ja" in sentence.view.languages else _FIRST
    return answer is not None and answer.first <= first and not asks.is_balanced(sentence)


def _asks_beside_another_purpose(document: Document) -> bool:
    return document.draft.medium == "insert_card" and bool(document.says("shared.review"))
