"""Is that a word? Offline, from the lists that come with `wordfreq`: 60,000 to 630,000 forms a language.

A language's forms are kept as two bits each in four megabytes, so that eleven languages fit in a process: one word in
some hundreds that is none counts as one, which costs a hint and never a wrong one."""

import functools
import zlib
from collections.abc import Iterable, Iterator

_BITS = 25
_MASK = (1 << _BITS) - 1
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

    def __init__(self) -> None:
        self._bits = bytearray(1 << (_BITS - 3))

    def add(self, words: Iterable[str]) -> None:
        bits = self._bits
        for word in words:
            for at in _places(word):
                bits[at >> 3] |= 1 << (at & 7)

    def has(self, word: str) -> bool:
        bits = self._bits
        return all(bits[at >> 3] & 1 << (at & 7) for at in _places(word.casefold()))


def _places(word: str) -> tuple[int, int]:
    """The same in every process, as `hash` would not be: a text is judged alike wherever it is looked at."""
    seed = zlib.crc32(word.encode())
    return seed & _MASK, (seed * 0x9E3779B1 >> 7) & _MASK


class Dictionary:
    """One language's forms. Loading takes 0.1 to 0.5 s."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._forms, self._parts = _Bits(), _Bits()
        self._frequent: set[str] = set()
        enough = _FREQUENT_OF.get(language, _FREQUENT)
        for centibels, words in enumerate(_listed(language)):
            self._forms.add(words)
            if centibels <= _USUAL and language in _JOINED:
                self._parts.add(words)
            if centibels <= enough:
                self._frequent.update(words)

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


def _listed(language: str) -> list[list[str]]:
    import wordfreq  # slow to load, and a message of an approved version never needs it

    try:
        return wordfreq.get_frequency_list(language, "best")
    finally:
        wordfreq.get_frequency_list.cache_clear()
