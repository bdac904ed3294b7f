"""Never ask that a product review be changed or taken back.

What it flags
A request to change, update, improve or remove a product review or rating, even after the problem behind it
was solved. "Update" of firmware or "change" of an address is something else.

Why
Amazon treats it as review manipulation, whatever the service was. It can cost the right to sell.

Write instead
Solve the problem and say nothing about the review.

Sources
Amazon, customer product reviews help (read 2026-11-23). Amazon, review questions and answers help (read
2026-11-23)."""

from collections.abc import Iterator

from compliance.engine import asks
from compliance.engine.document import Document, Said, Sentence
from compliance.engine.types import Draft, Finding, Outcome, Remedy, Rule, Severity


def _in(language: str, body: str) -> Draft:
    return Draft("relay_email", "order_problem", body, language, language[-2:])


class NoReviewChangeOrRemoval(Rule):
    slug, code, title = "no-review-change-or-removal", "R5", "No product review is to be changed or removed"
    severity = Severity.ACCOUNT
    remedy = Remedy.SENTENCE
    overridable = False
    flagged = (
        "Now that it is fixed, would you update your review?",
        "Please e d i t your r e v i e w.",
        _in("de-DE", "Könnten Sie Ihre Bewertung bitte ändern oder löschen?"),
        _in("fr-FR", "Pourriez-vous modifier votre avis ?"),
        _in("es-ES", "¿Podría modificar su reseña?"),
        _in("it-IT", "Potrebbe modificare la sua recensione?"),
        _in("nl-NL", "Zou u uw beoordeling willen aanpassen?"),
        _in("pl-PL", "Czy mogliby Państwo zmienić swoją opinię?"),
        _in("pt-BR", "Você poderia alterar sua avaliação?"),
        _in("sv-SE", "Kan du ändra ditt omdöme?"),
        _in("ja-JP", "レビューを修正していただけますでしょうか。"),
        _in("tr-TR", "Yorumunuzu günceller misiniz?"),
    )
    passed = (
        "You can write a product review. To change your delivery address, reply to us.",
        _in("en-US", "Please update the firmware and remove the film before use."),
        _in("de-DE", "Möchten Sie die Lieferadresse ändern?"),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        speaks_of_page = document.draft.purpose != "custom_design" and bool(document.says(_PAGE))
        for sentence in document.sentences():
            change = _change(sentence)
            if change is None:
                change = sentence.says(_FAIR) if speaks_of_page and _is_of_writing(sentence) else None
            elif not _is_of_a_review(sentence, change) and not (speaks_of_page and _is_of_writing(sentence)):
                continue
            if change is not None and not sentence.says("seller-feedback-removal.feedback"):
                yield self.seen(ASKED, sentence.view, *asks.marked(change), outcome=Outcome.BLOCK)


ASKED = "Asks that a review be changed or removed. Solve the problem and leave the review alone."
_GROUP = "no-review-change-or-removal."
_WRITTEN, _PAGE, _FAIR = _GROUP + "written", _GROUP + "page", _GROUP + "fair"


def _change(sentence: Sentence) -> Said | None:
    """That something be changed; not a message of ours, and not that it need not be."""
    change = next((said for said in sentence.all(_CHANGE) if not asks.is_of_a_message(said)), None)
    if change is None or asks.is_denied(change, widely=True) or sentence.says(_GROUP + "unasked"):
        return None
    return change


def _is_of_a_review(sentence: Sentence, change: Said) -> bool:
    reach = _near(sentence)
    return any(abs(said.first - change.first) <= reach for said in sentence.all("shared.review"))


def _is_of_writing(sentence: Sentence) -> bool:
    """`Your text on the product page is from before`: what the buyer wrote, without the word review."""
    before = sentence.view.sentences[max(0, sentence.number - 1) : sentence.number + 1]
    return any(one.says(_WRITTEN) for one in before)


_CHANGE = "no-review-change-or-removal.change"
_NEAR = 12
"""Tokens between the review and what is to happen to it."""
_NEAR_JAPANESE = 30
"""Japanese is counted in characters."""


def _near(sentence: Sentence) -> int:
    return _NEAR_JAPANESE if "ja" in sentence.view.languages else _NEAR
