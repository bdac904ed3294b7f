"""No more personal data than the order needs.

What it flags
Asking for a date of birth, papers, card or bank data, a password, a private number or address.

Why
Amazon allows asking only for what completing the order needs.

Write instead
Ask for the one thing the order needs.

Sources
Amazon UK seller forum, permitted messages (read 2026-11-23)."""

from collections.abc import Iterator

from compliance.engine import flags
from compliance.engine.document import Document
from compliance.engine.types import Draft, Finding, Outcome, Remedy, Rule, Severity


def _in(language: str, body: str, purpose: str = "order_problem") -> Draft:
    return Draft("relay_email", purpose, body, language, language[-2:])  # type: ignore[arg-type]


_ASKED_FOR = frozenset({"delivery_scheduling", "home_services", "legal_disclosure", "invoice"})


class NoPersonalDataRequest(Rule):
    slug, code, title = "no-personal-data-request", "C15", "No more personal data than needed"
    severity = Severity.ACCOUNT
    remedy = Remedy.SENTENCE
    flagged = (
        _in("en-US", "Please reply with your date of birth."),
        _in("de-DE", "Bitte nennen Sie uns Ihr Geburtsdatum."),
        _in("fr-FR", "Indiquez votre date de naissance."),
        _in("es-ES", "Envíe una foto de su DNI."),
        _in("it-IT", "Ci invii una copia della carta d'identità."),
        _in("ja-JP", "生年月日をお知らせください。"),
    )
    passed = (_in("en-US", "Which colour do you want? Please send us your address in full."),)

    def check(self, document: Document) -> Iterator[Finding]:
        outcome = Outcome.REVIEW if document.draft.purpose in _ASKED_FOR else Outcome.BLOCK
        for said in flags.said(document, "no-personal-data-request.data", widely=True):
            if said.sentence.says("no-personal-data-request.given", "no-personal-data-request.invoice"):
                continue
            message = f"No order needs “{flags.words(said)}”; leave it out."
            yield self.seen(message, said.view, said.start, said.end, outcome=outcome)
