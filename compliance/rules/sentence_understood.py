"""Every sentence is understood.

What it flags
A sentence that reads as if it broke one of the other rules although no certain sign of it was found: a
bargain told as a story, a request to the pleased told as a picture, advertising told as news. The finding
carries the name of the rule that is likeliest broken, a second one the name of the next where that is likely,
too; where none stands out, or a sentence has no end, this one's. It sends the text to a person and never blocks it.

Why
What Amazon forbids can be said in a thousand ways, and a list of phrases knows only some. A text passes only when
every sentence is understood as permitted for its purpose.

Write instead
Short, plain sentences that say one thing: what the order needs, or "You can write a product review here."

Sources
Amazon, customer product reviews help; Amazon, communication guidelines (read 2026-11-23): they forbid the meaning,
not the words. The suspicion is learned from our own sentences (compliance/sentences)."""

import dataclasses
import functools
from collections.abc import Iterator

from compliance.engine.document import Document
from compliance.engine.types import Draft, Finding, Outcome, Rule, Severity
from compliance.meaning import explaining, purposes
from compliance.meaning.doubts import Doubt, doubts


class SentenceUnderstood(Rule):
    slug, code, title = "sentence-understood", "U1", "Every sentence is understood"
    severity = Severity.ADVISE
    looks_back = True
    flagged = ("You can write a product review here" + " and the lamp is on the table" * 20 + ".",)
    passed = (
        "You can write a product review here.",
        "If you have a moment, you can write a product review. Good or bad, your own words are what counts.",
        Draft(
            "relay_email",
            "order_problem",
            "The lid arrived broken and we will send a new one.",
            "en-US",
            "US",
        ),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        doubted, left = list(doubts(document)), _EXPLAINED
        for doubt in doubted:
            left -= len(doubt.sentence.tokens)
            yield self._found(doubt, doubt.rule, _message(doubt, doubt.rule, is_explained=left >= 0))
            if doubt.second and not doubt.is_certain:
                message = _message(doubt, doubt.second, is_explained=left >= 0)
                yield self._found(doubt, doubt.second, message)
            if doubt.belies_purpose and "purpose-permitted" not in (doubt.rule, doubt.second):
                yield self._found(doubt, "purpose-permitted", BELIES)
        if not doubted and all(found.outcome < Outcome.REVIEW for found in document.found):
            for idle in purposes.idle(document):
                for slug in idle.rules:
                    yield self._found(idle.doubt, slug, IDLE)

    def _found(self, doubt: Doubt, slug: str, message: str) -> Finding:
        view, start, end = doubt.sentence.view, doubt.sentence.start, doubt.sentence.end
        outcome = Outcome.BLOCK if doubt.is_certain and slug == doubt.rule else Outcome.REVIEW
        found = self.seen(message, view, start, end, outcome=outcome)
        named = _rules().get(slug)
        if named is None:
            return found
        return dataclasses.replace(found, rule=named.slug, code=named.code, severity=named.severity)


IDLE = "Nothing in this message seems to be needed for the order: news, thanks or an offer of help alone. A person decides."
BELIES = "This sentence does not serve the purpose declared, it seems. A person decides."
READS_LIKE = {
    "no-incentive": "a bargain",
    "no-condition-on-satisfaction": "a request to those alone who are pleased",
    "no-diverting-negatives": "sending those who are not pleased elsewhere",
    "no-positive-only": "a wish for praise",
    "no-pressure": "pressure",
    "no-scripted-review": "telling the buyer what to write",
    "no-review-change-or-removal": "asking for a review to be changed",
    "no-marketing": "advertising",
    "no-order-or-shipping-confirmation": "news that Amazon sends itself",
    "not-thanks-or-help-only": "thanks or help alone",
    "no-diversion": "leading the buyer away from Amazon",
    "no-personal-data-request": "asking for personal data",
    "no-cancel-request": "asking the buyer to cancel",
    "purpose-permitted": "a message without one of the permitted purposes",
}


_EXPLAINED = 400
"""Words of one text whose sentences are told with what made them suspicious: each word costs a reading of its own."""


def _message(doubt: Doubt, slug: str, *, is_explained: bool) -> str:
    named = _rules().get(slug)
    words = ", ".join(f"“{word}”" for word in explaining.words(doubt.sentence)) if is_explained else ""
    because = f": {words}" if words else ""
    if named is None:
        return f"This sentence was not understood{because}. A person decides."
    like = READS_LIKE.get(slug) or f"a breach of “{named.title}”"
    end = "Say it plainly, or leave it out." if doubt.is_certain else "A person decides."
    return f"This sentence reads like {like}{because}. {end}"


@functools.cache
def _rules() -> dict[str, Rule]:
    from compliance.rules import RULES  # the list holds this rule, too, so it cannot be read before

    return {rule.slug: rule for rule in RULES}
