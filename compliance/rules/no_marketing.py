"""No advertising.

What it flags
Discount codes, offers, newsletters, "follow us", other products, your shop. A discount given for a fault, a
warranty and product titles are something else; value given for a review is the rule on incentives.

Why
A buyer's message is for the order. Amazon forbids marketing in it, and restricts accounts that advertise.

Write instead
Nothing: leave it out.

Sources
Amazon UK seller forum, permitted messages (read 2026-11-23). eDesk, avoid suspension when sending
feedback messages (read 2026-11-23)."""

from collections.abc import Iterator

from compliance.engine import asks
from compliance.engine.document import Document, Sentence
from compliance.engine.types import ASKS, Draft, Finding, Outcome, Remedy, Rule, Severity


def _in(language: str, body: str) -> Draft:
    return Draft("relay_email", "order_information", body, language, language[-2:])


class NoMarketing(Rule):
    slug, code, title = "no-marketing", "P4", "No advertising"
    severity = Severity.ACCOUNT
    remedy = Remedy.SENTENCE
    flagged = (
        _in("en-US", "Use code TWENTY for 20% off your next order."),
        _in("en-US", "Follow us and discover our new collection."),
        _in("de-DE", "Mit dem Gutscheincode SOMMER sparen Sie beim nächsten Einkauf 10 %."),
        _in("fr-FR", "Découvrez notre nouvelle collection."),
        _in("es-ES", "Visite nuestra tienda y suscríbase."),
        _in("it-IT", "Scopra la nostra collezione con il codice sconto."),
        _in("nl-NL", "Bekijk ons nieuwe assortiment met kortingscode ZOMER."),
        _in("pl-PL", "Zapisz się na newsletter."),
        _in("pt-BR", "Use o cupom de desconto na próxima compra."),
        _in("sv-SE", "Prenumerera på vårt nyhetsbrev."),
        _in("ja-JP", "次回使えるクーポンをご利用ください。"),
        _in("tr-TR", "İndirim kodu ile alışveriş yapın."),
    )
    passed = (
        _in("en-US", "Feel free to reply. We offer a two-year warranty. Clean with 70% isopropyl alcohol."),
        _in("en-US", "We refunded 20% of the price because of the scratch."),
        Draft(
            "relay_email",
            "invoice",
            "Summer Sale Bundle: invoice attached.",
            "en",
            "US",
            product_titles=("Summer Sale Bundle",),
        ),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        for view in document.views:
            for sentence in view.sentences:
                yield from self._in(document, view.sentences, sentence)

    def _in(self, document: Document, sentences: list[Sentence], sentence: Sentence) -> Iterator[Finding]:
        offer = next((said for said in sentence.all("no-marketing.offer") if not asks.is_quoted(said)), None)
        if offer is None or asks.is_denied(offer, widely=True) or sentence.says("no-marketing.exempt"):
            return
        if _is_for_a_review(document, sentences, sentence):
            return
        words = offer.view.text[offer.start : offer.end]
        outcome = Outcome.REVIEW if document.draft.medium == "insert_card" else Outcome.BLOCK
        yield self.seen(
            f"“{words}” is advertising; leave it out.", offer.view, *asks.marked(offer), outcome=outcome
        )


def _is_for_a_review(document: Document, sentences: list[Sentence], sentence: Sentence) -> bool:
    """Then it is an incentive, which is graver and has a rule of its own."""
    around = asks.near(sentences, sentence.number)
    loosely = document.draft.purpose in ASKS
    is_gift = sentence.says("no-incentive.gift") is not None
    return is_gift and any(asks.speaks_of_review(other, loosely=loosely) for other in around)
