"""A clean subject.

What it flags
The withdrawn `[Important]` tag in any brackets, `Re:` and `Fwd:` where nothing came before, false urgency, a
reminder, a sender who looks like Amazon, and a subject that itself holds an emoji, praise or an offer.

Why
Amazon removed the tag in April 2025, and false urgency is among its reasons to restrict an account.

Write instead
"Question about engraving, order {{ order_id }}"

Sources
Amazon news, change to messaging options (read 2026-11-23). eDesk, Amazon's terms, for the date (read
2026-11-23)."""

from collections.abc import Iterator

import regex

from compliance.engine import asks
from compliance.engine.document import Document, View
from compliance.engine.types import ASKS, Draft, Finding, Fix, Outcome, Rule, Severity

_TAG = regex.compile(
    r"[\[【〔［(「<]\s*(?:important|wichtig|importante?|belangrijk|wazne|viktigt|onemli|重要)\s*[\]】〕］)」>]"
)
_REPLY = regex.compile(r"^\s*(?:re|aw|sv|odp|tr|fwd?|wg|rv|r|i|enc|ynt|返信)\s*:", regex.IGNORECASE)
_AMAZON = regex.compile(
    r"amazon[\s.]*(?:customer|service|team|support|kundenservice|kundendienst|prime|security)"
)
_CRITICAL = frozenset(
    {"order_problem", "legal_disclosure", "delivery_scheduling", "custom_design", "order_information"}
)
_PRAISE = ("no-positive-only.praise", "no-incentive.gift", "no-marketing.offer")
_EMOJI = regex.compile(r"(?![©®™0-9#*])[\p{Emoji_Presentation}★☆]")


def _subject(subject: str, purpose: str = "review_request", language: str = "en-US") -> Draft:
    return Draft("relay_email", purpose, "x", language, "US", subject=subject)  # type: ignore[arg-type]


class SubjectClean(Rule):
    slug, code, title = "subject-clean", "T6", "A clean subject"
    severity = Severity.ACCOUNT
    profiles = frozenset({"relay_email"})
    flagged = (
        _subject("[Important] How did we do?"),
        _subject("［IMPORTANT］ Order", "order_problem"),
        _subject("Re: your order"),
        _subject("Urgent: rate your lamp"),
        _subject("Final reminder: your review"),
        _subject("Amazon Customer Service: your order", "order_problem"),
        _subject("A gift card for you"),
        _subject("Important safety information", "legal_disclosure"),
        _subject("Dringend: Ihre Bestellung", language="de-DE"),
        _subject("【重要】レビューのお願い", language="ja-JP"),
    )
    passed = (
        _subject("Question about engraving, order 112-4830917-2265401", "custom_design"),
        _subject("Product review for order 112-4830917-2265401"),
        _subject("Your Amazon order: an important detail is missing", "order_information"),
        _subject("Regarding the lamp: review"),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        if document.draft.subject:
            yield from self._marks(document.subject)
            yield from self._words(document)

    def _marks(self, view: View) -> Iterator[Finding]:
        for pattern, message in (
            (_TAG, "Amazon withdrew this tag in April 2025; leave it out."),
            (_REPLY, "There is nothing this answers; leave the mark out."),
            (_AMAZON, "Only Amazon may sign as Amazon; name your shop."),
            (_EMOJI, "A subject holds words only."),
        ):
            for _, start, end in view.find(pattern):
                yield self.seen(message, view, start, end, fix=_left_out(view, start, end))

    def _words(self, document: Document) -> Iterator[Finding]:
        purpose = document.draft.purpose
        for sentence in document.subject.sentences:
            if (urgency := sentence.says("subject-clean.urgency")) and purpose not in _CRITICAL - {
                "legal_disclosure"
            }:
                outcome = Outcome.REVIEW if purpose == "legal_disclosure" else Outcome.BLOCK
                yield self.seen(
                    "Says it is urgent; is it?", urgency.view, urgency.start, urgency.end, outcome=outcome
                )
            if purpose in ASKS and (again := sentence.says("subject-clean.reminder")):
                message = "A reminder is a second request; Amazon allows one an order."
                yield self.seen(message, again.view, again.start, again.end)
            said = sentence.says(*_PRAISE)
            if said and not asks.is_balanced(sentence) and not asks.is_denied(said):
                words = said.view.text[said.start : said.end]
                yield self.seen(f"“{words}” does not belong in a subject.", said.view, said.start, said.end)


def _left_out(view: View, start: int, end: int) -> Fix | None:
    """Only where words stay: the mark with the space and the signs after it."""
    text = view.text
    while end < len(text) and text[end] in " :–—-|":
        end += 1
    left = f"{text[:start]}{text[end:]}".strip()
    return Fix("", "Leave it out", start, end) if any(map(str.isalnum, left)) else None
