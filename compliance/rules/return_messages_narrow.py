"""About a return, only what it needs.

What it flags
A message about a return that asks nothing and offers no partial refund: news that the parcel arrived, thanks, that the
money will follow. Where no return is open, any such message.

Why
Amazon permits a message about a return only to ask what is needed to complete it, or to offer a partial refund; it tells
the buyer the rest itself.

Write instead
"Which of the two chairs are you sending back?" An answer to the buyer's own message is a reply, and free.

Sources
tmark.pro, the text of 2020; Color More Lines (read 2026-11-23)."""

from collections.abc import Iterator

from compliance.engine.document import Document
from compliance.engine.sending import Sending
from compliance.engine.types import Draft, Finding, Outcome, Rule, Severity


def _in(language: str, body: str, sending: Sending | None = None) -> Draft:
    return Draft("relay_email", "return_question", body, language, language[-2:], sending=sending)


class ReturnMessagesNarrow(Rule):
    slug, code, title = "return-messages-narrow", "P7", "About a return, only what it needs"
    severity = Severity.ADVISE
    profiles = frozenset({"relay_email", "messaging_api"})
    reads = frozenset({"message", "sending"})
    flagged = (
        _in("en-US", "Your return arrived this morning. The refund will follow."),
        _in("en-US", "Which of the two chairs are you sending back?", Sending(has_open_return=False)),
        _in("de-DE", "Ihre Rücksendung ist bei uns eingetroffen."),
        _in("fr-FR", "Votre retour nous est bien parvenu."),
        _in("es-ES", "Hemos recibido su devolución."),
        _in("it-IT", "Abbiamo ricevuto il Suo reso."),
        _in("nl-NL", "Uw retourzending is aangekomen."),
        _in("pl-PL", "Państwa zwrot dotarł do nas."),
        _in("pt-BR", "Recebemos a sua devolução."),
        _in("sv-SE", "Din retur har kommit fram."),
        _in("ja-JP", "返品の商品が到着いたしました。"),
        _in("tr-TR", "İadeniz bize ulaştı."),
    )
    passed = (
        _in("en-US", "Your return arrived without its charger. Is it still with you?"),
        _in("en-US", "Your return arrived scratched. We offer a partial refund of 20 dollars."),
        _in("de-DE", "Ihre Rücksendung ist eingetroffen. Bitte teilen Sie uns mit, ob das Netzteil fehlt."),
        Draft("relay_email", "order_problem", "Your return arrived.", "en-US", "US"),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        if document.draft.purpose != "return_question":
            return
        sending = document.draft.sending
        if sending is not None and sending.has_open_return is False:
            message = "No return is open for this order; a person decides."
            yield self.finding(message, outcome=Outcome.REVIEW, where="sending")
        news = document.says(f"{self.slug}.news")
        if news and not document.says(f"{self.slug}.needs") and not _asks(document):
            sentence = news[0].sentence
            message = "News about a return that asks nothing: Amazon tells the buyer itself."
            yield self.seen(message, news[0].view, sentence.start, sentence.end, outcome=Outcome.REVIEW)


def _asks(document: Document) -> bool:
    return any(sentence.is_question for sentence in document.body.sentences)
