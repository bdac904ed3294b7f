"""Is that a word? Offline, from the lists that come with `wordfreq`: 60,000 to 630,000 forms a language.

A language's forms are kept as two bits each in one to four megabytes, so that eleven languages fit in a process: one word in
some hundreds that is none counts as one, which costs a hint and never a wrong one."""

import functools
import itertools
import zlib
from collections.abc import Collection, Iterable, Iterator
from typing import Any

import numpy as np

from compliance.engine import wordlists

_ROOM = 32
"""Bits a word, at least: one word in 300 that is in no list seems to be in one."""
LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pl", "pt", "sv", "tr")
"""Japanese has no spelling to look up."""
_FREQUENT, _FREQUENT_OF = 500, {"de": 450, "tr": 450}
"""Hundredths of powers of ten: a word seen once in 100,000 or more often is one that may have been meant."""
_USUAL = 600
"""As above: rarer words are no parts of joined ones, for lists of this size hold scraps too."""
_JOINED = {
    "de": ("", "s", "n", "en", "er", "e", "es"),
    "nl": ("", "s", "en", "e", "n"),
    "sv": ("", "s", "o", "e"),
}
_SHORTEST_FIRST, _SHORTEST_LAST = 3, 4
_LETTERS = {
    "en": "", "de": "äöüß", "fr": "àâçéèêëîïôùûüœ", "es": "áéíñóúü", "it": "àèéìòù", "nl": "éëïö", "pl": "ąćęłńóśźż",
    "pt": "ãâáàçéêíõôóú", "sv": "åäö", "tr": "çğıöşü",
}  # fmt: skip
_LONG_ENOUGH = 6
"""A shorter word is easily another that is merely rare."""
_ONLY_SWAPS = frozenset({"tr"})
"""Turkish words have more endings than any list: a letter more or less makes another word."""
_LATIN = "abcdefghijklmnopqrstuvwxyz"


class _Bits:
    """A set of words of which only two bits each are kept."""

    def __init__(self, words: Collection[bytes]) -> None:
        room = max(1 << 12, len(words) * _ROOM)
        self._mask = (1 << room.bit_length()) - 1
        seeds = np.fromiter(map(zlib.crc32, words), dtype=np.uint64, count=len(words))
        bits = np.zeros(self._mask + 1, dtype=np.bool_)
        for places in _places(seeds, self._mask):
            bits[places] = True
        self._bits = np.packbits(bits, bitorder="little").tobytes()

    def has(self, word: str) -> bool:
        """The same in every process, as `hash` would not be: a text is judged alike wherever it is looked at."""
        bits = self._bits
        seed = zlib.crc32(word.casefold().encode())
        return all(bits[at >> 3] & 1 << (at & 7) for at in _places(seed, self._mask))


def _places(seed: Any, mask: int) -> tuple[Any, Any]:
    """Of one word's sum, or of an array of them."""
    return seed & mask, (seed * 0x9E3779B1 >> 7) & mask


class Dictionary:
    """One language's forms. Loading takes 0.05 to 0.2 s."""

    def __init__(self, language: str) -> None:
        self.language = language
        listed = wordlists.listed(language)
        self._forms = _Bits(_flat(listed))
        self._parts = _Bits(_flat(listed[: _USUAL + 1]) if language in _JOINED else ())
        frequent = b" ".join(_flat(listed[: _FREQUENT_OF.get(language, _FREQUENT) + 1]))
        del listed  # before words are kept, so that they do not hold on to the room of all others
        self._frequent = frozenset(frequent.decode().split(" "))

    def has(self, word: str) -> bool:
        return self._forms.has(word)

    def is_joined(self, word: str) -> bool:
        """Two words of the list written as one, as German, Dutch and Swedish do (`lieferverzug`)."""
        has = self._parts.has
        for joint in _JOINED.get(self.language, ()):
            for cut in range(_SHORTEST_FIRST, len(word) - _SHORTEST_LAST - len(joint) + 1):
                if word.startswith(joint, cut) and has(word[:cut]) and has(word[cut + len(joint) :]):
                    return True
        return False

    def meant(self, word: str) -> str:
        """A frequent word that is one slip of the fingers away; "" where there is none. Bounded: some 2,000 lookups."""
        return next((near for near in self._near(word) if near in self._frequent), "")

    def _near(self, word: str) -> Iterator[str]:
        cuts = [(word[:at], word[at:]) for at in range(1, len(word) + 1)]
        yield from (a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1 and b[0] != b[1])
        if len(word) < _LONG_ENOUGH or self.language in _ONLY_SWAPS:
            return
        yield from (a + b[1:] for a, b in cuts if b)
        letters = _LATIN + _LETTERS[self.language]
        yield from (a + letter + b for a, b in cuts for letter in letters)
        yield from (a + letter + b[1:] for a, b in cuts if b for letter in letters)


@functools.cache
def dictionary(language: str) -> Dictionary:
    return Dictionary(language)


def _flat(listed: Iterable[Iterable[bytes]]) -> list[bytes]:
    return list(itertools.chain.from_iterable(listed))
