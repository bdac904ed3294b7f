"""No tips, manuals or stock news as if they were needed.

What it flags
A message of its own with tips, recipes, care or how to use the product, under a purpose that says the order cannot do
without it. With the instructions attached, and where a line merely says how to use it, a person decides. That a product
is out of stock is an order problem and permitted, but not critical: that is pointed out.

Why
Amazon lists review requests, confirmations, proactive service and out-of-stock notices as not critical: they do not
reach buyers who opted out, and no listed reason covers tips.

Write instead
Attach the instructions to a message that has a permitted reason, or answer the buyer who asks. A recall or a legal notice
has its own type.

Sources
Amazon UK seller forum, critical and non-critical messages; FeedbackFive, opt-outs (read 2026-11-23)."""

from collections.abc import Iterator

from compliance.engine import asks
from compliance.engine.document import Document, Said
from compliance.engine.types import Attachment, Draft, Finding, Outcome, Purpose, Remedy, Rule, Severity


def _in(language: str, body: str, purpose: Purpose = "other_needed", *files: Attachment) -> Draft:
    return Draft("relay_email", purpose, body, language, language[-2:], attachments=files)


_MANUAL = Attachment("manual.pdf", "application/pdf", 90_000, "instructions")
_CLAIM_NEED: frozenset[str] = frozenset(
    {"other_needed", "order_information", "warranty", "digital_access_key"}
)


class NoOutOfStockNewsAsCritical(Rule):
    slug, code, title = "no-out-of-stock-news-as-critical", "P6", "Tips and stock news are not critical"
    severity = Severity.ADVISE
    remedy = Remedy.SENTENCE
    profiles = frozenset({"relay_email", "messaging_api"})
    flagged = (
        _in("en-US", "Ten ways to use your new pan."),
        _in("en-US", "The manual is attached. Read page 4 before the first use.", "other_needed", _MANUAL),
        _in("de-DE", "Fünf Tipps für Ihre neue Pfanne."),
        _in("fr-FR", "Voici nos conseils d'utilisation."),
        _in("es-ES", "Le enviamos cinco consejos para su sartén."),
        _in("it-IT", "Ecco alcuni consigli per la pulizia."),
        _in("nl-NL", "Hier zijn vijf tips voor uw pan."),
        _in("pl-PL", "Oto kilka porad dotyczących pielęgnacji."),
        _in("pt-BR", "Veja cinco dicas para a sua panela."),
        _in("sv-SE", "Här kommer några tips för din panna."),
        _in("ja-JP", "フライパンの使い方のコツをご紹介します。"),
        _in("tr-TR", "Tavanız için beş ipucu."),
    )
    passed = (
        _in("en-US", "The courier could not find flat 4. Which entrance is it?", "order_information"),
        _in("en-US", "Ten ways to use your new pan.", "review_request"),
        _in("en-US", "Stop using the pan: its handle can come off.", "legal_disclosure"),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        purpose = document.draft.purpose
        if purpose in _CLAIM_NEED:
            yield from self._tips(document)
        elif purpose == "order_problem" and (gone := document.says(f"{self.slug}.stock")):
            message = "Amazon does not count stock news as critical: it does not reach buyers who opted out."
            yield self._on(gone[0], message, Outcome.ADVICE)

    def _tips(self, document: Document) -> Iterator[Finding]:
        has_manual = any(file.kind == "instructions" for file in document.draft.attachments)
        tips = document.says(f"{self.slug}.tips")
        for said in [
            said for said in (*tips, *document.says(f"{self.slug}.use")) if not asks.is_denied(said)
        ][:1]:
            certain = tips and not has_manual
            message = "Tips and manuals are no reason Amazon permits; attach them to a message that has one."
            yield self._on(said, message, Outcome.BLOCK if certain else Outcome.REVIEW)

    def _on(self, said: Said, message: str, outcome: Outcome) -> Finding:
        sentence = said.sentence
        return self.seen(message, said.view, sentence.start, sentence.end, outcome=outcome)
