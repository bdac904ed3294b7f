"""Signs of each rule's breach: ideas that stand together in one sentence. Broad, so that alone they only say "look at it".

The model says which of them are meant as they look. Where it is not suspicious they are cleared; where it is very
suspicious of the very rule they are signs of, the two together are certain."""

from compliance.engine.document import Sentence

_REVIEW = (
    "shared.review", "shared.review_loose", "words-opinion.stars", "words-opinion.opinion",
)  # fmt: skip
_VALUE = (
    "no-incentive.gift", "no-incentive.remedy", "no-incentive.deal", "words-value.gift", "words-value.money",
    "words-value.cut", "words-value.draw", "words-value.free", "words-value.return", "words-value.charity",
)  # fmt: skip
_PLEASED = ("shared.satisfied", "shared.satisfied_if", "words-opinion.happy")
_DISPLEASED = ("shared.displeased", "words-opinion.unhappy", "words-opinion.poor")
_TO_US = ("words-opinion.contact", "words-opinion.directly", "words-opinion.help")
_TIED = ("shared.condition", "words-opinion.if", "words-opinion.every", "words-opinion.then")

SIGNS: dict[str, tuple[tuple[str, ...], ...]] = {
    "no-incentive": (_REVIEW, _VALUE),
    "no-condition-on-satisfaction": (_REVIEW, _TIED, _PLEASED),
    "no-diverting-negatives": (_DISPLEASED, _TO_US),
    "no-positive-only": (
        _REVIEW,
        ("no-positive-only.praise", "no-positive-only.support", "words-opinion.praise"),
    ),
    "no-pressure": (
        _REVIEW,
        ("words-value.survive", "words-value.urgent", "words-value.please", "words-value.matters"),
    ),
    "no-review-change-or-removal": (_REVIEW, ("words-opinion.change",)),
    "no-scripted-review": (_REVIEW, ("words-opinion.copy", "words-opinion.praise")),
    "no-off-amazon-review": (_REVIEW, ("words-value.social",)),
    "no-marketing": (
        ("words-value.sell",),
        ("words-value.cut", "words-value.season", "words-value.next", "words-value.sell"),
    ),
}
"""For each rule, groups of which each must be said; within one group any does."""


def shows(sentence: Sentence, rule: str, *, is_asking: bool = False) -> bool:
    """`is_asking`: the whole message is a request, so that a review need not be named in each sentence."""
    wanted = SIGNS.get(rule)
    if wanted is None:
        return False
    return all(
        sentence.says(*groups) is not None for groups in wanted if not (is_asking and groups is _REVIEW)
    )
