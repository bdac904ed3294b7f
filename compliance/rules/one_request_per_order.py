"""One request an order.

What it flags
A text that says it is a reminder, or that the buyer was asked before.

Why
Amazon allows one request for a review or feedback an order, whatever the way it goes.

Write instead
Nothing: the one request was sent.

Sources
Amazon, reference of the Solicitations API (read 2026-11-23)."""

from collections.abc import Iterator

from compliance.engine import asks, flags
from compliance.engine.document import Document
from compliance.engine.types import Draft, Finding, Rule, Severity


def _in(language: str, body: str, purpose: str = "review_request") -> Draft:
    return Draft("relay_email", purpose, body, language, language[-2:])  # type: ignore[arg-type]


class OneRequestPerOrder(Rule):
    slug, code, title = "one-request-per-order", "T3", "One request an order"
    severity = Severity.ACCOUNT
    profiles = frozenset({"relay_email", "messaging_api"})
    flagged = (
        _in("en-US", "Last week we asked you to review the lamp."),
        _in("en-US", "A friendly reminder to leave a review."),
        _in("de-DE", "Wir möchten Sie noch einmal um eine Bewertung bitten."),
        _in("fr-FR", "Petit rappel : votre avis est attendu."),
        _in("es-ES", "Es la segunda vez que le pedimos su opinión."),
        _in("it-IT", "Le ricordiamo di scrivere una recensione."),
        _in("nl-NL", "Een herinnering: schrijf een review."),
        _in("pl-PL", "Przypominamy o wystawieniu opinii."),
        _in("pt-BR", "Lembrete: escreva sua avaliação."),
        _in("sv-SE", "En påminnelse om att skriva ett omdöme."),
        _in("ja-JP", "再度レビューのお願いです。"),
        _in("tr-TR", "Yorum yazmanızı hatırlatmak isteriz."),
    )
    passed = (
        _in("en-US", "You can write a product review on the page of your order."),
        _in("en-US", "Thank you for your second order. A review is welcome."),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        if not asks.about_reviews(document):
            return
        for said in flags.said(document, "one-request-per-order.again"):
            if any(
                asks.speaks_of_review(s, loosely=True)
                for s in asks.near(said.view.sentences, said.sentence.number)
            ):
                message = "A second request; Amazon allows one an order."
                yield self.seen(message, said.view, said.start, said.end)
