"""In Germany, Amazon asks.

What it flags
A campaign that asks for a review or feedback in the seller's own words on amazon.de. Where the seller says that the
buyers agreed to such mail, a person looks at it once; otherwise it is not switched on.

Why
Germany's Federal Court of Justice held that a request for a rating in the mail of a Marketplace order is advertising: it
needs the buyer's consent, or a notice how to object, and Amazon forbids such a notice. Amazon's own request is sent by
Amazon. This is no legal advice.

Write instead
Leave the setting "On amazon.de" at "Send Amazon's own request": orders from amazon.de then get Amazon's request, all
others your text. Change it only if your buyers have agreed, and can prove it.

Sources
BGH, 10 July 2018, VI ZR 225/17: kdsa-nord.de, headnotes; shopbetreiber-blog.de (read 2026-11-23)."""

from collections.abc import Iterator

from compliance.engine.document import Document
from compliance.engine.types import ASKS, Draft, Finding, Outcome, Purpose, Rule, Severity, Targeting


def _aimed(
    *stores: str, channel: str = "relay_email", purpose: Purpose = "review_request", has_consent: bool = False
) -> Draft:
    targeting = Targeting("delivered", 120, channel=channel, stores=stores, has_consent=has_consent)
    return Draft("relay_email", purpose, "", "de-DE", "DE", targeting=targeting)


class ConsentGermany(Rule):
    slug, code, title = "consent-germany", "L1", "In Germany, Amazon asks"
    severity = Severity.ADVISE
    reads = frozenset({"targeting"})
    flagged = (_aimed("DE", "FR"), _aimed(), _aimed("DE", has_consent=True))
    passed = (
        _aimed("FR"),
        _aimed("DE", channel="solicitation"),
        _aimed("DE", purpose="order_problem"),
        _aimed("DE", channel=""),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        targeting = document.draft.targeting
        if targeting is None or document.draft.purpose not in ASKS:
            return
        writes = targeting.channel in ("relay_email", "messaging")
        if not writes or (targeting.stores and "DE" not in targeting.stores):
            return
        if targeting.has_consent:
            message = (
                "Asks for reviews in your own words on amazon.de, with your word that the buyers agreed."
            )
            yield self.finding(message, outcome=Outcome.REVIEW, text="amazon.de", where="targeting")
        else:
            message = "German law wants the buyers' consent to a request in your own words; let Amazon ask on amazon.de."
            yield self.finding(message, text="amazon.de", where="targeting")
