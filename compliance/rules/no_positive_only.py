"""Do not ask for praise.

What it flags
A request that names the review it wants: five stars, a positive review, full marks, a row of stars, a good
word. Naming both ways ("positive or critical", "one star or five") is fine, and so is a product whose title
has stars in it.

Why
Amazon forbids asking for a positive review. It is review manipulation and can cost the right to sell.

Write instead
"Positive or critical, your review helps other shoppers."

Sources
Amazon, review questions and answers help (read 2026-11-23). Amazon, customer product reviews help (read
2026-11-23)."""

from collections.abc import Iterator

from compliance.engine import asks
from compliance.engine.document import Document, Said, Sentence
from compliance.engine.types import ASKS, Draft, Finding, Outcome, Remedy, Rule, Severity


def _in(language: str, body: str) -> Draft:
    return Draft("relay_email", "review_request", body, language, language[-2:])


class NoPositiveOnly(Rule):
    slug, code, title = "no-positive-only", "R2", "No particular rating is asked for"
    severity = Severity.ACCOUNT
    remedy = Remedy.REQUEST
    overridable = False
    flagged = (
        "We would love five stars.",
        "Please leave a positive review!",
        "Rate us \u2605\u2605\u2605\u2605\u2605",
        "A fiv\u0435-st\u0430r rating would help us.",
        "Please put in a good word for us in your review.",
        _in("de-DE", "Über fünf Sterne würden wir uns freuen."),
        _in("fr-FR", "Merci de laisser un avis positif."),
        _in("es-ES", "Deje una reseña positiva, por favor."),
        _in("it-IT", "Ci lasci cinque stelle."),
        _in("nl-NL", "Geef ons een positieve beoordeling."),
        _in("pl-PL", "Prosimy o pozytywną opinię."),
        _in("pt-BR", "Deixe cinco estrelas para nós."),
        _in("sv-SE", "Ge oss gärna fem stjärnor."),
        _in("ja-JP", "星5つの評価をお願いいたします。"),
        _in("tr-TR", "Lütfen bize 5 yıldız verin."),
    )
    passed = (
        "Whether you would give it one star or five, your rating helps.",
        "Positive or negative, every review counts.",
        "We do not ask for a positive review, only for yours.",
        Draft(
            "relay_email",
            "review_request",
            "Your 5 Star Pillow: review it here.",
            "en-US",
            "US",
            product_titles=("5 Star Pillow",),
        ),
        Draft(
            "relay_email",
            "order_problem",
            "The five star badge is missing from your costume order.",
            "en-US",
            "US",
        ),
        _in("de-DE", "Ob ein Stern oder fünf, Ihre Bewertung hilft."),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        if asks.about_reviews(document):
            for sentence in document.sentences():
                found = list(self._in(document, sentence))
                yield from found or self._dictated(sentence)

    def _dictated(self, sentence: Sentence) -> Iterator[Finding]:
        """Praise that the buyer is told to write is asked for."""
        dictates = sentence.says("no-scripted-review.dictate")
        if dictates is None or sentence.says("no-scripted-review.own") or asks.is_denied(dictates):
            return
        for other in sentence.view.sentences[sentence.number : sentence.number + 1 + _FOLLOWING]:
            if (
                (praise := other.says(*_PRAISE))
                and not asks.is_denied(praise)
                and not asks.is_balanced(other)
            ):
                message = "What is to be written is praise. Leave the words to the buyer."
                yield self.seen(message, other.view, other.start, other.end, outcome=Outcome.BLOCK)
                return

    def _in(self, document: Document, sentence: Sentence) -> Iterator[Finding]:
        if asks.is_balanced(sentence) or sentence.says("no-positive-only.named"):
            return
        for said in sentence.all("no-positive-only.praise", "no-positive-only.support"):
            if asks.is_denied(said, widely=True) or not _is_asked(document, said) or _is_open(said):
                continue
            words = said.view.text[said.start : said.end]
            message = f"“{words}” asks for praise. Ask for a review, positive or critical."
            yield self.seen(message, said.view, *asks.marked(said), outcome=Outcome.BLOCK)
            return


_PRAISE = ("shared.satisfied", "words-opinion.praise", "no-positive-only.support")
_FOLLOWING = 3
"""Sentences after one that tells what to write, which may be the text itself."""


def _is_open(said: Said) -> bool:
    """`Thumbs up?` asks how it was; whom the answer lets in is the rule on conditions."""
    return said.group == "no-positive-only.support" and said.sentence.is_question


def _is_asked(document: Document, said: Said) -> bool:
    """In a message that is not a request, only a sentence that itself speaks of a review counts, and no name in it."""
    if asks.is_quoted(said, within=3):
        return False
    return document.draft.purpose in ASKS or asks.speaks_of_review(said.sentence, loosely=False)
