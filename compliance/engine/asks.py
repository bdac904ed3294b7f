"""Whether and where a message speaks of reviews, and what belongs to such a sentence. Shared by the
review rules."""

from collections.abc import Iterator

import regex

from compliance.engine.document import Document, Said, Sentence, View
from compliance.engine.types import ASKS

_DENIAL_BEFORE, _DENIAL_AFTER = 3, 4
_WIDE, _WIDE_JAPANESE = 6, 24
"""Tokens; Japanese is counted in characters."""
_CLAUSE = 14
"""Tokens between `if` and the condition it brings; Japanese counts characters and has its own phrases."""


def about_reviews(document: Document) -> bool:
    """The message asks for a review or feedback, or speaks of one without doubt."""
    return document.draft.purpose in ASKS or bool(document.says("shared.review"))


def speaks_of_review(sentence: Sentence, *, loosely: bool) -> bool:
    return sentence.says("shared.review", *(("shared.review_loose",) if loosely else ())) is not None


def near(sentences: list[Sentence], number: int, *, before: int = 1, after: int = 1) -> list[Sentence]:
    return sentences[max(0, number - before) : number + after + 1]


def is_denied(said: Said, *, widely: bool = False, in_clause: bool = False) -> bool:
    """`no gift card`, `ギフト券はありません`: the words are there to say that it is not so.

    `widely` looks behind them, too: `Gutscheine geben wir keine`. That is for things; of a feeling ("pleased or not")
    the denial belongs to something else. `in_clause`: a comma ends what is denied: `if it is not so, write to us`."""
    spared = said.sentence.said.get("shared.no_exempt", ())
    behind = {no.first for no in said.sentence.said.get("shared.no_behind", ())}
    for no in said.sentence.said.get("shared.no", ()):
        if any(other.first <= no.first < other.last for other in spared):
            continue
        gap = said.first - no.last
        is_before = 0 <= gap <= _DENIAL_BEFORE and no.first not in behind
        if is_before and not _is_parted(said.view.text[no.end : said.start], at_commas=in_clause):
            return True
        if 0 <= no.first - said.last <= _after(said.view):
            return True
    return widely and any(_denies(said, no) for no in said.sentence.said.get("shared.no_after", ()))


def _denies(said: Said, no: Said) -> bool:
    """The denial follows in the same clause."""
    reach = _WIDE_JAPANESE if "ja" in said.view.languages else _WIDE
    spared = said.sentence.said.get("shared.no_exempt", ())
    if not 0 <= no.first - said.last <= reach or any(o.first <= no.first < o.last for o in spared):
        return False
    return not _is_parted(said.view.text[said.end : no.start], at_commas=True)


def _is_parted(between: str, *, at_commas: bool) -> bool:
    """A clause ends in it; a list may go on after a comma."""
    return any(mark in between for mark in (",、;:–—?？" if at_commas else ";:–—?？"))


def _after(view: View) -> int:
    """Where a denial follows its word: in Turkish and Japanese; elsewhere it belongs to something else."""
    return _DENIAL_AFTER if {"ja", "tr"} & set(view.languages) else -1


_BESIDE = 4
"""Tokens between what is done and the message it is done to; Japanese is counted in characters."""


def is_of_a_message(done: Said) -> bool:
    """`If you have written a review, you can delete this message`."""
    reach = _BESIDE * 3 if "ja" in done.view.languages else _BESIDE
    messages = done.sentence.said.get("no-review-change-or-removal.message", ())
    return any(one.first - done.last <= reach and done.first - one.last <= reach for one in messages)


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


_LONG, _LONG_JAPANESE = 260, 130
"""Characters; of a longer sentence the clause is marked."""
_BREAKS = regex.compile(r"[,;:–—、]\s*+")


def marked(said: Said) -> tuple[int, int]:
    """What a reader would underline: the sentence the words stand in, or of a long one the clause."""
    sentence, text = said.sentence, said.view.text
    longest = _LONG_JAPANESE if "ja" in said.view.languages else _LONG
    if sentence.end - sentence.start <= longest:
        return sentence.start, sentence.end
    before = [match.end() for match in _BREAKS.finditer(text, sentence.start, said.start)]
    after = _BREAKS.search(text, said.end, sentence.end)
    return before[-1] if before else sentence.start, after.start() if after else sentence.end


_QUOTED = regex.compile(r"[\"“”„«»»「『][^\"“”„«»「」『』\n]{1,40}+[\"“”»«」』]")


def is_quoted(said: Said, *, within: int = 0) -> bool:
    """`The game “Great Sale”`: what stands between quotation marks is called so. `within`: characters that the name is
    longer than the words, for `give us “five stars”` names nothing."""
    text, sentence = said.view.text, said.sentence
    names = _QUOTED.finditer(text, sentence.start, sentence.end)
    longest = said.end - said.start + within
    return any(
        name.start() < said.start and said.end < name.end() and name.end() - name.start() - 2 >= longest
        for name in names
    )
