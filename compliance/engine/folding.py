"""Writing a text the one way phrases are written, however it was disguised, with a map back.

Folded: compatibility forms (full width, ligatures, mathematical letters), look-alike letters to Latin,
accents off, lower case, invisible characters gone, every dash `-`, every quote `'` or `"`, every space
one kind. Kana keep their voicing marks: in Japanese they are letters, not accents."""

import functools
import html
import itertools
import unicodedata
from collections.abc import Iterator

import regex

# Letters of other scripts that a Latin reader cannot tell from Latin ones (from Unicode's confusables, read
# 2026-11-23),
# and Latin letters that do not decompose. Only what a person would misread is here: a Russian text stays
# unreadable
# to Latin phrases, which is right, for another language goes to a person anyway.
_LOOKALIKES = {
    **dict(zip("абвгдеёзикмнорстухіјѕԁԛԝһӏєґъьүөғқңҳ", "a6brgee3ukmhopctyxijsdqwhleg'byoFkhx", strict=True)),
    **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "abezhikmnoptyx", strict=True)),
    **dict(zip("αβγεικνορτυχωάέίόύώ", "abyeikvoptuxwaeiouw", strict=True)),
    **dict(zip("АВЕЅІЈКМНОРСТУХԌԚԜ", "abesijkmhopctyxgqw", strict=True)),
    **dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz", strict=True)),
    **dict(zip("ɑɡɩıłđħŋøŧƒɐǝɛɾʋℓօսոհցяՏ", "agiildhnotfaeerulounhgas", strict=True)),
    "ß": "ss", "ẞ": "ss",
    "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "þ": "th", "Þ": "th", "ð": "d", "Ð": "d",
    "Ł": "l", "Đ": "d", "Ħ": "h", "Ø": "o", "İ": "i",
}  # fmt: skip
_DASHES = dict.fromkeys("‐‑‒–—―−﹘﹣－⁃", "-")
_QUOTES = {**dict.fromkeys("‘’‚‛′ʼ`´ʹ＇", "'"), **dict.fromkeys("“”„‟″＂«»", '"')}
_KEPT_ACCENTS = range(0x3099, 0x309B)


def _fold_char(char: str) -> str:
    for table in (_LOOKALIKES, _DASHES, _QUOTES):
        if char in table:
            return table[char].lower()
    if is_invisible(char):
        return ""
    if char.isspace():
        return "\n" if char in "\n\r\u2028\u2029" else " "
    return "".join(_fold_plain(part) for part in unicodedata.normalize("NFKC", char))


def _fold_plain(char: str) -> str:
    decomposed = unicodedata.normalize("NFD", char)
    if len(decomposed) > 1 and not 0x3040 <= ord(char) <= 0x30FF:
        char = "".join(c for c in decomposed if not unicodedata.combining(c)) or char
    elif unicodedata.combining(char) and ord(char) not in _KEPT_ACCENTS:
        return ""
    char = char.lower()
    return "".join(_LOOKALIKES.get(c, _DASHES.get(c, _QUOTES.get(c, c))) for c in char)


def is_invisible(char: str) -> bool:
    """True for what takes no room on the page: zero-width, soft hyphen, joiners, direction marks, fillers."""
    return unicodedata.category(char) == "Cf" or char in _FILLERS or 0xFE00 <= ord(char) <= 0xFE0F


_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\u180b\u180c\u180d\u180f\x00")


class _Table(dict[int, str]):
    """`str.translate` table that folds a character the first time it is met."""

    def __missing__(self, codepoint: int) -> str:
        folded = _fold_char(chr(codepoint))
        if len(self) < 20_000:  # bounded: a hostile text cannot fill the memory
            self[codepoint] = folded
        return folded


_TABLE = _Table()


def fold(text: str) -> str:
    return text.translate(_TABLE)


def fold_with_map(text: str) -> tuple[str, list[int] | None]:
    """The folded text and, for each of its characters, the offset in `text`. None means: the same offset."""
    if "&" in text and _ENTITY.search(text):
        read, before = _unescaped(text)
        return _over(before, fold_with_map(read) if read != text else _fold(text))
    if _REVERSE in text:
        read, before = _turned(text)
        return _over(before, _fold(read))
    return _fold(text)


def _fold(text: str) -> tuple[str, list[int] | None]:
    if text.isascii() and "\x00" not in text:
        return text.translate(_TABLE), None
    folded = text.translate(_TABLE)
    if len(folded) == len(text) and all(len(_TABLE[ord(c)]) == 1 for c in set(text)):
        return folded, None
    return _fold_slowly(text)


def _over(before: list[int], found: tuple[str, list[int] | None]) -> tuple[str, list[int]]:
    """What was found in a text that itself stands for another; `before` leads there."""
    folded, offsets = found
    return folded, before if offsets is None else [before[at] for at in offsets]


# A reference that stands on the page as it is: it was escaped twice, and the next program undoes it.
_ENTITY = regex.compile(r"&(?:\#[0-9]{2,7}|\#[xX][0-9a-fA-F]{2,6}|[A-Za-z]{2,8});")


def _unescaped(text: str) -> tuple[str, list[int]]:
    parts: list[str] = []
    offsets: list[int] = []
    done = 0
    for match in _ENTITY.finditer(text):
        meaning = html.unescape(match[0])
        if meaning == match[0] or "&" in meaning:
            continue
        parts += [text[done : match.start()], meaning]
        offsets += [*range(done, match.start()), *[match.start()] * len(meaning)]
        done = match.end()
    return "".join([*parts, text[done:]]), [*offsets, *range(done, len(text))]


_REVERSE = "\u202e"
_TURNED = regex.compile(r"\u202e([^\u202c\u202e\n]{1,500})\u202c?")


def _turned(text: str) -> tuple[str, list[int]]:
    """What stands after a right-to-left override is read from its end."""
    order: list[int] = []
    done = 0
    for match in _TURNED.finditer(text):
        start, end = match.span(1)
        order += [*range(done, match.start()), *range(end - 1, start - 1, -1)]
        done = match.end()
    order += [at for at in range(done, len(text)) if text[at] != _REVERSE]
    return "".join(text[at] for at in order), order


def _fold_slowly(text: str) -> tuple[str, list[int]]:
    pieces = [_TABLE[ord(char)] for char in text]
    repeated = map(itertools.repeat, itertools.count(), map(len, pieces))
    return "".join(pieces), list(itertools.chain.from_iterable(repeated))


# Letters set apart one by one by the same sign ("r e v i e w", "g.i.f.t"): at least four, each a word of its own.
_SIGNS = r"[ \n._*·+~|/\\,:'-]"
_SPACED = regex.compile(rf"(?<!\w)\p{{L}}({_SIGNS}{{1,2}}+)\p{{L}}(?!\w)(?:\1\p{{L}}(?!\w)){{2,}}+")
_SPACED_HINT = regex.compile(rf"(?<!\w)\p{{L}}{_SIGNS}{{1,2}}+\p{{L}}(?!\w){_SIGNS}{{1,2}}+\p{{L}}(?!\w)")


def unspace(text: str, offsets: list[int] | None) -> tuple[str, list[int] | None]:
    """Closes up words written with their letters apart."""
    found = list(_SPACED.finditer(text)) if _SPACED_HINT.search(text) is not None else []
    if not found:
        return text, offsets
    gone = {at for match in found for at in range(*match.span()) if not text[at].isalpha()}
    offsets = list(range(len(text))) if offsets is None else offsets
    kept = [at for at in range(len(text)) if at not in gone]
    return "".join(text[at] for at in kept), [offsets[at] for at in kept]


_DIGITS = str.maketrans("013457", "oieast")
MIXED = regex.compile(r"\p{L}[013457]++\p{L}")


def readings(word: str, *, is_closed_up: bool) -> Iterator[str]:
    """What a disguised word may be read as: digits stand for letters ("r3v1ew"); a letter before or after it belongs to
    another word ("a g i f t", closed up)."""
    yield word.translate(_DIGITS)
    if is_closed_up:
        yield word[1:]
        yield word[:-1]


@functools.lru_cache(maxsize=4096)
def fold_phrase(phrase: str) -> str:
    """A phrase as it is searched for: folded, single spaces."""
    return " ".join(fold(phrase).split())
