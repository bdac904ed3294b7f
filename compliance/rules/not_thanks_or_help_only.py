"""Not only thanks, not only an offer of help.

What it flags
A message in which nothing is left once greeting, thanks, offers of help, the order and the signature are
taken away.

Why
Amazon allows a message only for one of its reasons. "Thank you" and "we are here to help" are none.

Write instead
Send it only together with what the order needs, or ask for a review in neutral words, or send nothing.

Sources
Jungle Scout, Amazon's communication guidelines (read 2026-11-23). enida.de, quoting the German text (read
2026-11-23)."""

from collections.abc import Iterator

from compliance.engine.document import Document, Sentence
from compliance.engine.phrases import MASK
from compliance.engine.types import ASKS, Draft, Finding, Outcome, Rule, Severity

_EMPTY = ("not-thanks-or-help-only.thanks", "not-thanks-or-help-only.help")
_NEED = "not-thanks-or-help-only.need"
_NEEDED = ("words-order.invoice", "words-order.file", "words-order.safety")
_ASK_BACK = frozenset({"custom_design", "delivery_scheduling", "home_services"})
"""There `if it is right, reply yes` is the matter itself."""
_IF = ("shared.condition", "words-opinion.if")
_GREETING = "not-thanks-or-help-only.greeting"
_TELLS_MORE = ASKS | {"order_problem", "return_question", "legal_disclosure"}
_LONG = 12
"""A greeting is shorter; a sentence that begins with one goes on to say something."""
_FEW = 4
"""Words of a sentence that is no more than a greeting, a signature or the order's line; names do not
count."""


def _in(language: str, body: str, purpose: str = "other_needed") -> Draft:
    return Draft("relay_email", purpose, body, language, language[-2:])  # type: ignore[arg-type]


class NotThanksOrHelpOnly(Rule):
    slug, code, title = "not-thanks-or-help-only", "P3", "More than thanks or an offer of help"
    severity = Severity.BLOCK
    profiles = frozenset({"relay_email", "messaging_api"})
    flagged = (
        _in(
            "en-US",
            "Thank you so much for your order!\n\nIf anything is wrong, just reply and we will fix it.",
        ),
        _in(
            "de-DE",
            "Vielen Dank für Ihre Bestellung bei uns! Wir stehen Ihnen jederzeit gerne zur Verfügung.",
        ),
        _in("fr-FR", "Merci beaucoup pour votre commande chez nous. Nous restons à votre disposition."),
        _in("es-ES", "Muchas gracias por su compra. Estamos a su disposición para cualquier pregunta."),
        _in("it-IT", "Grazie mille per il suo ordine. Restiamo a sua disposizione."),
        _in("nl-NL", "Hartelijk bedankt voor uw bestelling bij ons. Wij staan altijd voor u klaar."),
        _in("pl-PL", "Serdecznie dziękujemy za złożone zamówienie. Jesteśmy do dyspozycji."),
        _in("pt-BR", "Muito obrigado pela sua compra conosco. Estamos à disposição."),
        _in("sv-SE", "Varmt tack för din beställning hos oss. Vi finns här om du behöver oss."),
        _in(
            "ja-JP",
            "このたびはご注文いただき誠にありがとうございます。ご不明な点がございましたらお気軽にご連絡ください。",
        ),
        _in("tr-TR", "Siparişiniz için çok teşekkür ederiz. Her zaman hizmetinizdeyiz, bize yazın."),
    )
    passed = (
        _in("en-US", "Thank you for your order. Which colour of thread shall we use for the initials?"),
        _in("en-US", "Thank you for your order. You can write a product review here.", "review_request"),
        _in("de-DE", "Vielen Dank. Welche Farbe sollen wir für die Gravur auf dem Ring nehmen?"),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        if document.draft.purpose in _TELLS_MORE or document.draft.attachments:
            return
        told = [sentence for sentence in document.body.sentences if _words(sentence) > _few(document)]
        told = [sentence for sentence in told if not _is_address(sentence)]
        is_offer = document.draft.purpose not in _ASK_BACK
        empty = [sentence for sentence in told if _is_empty(sentence, offers=is_offer)]
        if empty and len(empty) == len(told) and any(sentence.says(*_EMPTY) for sentence in empty):
            message = "Thanks and an offer of help alone are no reason to write; say what the order needs."
            yield self.seen(message, document.body, empty[0].start, empty[-1].end, outcome=Outcome.BLOCK)


def _is_empty(sentence: Sentence, *, offers: bool) -> bool:
    """It thanks, offers help or makes small talk, and tells or asks nothing that an order can need.

    `offers`: help may be offered in an `if`."""
    is_offer = offers and sentence.says("not-thanks-or-help-only.help") and sentence.says(*_IF)
    if not is_offer and sentence.says(_NEED, "no-order-or-shipping-confirmation.news"):
        return False  # `if anything is missing, write to us` tells of nothing that is
    if sentence.says(*_NEEDED):
        return False
    if sentence.says(*_EMPTY):
        return True
    return sentence.says(_GREETING) is not None and _words(sentence) <= _LONG


def _is_address(sentence: Sentence) -> bool:
    """`Dear customer,`: neither here nor there."""
    return _words(sentence) <= _LONG and sentence.text.rstrip().endswith((",", "、"))


def _words(sentence: Sentence) -> int:
    return sum(token != MASK for token in sentence.tokens)


def _few(document: Document) -> int:
    """Japanese is counted in characters."""
    return _FEW * 3 if document.draft.primary_language == "ja" else _FEW
