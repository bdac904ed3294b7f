"""Whether and where a message speaks of reviews, and what belongs to such a sentence. Shared by the
review rules."""

from collections.abc import Iterator

from compliance.engine.document import Document, Said, Sentence, View
from compliance.engine.types import ASKS

_DENIAL_BEFORE, _DENIAL_AFTER = 3, 4
_CLAUSE = 14
"""Tokens between `if` and the condition it brings; Japanese counts characters and has its own phrases."""


def about_reviews(document: Document) -> bool:
    """The message asks for a review or feedback, or speaks of one without doubt."""
    return document.draft.purpose in ASKS or bool(document.says("shared.review"))


def speaks_of_review(sentence: Sentence, *, loosely: bool) -> bool:
    return sentence.says("shared.review", *(("shared.review_loose",) if loosely else ())) is not None


def near(sentences: list[Sentence], number: int, *, before: int = 1, after: int = 1) -> list[Sentence]:
    return sentences[max(0, number - before) : number + after + 1]


def is_denied(said: Said) -> bool:
    """`no gift card`, `ギフト券はありません`: the words are there to say that it is not so."""
    exempt = {no.first for no in said.sentence.said.get("shared.no_exempt", ())}
    for no in said.sentence.said.get("shared.no", ()):
        if no.first in exempt:
            continue
        gap = said.first - no.last
        if 0 <= gap <= _DENIAL_BEFORE or 0 <= no.first - said.last <= _after(said.view):
            return True
    return False


def _after(view: View) -> int:
    """Where a denial follows its word: in Turkish and Japanese; elsewhere it belongs to something else."""
    return _DENIAL_AFTER if {"ja", "tr"} & set(view.languages) else -1


def is_balanced(sentence: Sentence) -> bool:
    """Both ways are named, or none is preferred."""
    return sentence.says("shared.neutral") is not None


def pleased(sentence: Sentence) -> Iterator[Said]:
    """What the sentence says of a pleased buyer, unless it says that he is not, or names both ways."""
    if not is_balanced(sentence):
        yield from (said for said in sentence.all("shared.satisfied") if not is_denied(said))


def conditions(sentence: Sentence) -> Iterator[tuple[int, int]]:
    """Spans of "if the buyer is pleased" in the view's text."""
    if not is_balanced(sentence):
        yield from ((said.start, said.end) for said in sentence.all("shared.satisfied_if"))
    for said in pleased(sentence):
        for word in sentence.said.get("shared.condition", ()):
            if 0 <= said.first - word.last <= _CLAUSE and _is_one_clause(
                sentence.view.text[word.end : said.start]
            ):
                yield word.start, said.end


def _is_one_clause(between: str) -> bool:
    """No comma between, or a pair of them around something put in."""
    return (between.count(",") + between.count("、")) % 2 == 0 and not any(mark in between for mark in ";:–—")
