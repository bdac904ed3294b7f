"""Which sentences of a message are not understood as permitted for its purpose, and what they read like.

A text passes only when every sentence is understood as permitted; a doubt sends it to a person and never blocks."""

import dataclasses
from collections.abc import Iterator

from compliance.engine import asks
from compliance.engine.document import Document, Sentence
from compliance.engine.phrases import MASK
from compliance.meaning import model
from compliance.meaning.model import Reading

OF_REVIEWS = frozenset({
    "no-incentive", "no-positive-only", "no-condition-on-satisfaction", "no-diverting-negatives",
    "no-review-change-or-removal", "no-scripted-review", "no-insiders", "no-selective-audience", "no-pressure",
    "no-off-amazon-review", "one-request-per-order", "seller-feedback-removal", "review-and-feedback-kept-apart",
})  # fmt: skip
"""Rules that can only be broken where a review or feedback is spoken of."""
OF_MAIL = frozenset({
    "no-diversion", "channel-only-bsm", "no-marketing", "not-thanks-or-help-only", "purpose-permitted",
    "no-order-or-shipping-confirmation", "return-messages-narrow", "no-out-of-stock-news-as-critical", "repeat",
    "no-opt-out-link", "no-cancel-request",
})  # fmt: skip
"""Rules that a printed card cannot break."""
OUT_OF_PLACE = {
    "offer": "no-incentive", "help": "no-diverting-negatives", "marketing": "no-marketing",
    "pressure": "no-pressure", "praise": "no-positive-only",
}  # fmt: skip
"""What a sentence may not do beside a request for a review, and the rule that says so."""
SUSPICIOUS = 0.8
"""The operating point: see docs/decisions/0008-the-suspicion-model.md for the curve it was chosen on."""
UNCLEAR, UNCLEAR_SUSPICION = 0.22, 0.7
"""A sentence whose likeliest role is less likely than this, and that is more suspicious than that, is not understood."""
FEW = 4
"""Words; a shorter stretch that names nothing suspicious is a name, a heading or a cell of a table."""


@dataclasses.dataclass(frozen=True, slots=True)
class Doubt:
    """`rule` is the likeliest rule's slug, "" where none stands out; `risk` is between 0 and 1."""

    sentence: Sentence
    rule: str
    risk: float
    reading: Reading


def doubts(document: Document) -> Iterator[Doubt]:
    yield from (doubt for doubt in weighed(document) if doubt.risk >= SUSPICIOUS)


def weighed(document: Document) -> Iterator[Doubt]:
    """Every sentence that says something, with its risk."""
    out = impossible(document)
    for sentence in document.sentences():
        if sentence.view.kind != "attachment" and not is_label(sentence):
            reading = model.read(sentence)
            rule, risk = _risk(reading, out)
            yield Doubt(sentence, rule, risk, reading)


def impossible(document: Document) -> frozenset[str]:
    """Rules that such a message cannot break, whatever a sentence reads like."""
    of_reviews = frozenset() if asks.about_reviews(document) else OF_REVIEWS
    return of_reviews | (OF_MAIL if document.draft.medium == "insert_card" else frozenset()) | {model.OTHER}


def is_label(sentence: Sentence) -> bool:
    """A name, a heading, a cell: too short to say anything. Japanese counts characters."""
    few = FEW * 2 if "ja" in sentence.view.languages else FEW
    return sum(token != MASK for token in sentence.tokens) < few and not sentence.is_question


def _risk(reading: Reading, impossible: frozenset[str]) -> tuple[str, float]:
    rule, share = plausible(reading, impossible)
    if reading.suspicion * share < SUSPICIOUS and _is_unclear(reading):
        return "", SUSPICIOUS
    return rule, reading.suspicion * share


def _is_unclear(reading: Reading) -> bool:
    """What the sentence does cannot be told, and it reads suspicious rather than not."""
    return reading.roles[0][1] < UNCLEAR and reading.suspicion >= UNCLEAR_SUSPICION


def plausible(reading: Reading, impossible: frozenset[str]) -> tuple[str, float]:
    """The likeliest rule that can be broken in such a message, and how likely any such rule is, if one is broken."""
    left = [(rule, chance) for rule, chance in reading.rules if rule not in impossible]
    gone = sum(chance for rule, chance in reading.rules if rule in impossible)
    return (left[0][0] if left else "", 1 - gone)
