"""The buyer writes his own review.

What it flags
Telling what a review is to say, words to use, a text to copy, a length. Saying where the form is, and how it
is reached, is something else.

Why
Amazon wants the buyer's own words, and forbids more than showing the way.

Write instead
"The review form is on the page of your order."

Sources
Zonmaster 2021; Amazon, customer product reviews (read 2026-11-23)."""

from collections.abc import Iterator

from compliance.engine import asks, flags
from compliance.engine.document import Document
from compliance.engine.types import ASKS, Draft, Finding, Remedy, Rule, Severity


def _in(language: str, body: str, purpose: str = "review_request") -> Draft:
    return Draft("relay_email", purpose, body, language, language[-2:])  # type: ignore[arg-type]


class NoScriptedReview(Rule):
    slug, code, title = "no-scripted-review", "R7", "The buyer's own words"
    severity = Severity.ACCOUNT
    remedy = Remedy.REQUEST
    flagged = (
        _in("en-US", "In your review, please mention that the fabric is soft."),
        _in("en-US", "Here is a sample review you can paste."),
        _in("de-DE", "Erwähnen Sie bitte, dass die Lieferung schnell war."),
        _in("fr-FR", "Recopiez simplement ce texte dans votre avis."),
        _in("es-ES", "En la reseña mencione que el envío fue rápido."),
        _in("it-IT", "Nella recensione menzioni la spedizione veloce."),
        _in("nl-NL", "Noem in uw review de snelle levering."),
        _in("pl-PL", "Wystarczy skopiować gotowy tekst opinii."),
        _in("pt-BR", "Na avaliação, mencione que a entrega foi rápida."),
        _in("sv-SE", "Nämn gärna att leveransen gick fort i ditt omdöme."),
        _in("ja-JP", "レビューには以下の文例をご使用ください。"),
        _in("tr-TR", "Yorumunuz için hazır metni kopyalayın."),
    )
    passed = (
        _in("en-US", "Press Write a product review on the page of your order."),
        _in("en-US", "Your own words are what counts, whatever you write."),
        _in("de-DE", "Die Rezension schreiben Sie auf der Seite der Bestellung."),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        if not asks.about_reviews(document):
            return
        is_asking = document.draft.purpose in ASKS
        for said in flags.said(document, "no-scripted-review.dictate"):
            sentence = said.sentence
            around = asks.near(said.view.sentences, sentence.number)
            is_free = asks.is_balanced(sentence) or sentence.says("no-scripted-review.own") is not None
            is_of_review = is_asking or any(asks.speaks_of_review(other, loosely=False) for other in around)
            if is_free or not is_of_review:
                continue
            message = "Tells the buyer what to write; his own words are wanted."
            yield self.seen(message, said.view, *asks.marked(said))
