"""Cutting a text into sentences, for languages that end them with a stop and for those that end them with
。"""

from collections.abc import Iterator

import regex

from compliance.engine.phrases import MASK

_ENDS = regex.compile(r"(?<![.!?…])[.!?…]++[\"')\]]*+(?=\s|$)|[。！？｡]++[」』）)]*+|\n++|[•·|](?=\s)")
# A stop after these ends no sentence. Single letters and numbers ("z. B.", "3.") are told by their shape.
_SHORT = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "dr",
        "prof",
        "st",
        "no",
        "nr",
        "bzw",
        "usw",
        "ca",
        "evtl",
        "ggf",
        "inkl",
        "zzgl",
        "str",
        "tel",
        "vgl",
        "etc",
        "vs",
        "approx",
        "e.g",
        "i.e",
        "z.b",
        "u.a",
        "d.h",
        "p.ej",
        "sr",
        "sra",
        "sig",
        "dott",
        "spett",
        "art",
        "n",
        "m",
        "mme",
        "mlle",
        "cd",
        "av",
        "ex",
        "p.ex",
        "np",
        "tzw",
        "itd",
        "godz",
        "ul",
        "sz",
        "ok",
        "bl.a",
        "t.ex",
        "d.v.s",
        "bv",
        "jl",
        "mw",
        "dhr",
        "nl",
        "örn",
        "vb",
    ]
)
LONGEST = 2000
"""Characters. Longer ones are cut, for what is said in one sentence is compared with all else said in it."""
_WRAPPED_LINE = 60
"""A single line end in plain text after a line at least this long is a wrapped line, not the end of a
sentence. Names do not count, so that a long product title does not change how a text is read."""


def split(text: str, *, wraps: bool) -> Iterator[tuple[int, int]]:
    """Spans of the sentences of a folded text. `wraps` says that a line may have been broken to fit a
    width."""
    start = 0
    for match in _ENDS.finditer(text):
        if _goes_on(text, start, match, wraps=wraps):
            continue
        yield from _trimmed(text, start, match.end())
        start = match.end()
    yield from _trimmed(text, start, len(text))


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    while end - start > LONGEST:
        cut = text.rfind(" ", start + 1, start + LONGEST)
        cut = cut if cut > 0 else start + LONGEST
        yield start, cut
        start = cut
    if start < end:
        yield start, end


def _goes_on(text: str, start: int, match: "regex.Match[str]", *, wraps: bool) -> bool:
    if match[0] == "\n":
        line = text[max(start, text.rfind("\n", 0, match.start()) + 1) : match.start()]
        return wraps and len(line) - line.count(MASK) >= _WRAPPED_LINE
    if match[0] == ".":
        word = text[max(start, match.start() - 12) : match.start()].split()[-1:]
        return bool(word) and (
            word[0] in _SHORT or (len(word[0]) == 1 and word[0].isalnum()) or word[0].isdigit()
        )
    return False
