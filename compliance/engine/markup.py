"""Finding tags and text in HTML source with their offsets, as the HTML standard's tokeniser does (read
2026-11-23).

The tree is lexbor's; it knows no offsets. So each start tag is marked with its own before parsing, and
the text between tags is kept here to be laid beside the tree's."""

import dataclasses
import html

import regex

from compliance.engine.errors import TooLarge
from compliance.engine.spans import SpanMap

MARK = "data-permitted-at"
DEPTH_LIMIT = 256
TAG_LIMIT = 3_000
"""Ten times what a designed newsletter has."""

# Each alternative takes what it began to the end of the source if need be: no second try, so time is linear.
_TOKEN = regex.compile(
    r"""<!--(?:>|->|.*?(?:--!?>|\Z))
      | <[!?][^>]*+(?:>|\Z)
      | <(?P<close>/?)(?P<name>[A-Za-z][^\s/>]*+)
        (?:[\s/]++ | [^\s/>][^\s/>=]*+
           (?:\s*+=\s*+(?:"[^"]*+(?:"|\Z) | '[^']*+(?:'|\Z) | [^\s>"'][^\s>]*+)?+)?+)*+
        (?P<end>>|\Z)
      | </[^>A-Za-z][^>]*+(?:>|\Z)""",
    regex.VERBOSE | regex.DOTALL,
)
_ENTITY = regex.compile(r"&(?:#[0-9]{1,8};?|#[xX][0-9a-fA-F]{1,7};?|[A-Za-z][A-Za-z0-9]{0,40};?)")
_BLANK = frozenset(" \t\n\f\r")
RAW = frozenset({"script", "style", "xmp", "iframe", "noembed", "noframes", "textarea", "title", "plaintext"})
"""Tags whose content is no markup; its text is not scanned."""
VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
        "basefont",
        "bgsound",
        "frame",
        "keygen",
    ]
)
# Tags whose end may be left out; their count says nothing about depth.
_SELF_ENDING = frozenset(
    [
        "p",
        "li",
        "td",
        "tr",
        "th",
        "dt",
        "dd",
        "option",
        "optgroup",
        "thead",
        "tbody",
        "tfoot",
        "colgroup",
        "rt",
        "rp",
        "html",
        "head",
        "body",
    ]
)


@dataclasses.dataclass(slots=True)
class Scanned:
    """`marked` is the source with each start tag marked; `tags` the source end of the tag that starts at
    a key."""

    marked: str
    tags: dict[int, int]
    text: str
    spans: SpanMap
    sign: str = ""

    def pieces(self, words: str) -> list[tuple[str, int]]:
        """A text node of a tree whose words were marked, cut at the marks: each piece with its place in `text`."""
        found: list[tuple[str, int]] = []
        before, *marked = words.split(self.sign)
        for place, piece in zip(marked[::2], marked[1::2], strict=False):
            # White space before the first mark belongs to it; it stood unmarked, for it is no word to a tree builder.
            lead = before if not found else ""
            found.append((lead + piece, max(0, int(place) - len(lead))))
        return found or [(before, 0)]


def scan(source: str, *, marks_words: bool = False) -> Scanned:
    """Raises TooLarge where tags nest deeper than any mail does (a tree builder's time grows with the
    depth).

    `marks_words`: every stretch of words carries its place, too, for where a tree builder moves words about."""
    scanner = _Scanner(source, _unused_sign(source) if marks_words else "")
    scanner.run()
    return Scanned("".join(scanner.marked), scanner.tags, "".join(scanner.text), scanner.spans, scanner.sign)


def _unused_sign(source: str) -> str:
    """A letter of nobody's alphabet that the source does not have, so that no text can play a mark."""
    used = set(source)
    return next(sign for sign in map(chr, range(0xF0000, 0xFFFFD)) if sign not in used)


class _Scanner:
    def __init__(self, source: str, sign: str) -> None:
        self.source, self.sign = source, sign
        self.marked: list[str] = []
        self.tags: dict[int, int] = {}
        self.text: list[str] = []
        self.spans = SpanMap()
        self.depth = 0

    def run(self) -> None:
        at, source = 0, self.source
        while match := _TOKEN.search(source, at):
            self._words(at, match.start())
            at = match.end()
            if match["name"] is None:
                self.marked.append(match[0])
            elif match["close"]:
                self._close(match)
            else:
                at = self._open(match)
        self._words(at, len(source))

    def _words(self, start: int, end: int, *, decoded: bool = True) -> None:
        if start >= end:
            return
        words = self.source[start:end]
        self.marked.append(self._with_place(words) if self.sign else words)
        self._text(start, end, decoded=decoded)

    def _with_place(self, words: str) -> str:
        """In front of the first word: white space alone stays where it is, and is left as it is."""
        lead = next((at for at, letter in enumerate(words) if letter not in _BLANK), len(words))
        if lead == len(words):
            return words
        return f"{words[:lead]}{self.sign}{self.spans.size + lead}{self.sign}{words[lead:]}"

    def _text(self, start: int, end: int, *, decoded: bool) -> None:
        at = start
        while decoded and (match := _ENTITY.search(self.source, at, end)):
            meaning = html.unescape(match[0])
            self._piece(at, match.start())
            if meaning != match[0]:
                self._entity(match.start(), match.end(), meaning)
            else:
                self._piece(match.start(), match.end())
            at = match.end()
        self._piece(at, end)

    def _piece(self, start: int, end: int) -> None:
        if start < end:
            self.text.append(self.source[start:end])
            self.spans.add(end - start, start, end)

    def _entity(self, start: int, end: int, meaning: str) -> None:
        self.text.append(meaning)
        self.spans.add(len(meaning), start, end)

    def _close(self, match: "regex.Match[str]") -> None:
        self.marked.append(match[0])
        self.depth -= match["name"].lower() not in _SELF_ENDING and self.depth > 0

    def _open(self, match: "regex.Match[str]") -> int:
        name, start, end = match["name"].lower(), match.start(), match.end()
        if not match["end"]:  # the source ends inside the tag: it is no tag, and no text either
            return end
        name_end = match.end("name")
        self.tags[start] = end
        if len(self.tags) > TAG_LIMIT:
            raise TooLarge("the number of tags", len(self.tags), TAG_LIMIT)
        self.marked.append(f'{self.source[start:name_end]} {MARK}="{start}" {self.source[name_end:end]}')
        if name in RAW:
            return self._raw(name, end)
        self.depth += name not in _SELF_ENDING and name not in VOID
        if self.depth > DEPTH_LIMIT:
            raise TooLarge("the nesting of tags", self.depth, DEPTH_LIMIT)
        return end

    def _raw(self, name: str, at: int) -> int:
        closing = _closing(name).search(self.source, at)
        end = closing.start() if closing else len(self.source)
        self.marked.append(self.source[at:end])
        return end


def _closing(name: str) -> "regex.Pattern[str]":
    return _CLOSINGS[name]


_CLOSINGS = {name: regex.compile(rf"</{name}(?=[\s/>])", regex.IGNORECASE) for name in RAW}
_CLOSINGS["plaintext"] = regex.compile(r"(?!)")  # nothing ends it
