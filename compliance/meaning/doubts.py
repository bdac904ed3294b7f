"""Which sentences of a message are not understood as permitted for its purpose, and what they read like.

A text passes only when every sentence is understood as permitted; a doubt sends it to a person and never blocks."""

import contextlib
import dataclasses
from collections.abc import Iterator
from contextvars import ContextVar

from compliance.engine import asks
from compliance.engine.document import Document, Sentence
from compliance.engine.phrases import MASK
from compliance.engine.types import ASKS, Draft, Outcome
from compliance.meaning import corpus, model, signs
from compliance.meaning.model import OF_REVIEWS, OUT_OF_PLACE, Reading

OF_MAIL = frozenset({
    "no-diversion", "channel-only-bsm", "no-marketing", "not-thanks-or-help-only", "purpose-permitted",
    "no-order-or-shipping-confirmation", "return-messages-narrow", "no-out-of-stock-news-as-critical", "repeat",
    "no-opt-out-link", "no-cancel-request",
})  # fmt: skip
"""Rules that a printed card cannot break."""
BESIDE_ASK, ELSEWHERE = 0.8, 0.8
"""The operating point: see docs/decisions/0008-the-suspicion-model.md for the curve it was chosen on."""
_shift: ContextVar[float] = ContextVar("shift", default=0.0)
ANYWAY = 0.85
"""From here on a sentence elsewhere is doubted although the rules it reads like cannot be broken there."""
WARNING = 0.95
"""The limit where a law makes the seller tell the buyer to stop, to send back, to beware; and for the FAINT."""
FAINT = frozenset({"purpose-permitted", "no-opt-out-link", "channel-only-bsm", "return-messages-narrow"})
"""Rules that a short question or a plain "write to us" is easily taken for: they need WARNING, too."""
SURELY_ASKS, ASKS_UNSAID = 0.8, 0.85
"""How sure it must be that a sentence asks for a review; the second where it names one loosely (`review the set`)."""
CERTAIN = 0.95
TOLD_BY_TARGETING = {"no-selective-audience": "no-condition-on-satisfaction"}
"""What only a campaign's choice of buyers breaks, and what a sentence that reads like it breaks."""
SECOND = 0.15
"""From this chance on another rule is named, too: a sentence can break two, and the model cannot always tell which."""
BESIDE_BLOCK = 0.97
UNCLEAR, UNCLEAR_SUSPICION = 0.22, 0.7
"""A sentence whose likeliest role is less likely than this, and that is more suspicious than that, is not understood."""
FEW, LONGEST_NAME = 4, 7
"""Words; a shorter stretch that names nothing suspicious is a name, a heading or a cell of a table."""
ENDLESS = 120
TELLING = (
    "shared.review", "shared.satisfied", "words-opinion.stars", "words-value.gift", "words-value.cut",
    "words-value.draw", "words-value.free", "words-value.social",
)  # fmt: skip
BRIGHT = ("shared.satisfied", "words-opinion.happy", "words-opinion.praise")
DARK = ("shared.displeased", "words-opinion.unhappy", "words-opinion.poor")
LOADED = (
    "words-opinion.change", "words-opinion.secret", "words-value.gift", "words-value.money", "words-value.cut",
    "words-value.draw", "words-value.free", "words-value.survive", "words-value.return",
)  # fmt: skip
GIVEN = ("words-value.money", "words-value.return", "words-value.gift", "words-value.cut", "words-value.free")
EVEN = ("shared.neutral", "words-opinion.either")
HOPE = ("shared.hope",)
TURNED = (
    "words-opinion.contact", "words-opinion.directly", "words-opinion.help", "words-opinion.before",
    "words-opinion.every", "words-opinion.copy", "words-value.urgent",
)  # fmt: skip


@dataclasses.dataclass(frozen=True, slots=True)
class Doubt:
    """`rule` is the likeliest rule's slug, "" where none stands out; `suspicion` is doubted from `limit` on."""

    sentence: Sentence
    rule: str
    suspicion: float
    limit: float
    reading: Reading
    belies_purpose: bool = False
    """It speaks of a review in a message that is declared as something else, or gives news that no purpose needs."""
    second: str = ""
    """Another rule that is likely, too."""
    is_asking: bool = False
    """The whole message is a request for a review or feedback."""

    @property
    def is_held(self) -> bool:
        return self.suspicion >= self.limit + _shift.get() or self.is_unclear or self.is_endless

    @property
    def is_endless(self) -> bool:
        """Nobody, and no model, can tell what so long a sentence does."""
        return _size(self.sentence) > ENDLESS

    @property
    def is_certain(self) -> bool:
        """The signs of the rule's breach stand there, which alone would want a person, and the model is as good as sure."""
        return self.suspicion >= CERTAIN and signs.shows(self.sentence, self.rule, is_asking=self.is_asking)

    @property
    def is_unclear(self) -> bool:
        """What the sentence does cannot be told, and it reads suspicious rather than not."""
        return self.reading.roles[0][1] < UNCLEAR and self.suspicion >= UNCLEAR_SUSPICION


@contextlib.contextmanager
def shifted(by: float) -> Iterator[None]:
    """Every limit higher by so much: to measure what another operating point would cost."""
    token = _shift.set(by)
    try:
        yield
    finally:
        _shift.reset(token)


def doubts(document: Document) -> Iterator[Doubt]:
    """What the rules before have seen is not doubted once more; beside what is certain only the gravest is."""
    is_blocked = any(found.outcome is Outcome.BLOCK for found in document.found)
    for doubt in weighed(document):
        is_held = doubt.suspicion >= BESIDE_BLOCK if is_blocked else doubt.is_held
        if is_held and not _is_found(doubt.sentence, document):
            yield doubt


def _is_found(sentence: Sentence, document: Document) -> bool:
    where = sentence.view.where
    found = [
        one for one in document.found if one.where == where and one.outcome >= Outcome.REVIEW and one.end
    ]
    if not found:
        return False
    start, end = sentence.view.source_span(sentence.start, sentence.end)
    return any(one.start < end and start < one.end for one in found)


def weighed(document: Document) -> list[Doubt]:
    """Every sentence that says something, with its suspicion."""
    of_reviews = asks.about_reviews(document)
    return [
        _weighed(sentence, document, of_reviews=of_reviews)
        for sentence in document.sentences()
        if sentence.view.kind != "attachment" and not is_label(sentence) and not is_cleared(sentence)
    ]


def is_label(sentence: Sentence) -> bool:
    """A name, a heading, a cell: too short to say anything."""
    if sentence.is_question:
        return False
    size = _size(sentence)
    if size < FEW:
        return sentence.says(*TELLING) is None
    return size < LONGEST_NAME and _is_capitalised(sentence) and sentence.says(*corpus.OPINIONS) is None


def _size(sentence: Sentence) -> int:
    """In words that are no names; two characters of Japanese count as one."""
    return (len(sentence.tokens) - sentence.tokens.count(MASK)) // (
        2 if "ja" in sentence.view.languages else 1
    )


def _is_capitalised(sentence: Sentence) -> bool:
    """`La Serpe d'Argent`: written as names are."""
    text = sentence.view.text
    words = [text[start:end] for start, end in sentence.places if end - start > 1]
    is_ended = text[sentence.start : sentence.end].rstrip().endswith((".", "!", "?", ":", "…"))
    return not is_ended and sum(word[0].isupper() for word in words) * 4 >= len(words) * 3


def is_cleared(sentence: Sentence) -> bool:
    """Fine wherever it stands, and said in so many ways that a model may miss it: `if you have already done so, ignore
    this`, which selects nobody by how pleased he is, and `praise or blame, both are of use`, which prefers nothing."""
    if sentence.says(*LOADED) is not None:
        return False
    is_done = sentence.says("words-order.already") and sentence.says("words-opinion.if", "shared.condition")
    has_both = sentence.says(*BRIGHT) and sentence.says(*DARK) and not sentence.says(*TURNED)
    prefers = sentence.says(*BRIGHT, *DARK)
    return bool((is_done and not prefers) or has_both)


def _weighed(sentence: Sentence, document: Document, *, of_reviews: bool) -> Doubt:
    reading = model.read(sentence)
    if _size(sentence) > ENDLESS:
        return Doubt(sentence, "", 0.0, 1.0, reading)
    is_mail = document.draft.medium != "insert_card"
    is_asking = document.draft.purpose in ASKS and is_mail
    of_opinions = _speaks_of_opinions(sentence, document, reading)
    if is_asking or (of_reviews and of_opinions):
        doubt = _beside_ask(sentence, reading, is_asking=is_asking, is_mail=is_mail)
        return dataclasses.replace(doubt, second=_second(doubt, frozenset() if is_mail else OF_MAIL))
    if is_mail and of_opinions and reading.is_role("ask") >= SURELY_ASKS:
        return Doubt(sentence, _asked_for(document), reading.is_role("ask"), SURELY_ASKS, reading, True)
    doubt = _elsewhere(sentence, reading, document.draft, of_opinions=of_opinions)
    impossible = frozenset() if is_mail else OF_MAIL
    limit = WARNING if document.draft.purpose == "legal_disclosure" else doubt.limit
    return dataclasses.replace(doubt, limit=limit, second=_second(doubt, impossible))


def _asked_for(document: Document) -> str:
    """What is wrong about asking for a review in a message about an order: with money in it, it looks like its price."""
    return "no-incentive" if document.says(*GIVEN) else "purpose-permitted"


def _beside_ask(sentence: Sentence, reading: Reading, *, is_asking: bool, is_mail: bool) -> Doubt:
    belies = is_mail and not is_asking
    if is_asking and sentence.says(*HOPE) and sentence.says(*BRIGHT) and not sentence.says(*DARK, *EVEN):
        suspicion = max(reading.beside_ask, BESIDE_ASK)
        return Doubt(sentence, "no-condition-on-satisfaction", suspicion, BESIDE_ASK, reading)
    rule = _named(reading, is_mail=is_mail)
    return Doubt(sentence, rule, reading.beside_ask, BESIDE_ASK, reading, belies, is_asking=is_asking)


def _elsewhere(sentence: Sentence, reading: Reading, draft: Draft, *, of_opinions: bool) -> Doubt:
    is_mail = draft.medium != "insert_card"
    out = frozenset() if of_opinions else OF_REVIEWS
    rule, share = plausible(reading, out if is_mail else out | OF_MAIL)
    if rule in OF_REVIEWS:  # then it has to look out of place beside a request, too
        suspicion = min(reading.beside_ask, reading.elsewhere)
        return Doubt(sentence, rule, suspicion, ELSEWHERE, reading, belies_purpose=is_mail)
    belies = is_mail and rule in ("no-order-or-shipping-confirmation", "not-thanks-or-help-only")
    limit = WARNING if rule in FAINT and draft.purpose != "other_needed" else ELSEWHERE
    suspicion = reading.elsewhere * share
    if is_mail and reading.elsewhere >= ANYWAY and draft.purpose != "custom_design":
        suspicion = reading.elsewhere
        if share < 0.5 and reading.rule != model.OTHER:
            rule = TOLD_BY_TARGETING.get(reading.rule, reading.rule)
    return Doubt(sentence, rule, suspicion, limit, reading, belies)


def _speaks_of_opinions(sentence: Sentence, document: Document, reading: Reading) -> bool:
    """Of a review, or of stars that somebody gives: stars alone may be a pattern, words alone an engraving."""
    if sentence.says("shared.review") is not None:
        return True
    if document.draft.purpose == "custom_design":  # whose words are the buyer's
        return False
    if sentence.says("shared.review_loose") and reading.is_role("ask") >= ASKS_UNSAID:
        return True
    return (
        sentence.says("shared.review_loose", "words-opinion.stars", "words-opinion.opinion") is not None
        and sentence.says("words-opinion.write", "words-opinion.tell", "words-opinion.others") is not None
    )


def _named(reading: Reading, *, is_mail: bool) -> str:
    """Beside a request: the rule it reads like, or the one that keeps out what is fine in other messages."""
    role, chance = reading.roles[0]
    if role in OUT_OF_PLACE and chance > 0.5 and reading.elsewhere < 0.5:
        return OUT_OF_PLACE[role]
    return plausible(reading, frozenset() if is_mail else OF_MAIL)[0]


def _second(doubt: Doubt, impossible: frozenset[str]) -> str:
    others = impossible | {doubt.rule, model.OTHER}
    likely = (TOLD_BY_TARGETING.get(rule, rule) for rule, chance in doubt.reading.rules if chance >= SECOND)
    return next((rule for rule in likely if rule not in others), "")


def plausible(reading: Reading, impossible: frozenset[str]) -> tuple[str, float]:
    """The likeliest rule that can be broken in such a message, and how likely any such rule is, if one is broken."""
    left = [rule for rule, _ in reading.rules if rule not in impossible and rule != model.OTHER]
    gone = sum(chance for rule, chance in reading.rules if rule in impossible)
    return (TOLD_BY_TARGETING.get(left[0], left[0]) if left else "", 1 - gone)
