"""The buyer is not asked to cancel.

What it flags
A request that the buyer cancel the order. Saying that he may, or that you have cancelled and refunded, is
something else.

Why
When a seller cannot deliver, the seller cancels or refunds, and then tells the buyer. Passing that on to the
buyer hides it from Amazon's figures and costs accounts.

Write instead
"We could not obtain your item, so we refunded order {{ order_id }} in full today."

Sources
tmark.pro, the guidelines of 2020; Jungle Scout, Amazon's communication guidelines (read 2026-11-23)."""

from collections.abc import Iterator

from compliance.engine import asks, flags
from compliance.engine.document import Document
from compliance.engine.types import Draft, Finding, Remedy, Rule, Severity


def _in(language: str, body: str, purpose: str = "order_problem") -> Draft:
    return Draft("relay_email", purpose, body, language, language[-2:])  # type: ignore[arg-type]


_GROUP = "no-cancel-request."


class NoCancelRequest(Rule):
    slug, code, title = "no-cancel-request", "P5", "The buyer is not asked to cancel"
    severity = Severity.ACCOUNT
    remedy = Remedy.SENTENCE
    profiles = frozenset({"relay_email", "messaging_api"})
    flagged = (
        _in("en-US", "We are out of stock. Could you please cancel the order in your account?"),
        _in("de-DE", "Leider ausverkauft. Bitte stornieren Sie die Bestellung selbst."),
        _in("fr-FR", "Merci de bien vouloir annuler la commande depuis votre compte."),
        _in("es-ES", "Le pedimos que por favor cancele el pedido."),
        _in("it-IT", "Le chiediamo di annullare l'ordine dal suo account."),
        _in("nl-NL", "Wilt u de bestelling zelf annuleren?"),
        _in("pl-PL", "Prosimy anulować zamówienie."),
        _in("pt-BR", "Poderia cancelar o pedido pela sua conta?"),
        _in("sv-SE", "Vänligen avbeställ din order."),
        _in("ja-JP", "お手数ですが、ご注文のキャンセルをお願いいたします。"),
        _in("tr-TR", "Lütfen siparişinizi iptal edin."),
    )
    passed = (
        _in("en-US", "The parcel is two days late. You may cancel at any time."),
        _in(
            "en-US", "We have cancelled order 112-4830917-2265401 and refunded it. Please accept our apology."
        ),
        _in("de-DE", "Wir haben die Bestellung storniert und erstattet. Bitte entschuldigen Sie."),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        for said in flags.said(document, _GROUP + "cancel"):
            sentence = said.sentence
            if asks.is_of_a_message(said) or sentence.says("seller-feedback-removal.feedback"):
                continue
            if sentence.says(_GROUP + "request") and not sentence.says(_GROUP + "may"):
                message = "Asks the buyer to cancel; cancel or refund it yourself, and say so."
                yield self.seen(message, said.view, *asks.marked(said))
