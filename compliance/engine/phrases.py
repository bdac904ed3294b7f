"""Phrases per language, found all at once.

A file `rules/phrases/<name>.toml` has a table per language (`any` for all) of groups of phrases. In a
phrase `word*` and `*word` stand for words that begin or end so, `..` for a few words in between, `#` for
a number, and `(a|b|)` for either or nothing. Everything is folded before it is compared (see folding), so
`zufrieden` finds `ZUFRIEDEN` and `zufrіeden`. A rule asks for a group by `<name>.<group>`."""

import dataclasses
import functools
import itertools
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import ahocorasick_rs
import regex

from compliance.engine.errors import PhraseDataInvalid
from compliance.engine.folding import fold

FOLDER = Path(__file__).parent.parent / "rules" / "phrases"
LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pl", "pt", "sv", "ja", "tr")
"""The languages the rules read. A text in any other goes to a person."""

# One token: a masked stretch, a single Han or kana character (Japanese has no spaces), a word or number, or a
# sign.
TOKEN = regex.compile(
    r"\ue000+|[\p{Han}\p{Hiragana}\p{Katakana}ー]|[^\W_\p{Han}\p{Hiragana}\p{Katakana}ー]+|[★☆⭐✩✪✭✮✯%$€£¥]"
)
MASK = "\ue000"
_GAPS = {"ja": 12}
_GAP = 4
_KEPT = 60
"""Tokens; what is found in a longer sentence is not kept, so that a hostile text cannot fill the memory."""
_SHARED = frozenset({"any", "en"})
_ANYTHING = frozenset({"..", "#"})


Places = dict[int, list[tuple[int, int]]]
Part = tuple[str, ...]
"""What may stand in one place of a phrase: any of these."""


@dataclasses.dataclass(frozen=True, slots=True)
class Phrase:
    group: str
    parts: tuple[Part, ...]
    gaps: tuple[int, ...]
    """After each part but the last: at most so many tokens, or -1 for exactly one number."""


class _Layer:
    """The phrases of some languages in one automaton: the time does not grow with their number."""

    def __init__(self, languages: tuple[str, ...]) -> None:
        self.phrases = [phrase for language in languages for phrase in _phrases(language)]
        numbers: dict[str, int] = {}
        self._parts = [
            [tuple(numbers.setdefault(needle, len(numbers)) for needle in part) for part in phrase.parts]
            for phrase in self.phrases
        ]
        self._whole: dict[int, list[str]] = {}
        self._cut: dict[int, list[int]] = {}
        for number, (phrase, parts) in enumerate(zip(self.phrases, self._parts, strict=True)):
            for needle in parts[0 if len(parts) == 1 else _rarest(phrase)]:
                if len(parts) == 1:
                    self._whole.setdefault(needle, []).append(phrase.group)
                else:
                    self._cut.setdefault(needle, []).append(number)
        self.words = frozenset(word for needle in numbers for word in needle.split())
        self._automaton = ahocorasick_rs.AhoCorasick(list(numbers))

    def find(
        self, joined: str, owner: Sequence[int], tokens: Sequence[str]
    ) -> Iterator[tuple[str, int, int]]:
        places: Places = {}
        for part, start, end in self._automaton.find_matches_as_indexes(joined, overlapping=True):
            span = owner[start + (joined[start] == " ")], owner[end - 1 - (joined[end - 1] == " ")] + 1
            places.setdefault(part, []).append(span)
        asked: set[int] = set()
        for part, spans in places.items():
            for group in self._whole.get(part, ()):
                for first, last in spans:
                    yield group, first, last
            for number in self._cut.get(part, ()):
                if number not in asked:
                    asked.add(number)
                    yield from self._phrase(number, places, tokens)

    def _phrase(self, number: int, places: Places, tokens: Sequence[str]) -> Iterator[tuple[str, int, int]]:
        found: list[list[tuple[int, int]]] = []
        for part in self._parts[number]:
            spans = [span for needle in part if needle in places for span in places[needle]]
            if not spans:
                return
            found.append(spans)
        yield from _joined(self.phrases[number], found, tokens)


def _rarest(phrase: Phrase) -> int:
    """The part least likely to turn up by chance: the one whose shortest words are longest."""
    return max(range(len(phrase.parts)), key=lambda part: min(map(len, phrase.parts[part])))


class Lexicon:
    """Every phrase of the given languages. What is looked for in any text is kept once for all of them."""

    def __init__(self, languages: tuple[str, ...]) -> None:
        own = tuple(language for language in languages if language not in _SHARED)
        shared = tuple(language for language in languages if language in _SHARED)
        self._layers = [_layer(part) for part in (own, shared) if part]
        self._known = functools.lru_cache(maxsize=2048)(lambda tokens: tuple(self._find(tokens)))

    @property
    def phrases(self) -> list[Phrase]:
        return [phrase for layer in self._layers for phrase in layer.phrases]

    def has(self, word: str) -> bool:
        """Whether it stands in some phrase."""
        return any(word in layer.words for layer in self._layers)

    def find(self, tokens: list[str]) -> Iterable[tuple[str, int, int]]:
        """(group, first token, token after the last) for each phrase said in one sentence's tokens.

        Of sentences of common length the answers are kept: standard messages say the same again and again."""
        return self._known(tuple(tokens)) if len(tokens) <= _KEPT else self._find(tokens)

    def _find(self, tokens: Sequence[str]) -> Iterator[tuple[str, int, int]]:
        joined = " " + " ".join(tokens) + " "
        owner = _owners(tokens)
        for layer in self._layers:
            yield from layer.find(joined, owner, tokens)


def _owners(tokens: Sequence[str]) -> list[int]:
    """For each character of the joined tokens, the token it belongs to (a space to the one before it)."""
    owners = [0]
    for number, token in enumerate(tokens):
        owners.extend([number] * (len(token) + 1))
    return owners


def _joined(
    phrase: Phrase, places: list[list[tuple[int, int]]], tokens: Sequence[str]
) -> Iterator[tuple[str, int, int]]:
    ends = {last: first for first, last in places[0]}
    for position, gap in enumerate(phrase.gaps, start=1):
        reached: dict[int, int] = {}
        for first, last in places[position][:64]:
            for end, start in ends.items():
                if _fits(gap, end, first, tokens):
                    reached[last] = start
        ends = reached
    for last, first in ends.items():
        yield phrase.group, first, last


def _fits(gap: int, end: int, first: int, tokens: Sequence[str]) -> bool:
    if gap < 0:
        return first == end + 1 and tokens[end].isdigit()
    return 0 <= first - end <= gap


@functools.cache
def _layer(languages: tuple[str, ...]) -> _Layer:
    return _Layer(languages)


@functools.cache
def lexicon(languages: tuple[str, ...]) -> Lexicon:
    return Lexicon(languages)


@functools.cache
def _phrases(language: str) -> tuple[Phrase, ...]:
    """Raises PhraseDataInvalid naming file, language and phrase."""
    return tuple(phrase for path in sorted(FOLDER.glob("*.toml")) for phrase in _file(path, language))


@functools.cache
def _load(path: Path) -> dict[str, dict[str, list[str]]]:
    with path.open("rb") as file:
        try:
            return tomllib.load(file)
        except tomllib.TOMLDecodeError as error:
            raise PhraseDataInvalid(f"{path.name}: {error}") from error


def _file(path: Path, language: str) -> Iterator[Phrase]:
    for group, phrases in _load(path).get(language, {}).items():
        for written in phrases:
            try:
                yield from _compile(f"{path.stem}.{group}", written, language)
            except ValueError as error:
                raise PhraseDataInvalid(f"{path.name} [{language}] {written!r}: {error}") from error


def _compile(group: str, written: str, language: str) -> Iterator[Phrase]:
    """One phrase, as far as its choices stand between gaps; those within a part are written out."""
    if _WITHIN.search(written):  # a choice that holds a gap
        for variant in expand(written):
            yield from _compile(group, variant, language)
        return
    stretches, gaps = _stretches(written, _GAPS.get(language, _GAP))
    for parts in itertools.product(*(_variants(stretch) for stretch in stretches)):
        joints = [
            gap for (_, within), after in zip(parts, [*gaps, 0], strict=True) for gap in (*within, after)
        ]
        yield Phrase(group, tuple(part for stretch, _ in parts for part in stretch), tuple(joints[:-1]))


_BETWEEN = regex.compile(r"\s(\.\.|#)(?=\s)")
_WITHIN = regex.compile(r"\([^()]*(?:\.\.|#)[^()]*\)")


def _stretches(written: str, gap: int) -> tuple[list[str], list[int]]:
    """The words between the gaps, and the gaps."""
    *pairs, last = _BETWEEN.split(f" {written} ")
    stretches = [*pairs[::2], last]
    if not all(stretch.strip() for stretch in stretches):
        raise ValueError("a phrase begins and ends with words, with one gap between two of them")
    return stretches, [-1 if sign == "#" else gap for sign in pairs[1::2]]


def _variants(stretch: str) -> Iterator[tuple[list[Part], list[int]]]:
    """Ways of saying a stretch: those of one piece together, each of the others by itself."""
    alike: list[str] = []
    for variant in expand(stretch):
        parts, gaps = _cut(variant.split())
        needles = [_needle(tuple(part)) for part in parts]
        if len(needles) == 1:
            alike.append(needles[0])
        else:
            yield [(needle,) for needle in needles], gaps
    if alike:
        yield [tuple(dict.fromkeys(alike))], []


def _cut(words: list[str]) -> tuple[list[list[str]], list[int]]:
    """Words that stand together. A word cut short (`kart*`) ends its part: the next follows with no gap."""
    if not words or _ANYTHING & set(words):
        raise ValueError("a phrase begins and ends with words, with one gap between two of them")
    parts = [[words[0]]]
    for before, word in itertools.pairwise(words):
        if before.endswith("*") or word.startswith("*"):
            parts.append([word])
        else:
            parts[-1].append(word)
    return parts, [0] * (len(parts) - 1)


def _needle(words: tuple[str, ...]) -> str:
    tokens = [token for word in words for token in _tokens(word)]
    if not tokens:
        raise ValueError("there is no word in it")
    left = "" if words[0].startswith("*") else " "
    right = "" if words[-1].endswith("*") else " "
    return left + " ".join(tokens) + right


@functools.lru_cache(maxsize=4096)
def _tokens(word: str) -> list[str]:
    return TOKEN.findall(fold(word.replace("*", "")))


_CHOICE = regex.compile(r"\(([^()]*)\)")


def expand(written: str) -> list[str]:
    """`(a|b|) c` as `a c`, `b c`, `c`."""
    match = _CHOICE.search(written)
    if match is None:
        return [written]
    before, after = written[: match.start()], written[match.end() :]
    return [variant for choice in match[1].split("|") for variant in expand(before + choice + after)]
