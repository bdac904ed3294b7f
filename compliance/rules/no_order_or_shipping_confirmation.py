"""No confirmations and shipping news.

What it flags
A message that tells the buyer the order was received, packed or shipped, or where the parcel is. In a
message about a problem, or one that asks something, and as a mention in a request for a review, it is
something else.

Why
Amazon sends these messages itself and forbids sellers to send them.

Write instead
Nothing, unless something is wrong: then say what, and what the buyer can do.

Sources
Amazon help 201901640 (read 2026-11-23). Amazon UK seller forum, critical and non-critical messages (read
2026-11-23)."""

from collections.abc import Iterator

from compliance.engine import asks
from compliance.engine.document import Document, Sentence
from compliance.engine.types import ASKS, Draft, Finding, Outcome, Remedy, Rule, Severity

_TELLS_MORE = frozenset({"order_problem", "return_question", "legal_disclosure"})


def _in(language: str, body: str) -> Draft:
    return Draft("relay_email", "order_information", body, language, language[-2:])


class NoOrderOrShippingConfirmation(Rule):
    slug, code, title = "no-order-or-shipping-confirmation", "P2", "No confirmations or shipping news"
    severity = Severity.BLOCK
    remedy = Remedy.SENTENCE
    profiles = frozenset({"relay_email", "messaging_api"})
    flagged = (
        _in("en-US", "Great news, your order is on its way. Track it here."),
        _in("en-US", "Your parcel has been shipped."),
        _in("de-DE", "Ihre Bestellung wurde heute versendet."),
        _in("fr-FR", "Votre commande a été expédiée."),
        _in("es-ES", "Su pedido ha sido enviado."),
        _in("it-IT", "Il suo ordine è stato spedito."),
        _in("nl-NL", "Uw bestelling is vandaag verzonden."),
        _in("pl-PL", "Zamówienie zostało wysłane."),
        _in("pt-BR", "Seu pedido foi enviado."),
        _in("sv-SE", "Din beställning har skickats."),
        _in("ja-JP", "本日、商品を発送いたしました。"),
        _in("tr-TR", "Siparişiniz yola çıktı."),
    )
    passed = (
        _in("en-US", "Your parcel was shipped and is delayed at customs. Which phone may the carrier use?"),
        Draft(
            "relay_email",
            "review_request",
            "Your lamp has shipped and arrived. You can review it here.",
            "en-US",
            "US",
        ),
        Draft("relay_email", "order_problem", "Your order was shipped and came back to us.", "en-US", "US"),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        purpose = document.draft.purpose
        if purpose in ASKS or purpose in _TELLS_MORE or _has_a_reason(document):
            return
        for sentence in document.sentences():
            news = sentence.says("no-order-or-shipping-confirmation.news")
            if news is not None and not asks.is_denied(news):
                message = "Amazon tells buyers this itself; write only if something is wrong or missing."
                yield self.seen(message, news.view, sentence.start, sentence.end, outcome=Outcome.BLOCK)


def _has_a_reason(document: Document) -> bool:
    """Something is asked, or is wrong: then the news is part of it."""
    return any(_is_reason(sentence) for sentence in document.body.sentences)


def _is_reason(sentence: Sentence) -> bool:
    return sentence.is_question or sentence.says("no-order-or-shipping-confirmation.trouble") is not None
