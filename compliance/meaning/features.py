"""A sentence as numbers: hashed pieces of its letters and words, and the phrases said in it.

Every piece is a stretch of the sentence's plain form, so that one running sum of its letters gives the hash of each:
hash(i, j) = (sum[j] - sum[i]) / P^i, in 64 bits. That makes reading a sentence a handful of array operations."""

import dataclasses
import zlib
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import regex

from compliance.engine import asks
from compliance.engine.document import Sentence

Ids = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]

BITS = 16
PHRASES = 1 << 15
"""Phrases have a room of their own, after that of letters and words: they are few and say most."""
BUCKETS = (1 << BITS) + PHRASES
LETTERS = (2, 3, 4, 5)
"""Lengths of the pieces of letters; they run over spaces, so that the ends of neighbouring words are in one piece."""
SKIPS = (2, 3, 4)
"""Word pairs with one to three words between them, in their order."""
STEM = 6
"""Letters of a word that are its stem: enough to tell words, few enough to lose most endings."""
LONGEST = 2048
"""Characters that are read; the engine cuts sentences before."""

_PRIME = 0x9E3779B97F4A7C15 | 1
_MIX = np.uint64(0xD6E8FEB86659FD93)
_ALL = (1 << 64) - 1


def _powers(base: int) -> Hashes:
    powers = [1]
    for _ in range(LONGEST + 2):
        powers.append(powers[-1] * base & _ALL)
    return np.array(powers, dtype=np.uint64)


_POWERS, _INVERSES = _powers(_PRIME), _powers(pow(_PRIME, -1, 1 << 64))
_BETWEEN = regex.compile(r"(?<=[\p{Han}\p{Hiragana}\p{Katakana}ー]) (?=[\p{Han}\p{Hiragana}\p{Katakana}ー])")
_NUMBER = regex.compile(r"\d+")


@dataclasses.dataclass(frozen=True, slots=True)
class Pieces:
    """Buckets of a sentence's pieces, each once: of letters, of words, of phrases said. `stems` are hashes of its words'
    stems, in their order, different in each language."""

    letters: Ids
    words: Ids
    phrases: Ids
    stems: Hashes


def plain(sentence: Sentence) -> str:
    """The sentence's words as they are compared: folded, numbers as `0`, names as one sign, `?` kept."""
    return plain_of(sentence.tokens, is_question=sentence.is_question)


def plain_of(tokens: Sequence[str], *, is_question: bool) -> str:
    text = _NUMBER.sub("0", " ".join(tokens))
    if not text.isascii():
        text = _BETWEEN.sub("", text)
    return f" {text} ? " if is_question else f" {text} "


def said(sentence: Sentence) -> tuple[str, ...]:
    """Names of the groups of phrases said in it; `no:` before those that are only said to be denied."""
    names = []
    for group, found in sentence.said.items():
        names.append(group if any(not asks.is_denied(one) for one in found) else f"no:{group}")
    return tuple(sorted(names))


def language_of(sentence: Sentence) -> str:
    """In which its stems are looked up: the buyer's."""
    return next((name for name in sentence.view.languages if name != "any"), "")


def pieces(text: str, groups: Sequence[str] = (), language: str = "") -> Pieces:
    """`text` in plain form, `groups` as `said` names them."""
    text = text[:LONGEST]
    codes = np.frombuffer(text.encode("utf-32-le", "replace"), dtype=np.uint32).astype(np.uint64)
    sums = np.zeros(len(codes) + 1, dtype=np.uint64)
    np.cumsum(codes * _POWERS[: len(codes)], out=sums[1:])
    starts, ends = word_spans(codes)
    stems = _mixed(_hash(sums, starts, np.minimum(ends, starts + STEM)), zlib.crc32(language.encode()))
    return Pieces(_letters(sums), _words(starts, ends, sums), _phrases(groups), stems)


def stem_keys(stems: Hashes) -> npt.NDArray[np.uint32]:
    """What of their hashes a model keeps."""
    return (stems >> np.uint64(32)).astype(np.uint32)


def _hash(sums: Hashes, start: Ids, end: Ids) -> Hashes:
    return (sums[end] - sums[start]) * _INVERSES[start]


def _letters(sums: Hashes) -> Ids:
    size = len(sums) - 1
    found = [
        (sums[length:] - sums[:-length]) * _INVERSES[: size - length + 1] + np.uint64(length)
        for length in LETTERS
        if length <= size
    ]
    return _buckets(found, 1)


def word_spans(codes: npt.NDArray[np.uint64]) -> tuple[Ids, Ids]:
    """Starts and ends of the words of a plain text."""
    is_space = codes == np.uint64(32)
    edges = np.flatnonzero(is_space)
    starts, ends = edges[:-1] + 1, edges[1:]
    kept = ends > starts
    return starts[kept], ends[kept]


def _words(starts: Ids, ends: Ids, sums: Hashes) -> Ids:
    if not len(starts):
        return np.zeros(0, dtype=np.int64)
    single = _hash(sums, starts, ends)
    found = [single + np.uint64(11)]
    if len(starts) > 1:
        found.append(_hash(sums, starts[:-1], ends[1:]) + np.uint64(12))
    found += [
        single[:-skip] * np.uint64(3) + single[skip:] * np.uint64(7) + np.uint64(13)
        for skip in SKIPS
        if len(single) > skip
    ]
    return _buckets(found, 2)


def _phrases(groups: Sequence[str]) -> Ids:
    names = [*groups, *(f"{a}&{b}" for at, a in enumerate(groups) for b in groups[at + 1 :])]
    return np.array(
        sorted({BUCKETS - 1 - zlib.crc32(name.encode()) % PHRASES for name in names}), dtype=np.int64
    )


def _buckets(found: Iterable[Hashes], salt: int) -> Ids:
    hashes = np.concatenate([*found, np.zeros(0, dtype=np.uint64)])
    return np.unique((_mixed(hashes, salt) >> np.uint64(64 - BITS)).astype(np.int64))


def _mixed(hashes: Hashes, salt: int) -> Hashes:
    return (hashes ^ (hashes >> np.uint64(29)) ^ np.uint64(salt)) * _MIX
