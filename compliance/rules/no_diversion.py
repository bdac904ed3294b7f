"""Stay on Amazon.

What it flags
Social networks, messaging apps, communities, codes to scan, your own site and review sites elsewhere, in the
words of a message. On a card in the box they are allowed, as long as no review is steered.

Why
Buyer and seller talk through Amazon. Steering a buyer away can cost the right to sell.

Write instead
"You can reply to this message."

Sources
Amazon UK seller forum, permitted messages (read 2026-11-23). Amazon forum, inserts and QR codes (read
2026-11-23)."""

from collections.abc import Iterator

import regex

from compliance.engine import asks
from compliance.engine.document import Document
from compliance.engine.types import Draft, Finding, Remedy, Rule, Severity

_HANDLE = regex.compile(r"(?<![\w@.])@[a-z][\w.]{2,30}(?<!\.)(?!\w|@)")


def _in(language: str, body: str) -> Draft:
    return Draft("relay_email", "feedback_request", body, language, language[-2:])


class NoDiversion(Rule):
    slug, code, title = "no-diversion", "C12", "No way out of Amazon"
    severity = Severity.ACCOUNT
    remedy = Remedy.SENTENCE
    profiles = frozenset({"relay_email", "messaging_api"})
    flagged = (
        "Message us on WhatsApp for faster help.",
        "Tag us @acme.lamps in your pictures.",
        "Scan the QR code on the box.",
        _in("de-DE", "Besuchen Sie unsere Webseite."),
        _in("fr-FR", "Retrouvez-nous sur notre site."),
        _in("es-ES", "Síganos en Instagram."),
        _in("it-IT", "Visiti il nostro sito."),
        _in("nl-NL", "Kijk op onze website."),
        _in("pl-PL", "Dołącz do nas na Facebook."),
        _in("pt-BR", "Chame a gente no WhatsApp."),
        _in("sv-SE", "Besök vår hemsida."),
        _in("ja-JP", "公式サイトをご覧ください。"),
        _in("tr-TR", "Karekodu okutun."),
    )
    passed = (
        "You can reply to this message.",
        Draft("insert_card", "other_needed", "Follow us on Instagram @acme.", "en-US", "US"),
        "Two lamps @ 40 W each.",
        Draft(
            "relay_email",
            "order_problem",
            "Your watch, which shows WhatsApp notices, came back to us.",
            "en-US",
            "US",
        ),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        for sentence in document.sentences():
            said = sentence.says("no-diversion.elsewhere")
            if said and not asks.is_denied(said) and not sentence.says("no-diversion.exempt"):
                words = said.view.text[said.start : said.end]
                message = f"“{words}” leads the buyer away from Amazon; say “reply to this message” instead."
                yield self.seen(message, said.view, said.start, said.end)
        for view in document.views:
            for match, start, end in view.find(_HANDLE, masked=True) if "@" in view.folded[0] else ():
                yield self.seen(f"{match[0]} is an account outside Amazon; leave it out.", view, start, end)
