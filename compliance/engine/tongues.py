"""Which language a sentence is in, told by its commonest words: offline, from the lists that come with `wordfreq`."""

import functools
import itertools
import math
from collections.abc import Sequence

import regex

from compliance.engine import wordlists
from compliance.engine.folding import fold

LANGUAGES = (
    "en", "de", "fr", "es", "it", "nl", "pl", "pt", "sv", "tr", "ru", "uk", "da", "nb", "fi", "cs", "sk", "hu", "ro", "bg",
    "el", "ca", "id", "vi", "ar", "he", "fa", "hi", "lt", "lv", "sh", "sl",
)  # fmt: skip
"""Those whose words are compared. Chinese, Japanese and Korean are told by their letters."""
SCRIPTED = ("ja", "ko", "zh")
_COMMONEST = 2_500
_STEP = math.log(10) / 100
_UNKNOWN = 14.0
"""The cost (negative natural logarithm of the frequency) of a word that is not among the commonest."""
_SCRIPTS = (
    ("ja", regex.compile(r"[\p{Hiragana}\p{Katakana}]")),
    ("ko", regex.compile(r"\p{Hangul}")),
    ("zh", regex.compile(r"\p{Han}")),
)
_TELLING = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]")


def by_script(text: str) -> str:
    """The language whose letters at least a third of the text is written in, if letters tell it; else ""."""
    if not _TELLING.search(text):
        return ""
    letters = sum(char.isalpha() for char in text)
    for language, pattern in _SCRIPTS:
        if sum(1 for _ in pattern.finditer(text)) * (8 if language == "ja" else 3) >= letters:
            return language
    return ""


@functools.lru_cache(maxsize=64)
def common(language: str) -> dict[str, float]:
    """Folded word to cost for a language's commonest words; empty for a language without a list. About 3 ms, once."""
    words: dict[str, float] = {}
    for word, rarity in wordlists.commonest("nb" if language == "no" else language, _COMMONEST):
        words.setdefault(fold(word), rarity * _STEP)
    return words


def cost(words: Sequence[str], language: str) -> float:
    """How unlikely the folded words are in a language, as a negative natural logarithm."""
    return sum(map(common(language).get, words, itertools.repeat(_UNKNOWN)))


def words_of(tokens: Sequence[str]) -> list[str]:
    return [token for token in tokens if len(token) > 1 and token.isalpha()]
