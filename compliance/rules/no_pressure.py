"""No pressure.

What it flags
Begging, guilt, the shop's or somebody's fate made the buyer's affair, a deadline. 'We are a small shop' goes
to a person.

Why
Amazon forbids language that persuades a buyer to a good review, and a review given out of pity is none.

Write instead
"A review is welcome if you have time."

Sources
Efficient Era, nine ways to ruin post-order e-mails; FeedbackWhiz, changes of the terms (read 2026-11-23)."""

from collections.abc import Iterator

from compliance.engine import asks, flags
from compliance.engine.document import Document
from compliance.engine.types import Draft, Finding, Outcome, Remedy, Rule, Severity


def _in(language: str, body: str, purpose: str = "review_request") -> Draft:
    return Draft("relay_email", purpose, body, language, language[-2:])  # type: ignore[arg-type]


class NoPressure(Rule):
    slug, code, title = "no-pressure", "R10", "No pressure"
    severity = Severity.ACCOUNT
    remedy = Remedy.REQUEST
    flagged = (
        _in("en-US", "Without your review we will have to close our shop."),
        _in("en-US", "We are a small business, and a review helps."),
        _in(
            "de-DE",
            "Von Ihrer Bewertung hängt die Existenz unserer Werkstatt ab, denn die Arbeitsplätze stehen auf dem Spiel.",
        ),
        _in("fr-FR", "Notre survie dépend de votre avis."),
        _in("es-ES", "Nuestro futuro depende de tu opinión."),
        _in("it-IT", "Il nostro futuro dipende dalla sua recensione."),
        _in("nl-NL", "Ons voortbestaan hangt af van uw review."),
        _in("pl-PL", "Przyszłość naszej firmy zależy od Twojej opinii."),
        _in("pt-BR", "Nosso futuro depende da sua avaliação."),
        _in("sv-SE", "Våra jobb hänger på ditt omdöme."),
        _in("ja-JP", "レビューがないと店の存続にかかわります。"),
        _in("tr-TR", "Geleceğimiz yorumunuza bağlı."),
    )
    passed = (
        _in("en-US", "A review is welcome if you have time."),
        _in("en-US", "The lamp was made in a small town. You can write a product review."),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        if not asks.about_reviews(document):
            return
        for said in filter(None, (sentence.says("no-pressure.hard") for sentence in document.sentences())):
            yield self.seen("Presses the buyer; ask once, plainly.", said.view, *asks.marked(said))
        for said in flags.said(document, "no-pressure.mild"):
            message = "An appeal to sympathy; is it needed?"
            yield self.seen(message, said.view, *asks.marked(said), outcome=Outcome.REVIEW)
