"""Two texts, word by word: what stayed, what went, what came. Pure."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

_WORDS = re.compile(r"<[^<>]{0,500}>|\{\{[^{}]{0,200}\}\}|\w+|\s+|[^\w\s]")
#: Longer texts are compared line by line: word by word the time grows with the square.
_MOST_WORDS = 6_000


@dataclass(frozen=True, slots=True)
class Piece:
    kind: str  # same, gone, new
    text: str


def compare(old: str, new: str) -> list[Piece]:
    before, after = _cut(old), _cut(new)
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    return list(_pieces(matcher, before, after))


def _pieces(matcher: "difflib.SequenceMatcher[str]", before: list[str], after: list[str]) -> Iterator[Piece]:
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "equal":
            yield Piece("same", "".join(before[i:j]))
            continue
        if j > i:
            yield Piece("gone", "".join(before[i:j]))
        if m > k:
            yield Piece("new", "".join(after[k:m]))


def _cut(text: str) -> list[str]:
    """Tags and placeholders are words of their own."""
    words = _WORDS.findall(text)
    return words if len(words) <= _MOST_WORDS else text.splitlines(keepends=True)
