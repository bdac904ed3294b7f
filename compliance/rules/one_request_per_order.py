"""One request an order.

What it flags
A text that says it is a reminder, or that the buyer was asked before; a request for an order that has had one, whichever
way it went. Another free message about an order that has had one goes to a person. Where another campaign of yours asks
the same buyers, that is pointed out.

Why
Amazon allows one request for a review or feedback an order, whatever the way it goes.

Write instead
Nothing: the one request was sent. A row with the order's id is written before each sending and can exist once; where two
campaigns want one order, the one with the higher priority gets it, and the other is told why not.

Sources
Amazon, reference of the Solicitations API (read 2026-11-23)."""

from collections.abc import Iterator

from compliance.engine import asks, flags
from compliance.engine.document import Document
from compliance.engine.sending import Sending
from compliance.engine.types import ASKS, Draft, Finding, Outcome, Purpose, Remedy, Rule, Severity, Targeting


def _in(language: str, body: str, purpose: str = "review_request") -> Draft:
    return Draft("relay_email", purpose, body, language, language[-2:])  # type: ignore[arg-type]


def _sent(requests_before: int, proactive_before: int = 0, purpose: Purpose = "review_request") -> Draft:
    sending = Sending(requests_before=requests_before, proactive_before=proactive_before)
    return Draft("relay_email", purpose, "", "en-US", "US", sending=sending)


class OneRequestPerOrder(Rule):
    slug, code, title = "one-request-per-order", "T3", "One request an order"
    severity = Severity.ACCOUNT
    remedy = Remedy.SENTENCE
    profiles = frozenset({"relay_email", "messaging_api"})
    reads = frozenset({"message", "targeting", "sending"})
    flagged = (
        _sent(1),
        _sent(0, 1),
        _sent(0, 1, "order_problem"),
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
        _sent(0),
        _sent(0, 0, "order_problem"),
        _in("en-US", "You can write a product review on the page of your order."),
        _in("en-US", "Thank you for your second order. A review is welcome."),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        purpose = document.draft.purpose
        if (targeting := document.draft.targeting) and purpose in ASKS:
            yield from self._campaign(targeting)
        if sending := document.draft.sending:
            yield from self._message(sending, purpose)
        if asks.about_reviews(document):
            yield from self._words(document)

    def _campaign(self, targeting: Targeting) -> Iterator[Finding]:
        if targeting.other_requests:
            names = ", ".join(f"“{name}”" for name in targeting.other_requests[:3])
            message = (
                f"{names} may ask the same buyers: each order gets one request, from the higher priority."
            )
            yield self.finding(message, outcome=Outcome.ADVICE, text=names, where="targeting")

    def _message(self, sending: Sending, purpose: Purpose) -> Iterator[Finding]:
        if purpose in ASKS and (sending.requests_before or sending.proactive_before):
            yield self.finding(
                "The order has had its one request; Amazon permits no second.", where="sending"
            )
        elif sending.proactive_before:
            message = "The order has had a proactive message; a person decides whether it needs another."
            yield self.finding(message, outcome=Outcome.REVIEW, where="sending")

    def _words(self, document: Document) -> Iterator[Finding]:
        for said in flags.said(document, "one-request-per-order.again", widely=True):
            if any(
                asks.speaks_of_review(s, loosely=True)
                for s in asks.near(said.view.sentences, said.sentence.number)
            ):
                message = "A second request; Amazon allows one an order."
                yield self.seen(message, said.view, said.start, said.end)
