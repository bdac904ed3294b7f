"""Text as it runs on the page: white space collapsed, a new line at each block, each word with its place in the source."""

import regex

from compliance.engine import markup
from compliance.engine.computed import UNSEEN
from compliance.engine.elements import Element, Tree, Words
from compliance.engine.spans import SpanMap

Order = list[Element | tuple[Element, str]]
"""Elements as they begin and text nodes, in document order."""

_BLANK = regex.compile(r"[ \t\n\r\f]{2,}|[\t\n\r\f]")
"""White space that does not stand as it is; a single space does."""
_READ_ALL_THE_SAME = frozenset(
    {"textarea", "option", "title", "noembed", "noframes", "xmp", "audio", "video", "canvas"}
)
"""Not part of the page as we show it, yet some client shows these words."""


class _Flow:
    def __init__(self) -> None:
        self.parts: list[str] = []
        self.spans = SpanMap()
        self.last = "\n"
        self.block: Element | None = None

    def put(self, text: str, source: tuple[int, int]) -> None:
        self.parts.append(text)
        self.spans.add(len(text), *source)
        self.last = text[-1]

    def line(self, at: int, *, always: bool = False) -> None:
        if always or self.last != "\n":
            self.put("\n", (at, at))


class Layout:
    def __init__(self, scanned: markup.Scanned, order: Order, elements: list[Element]) -> None:
        self.scanned, self.order, self.elements = scanned, order, elements
        self.visible, self.hidden = _Flow(), _Flow()
        self.cursor = 0
        self.searches = 200
        self.words: list[Words] = []
        self.reached = 0
        self.is_out_of_order = False
        """Some words do not stand in the source where their order in the tree says; their places are guesses."""

    def tree(self) -> Tree:
        for item in self.order:
            if isinstance(item, Element):
                if item.end and item.start < self.reached:
                    self.is_out_of_order = True
                if item.block is item:
                    self._begin(item)
            else:
                self._text(*item)
        return Tree(
            self.elements, "".join(self.visible.parts), self.visible.spans,
            "".join(self.hidden.parts), self.hidden.spans, self._link_spans(), self.words,
        )  # fmt: skip

    def read_aside(self, text: str, spans: SpanMap, offset: int) -> None:
        """Words of a part that only some client shows; `spans` are theirs, `offset` where the part begins."""
        flow = self.hidden
        flow.line(offset)
        flow.parts.append(text)
        flow.spans.extend(spans, 0, spans.size, shift=offset)
        flow.last = text[-1]

    def _begin(self, element: Element) -> None:
        flow = self.hidden if element.is_hidden else self.visible
        flow.line(element.start, always=element.tag == "br")

    def _text(self, element: Element, text: str) -> None:
        if element.tag in UNSEEN and element.tag not in _READ_ALL_THE_SAME:
            return
        if element.tag in markup.RAW:
            self._raw(element, text)
            return
        pieces = self.scanned.pieces(text) if self.scanned.sign else [(text, self._find(text))]
        is_hidden = element.is_hidden or (element.tag == "details" and "open" not in element.attributes)
        flow = self.hidden if is_hidden else self.visible
        block = element if is_hidden else element.block or element
        if flow.block is not None and block is not flow.block:
            flow.line(self._source(pieces[0][1])[0])
        flow.block = block
        start = flow.spans.size
        for piece, at in pieces:
            self._flow(flow, piece, at, keep=element.is_preformatted)
        self.words.append(Words(element, start, flow.spans.size, is_hidden))

    def _raw(self, element: Element, text: str) -> None:
        """Text the scanner passes over: it stands for its whole tag."""
        if words := " ".join(text.split()):
            self.hidden.line(element.start)
            self.hidden.put(words, (element.start, element.end))
            self.hidden.block = element

    def _flow(self, flow: _Flow, text: str, at: int, *, keep: bool) -> None:
        done = 1 if text[:1] == " " and not keep and flow.last in " \n" else 0
        for blank in () if keep else _BLANK.finditer(text):
            if blank.end() <= done:
                continue
            self._copy(flow, text, done, blank.start(), at)
            if flow.last not in " \n":
                flow.put(" ", self._source(at + blank.start(), at + blank.end()))
            done = blank.end()
        self._copy(flow, text, done, len(text), at)

    def _copy(self, flow: _Flow, text: str, start: int, end: int, at: int) -> None:
        if start >= end:
            return
        flow.parts.append(text[start:end] if start or end < len(text) else text)
        flow.last = text[end - 1]
        known = max(0, min(at + end, self.scanned.spans.size) - at - start)
        flow.spans.extend(self.scanned.spans, at + start, at + start + known)
        if known < end - start:  # only where the parser moved text
            flow.spans.add(end - start - known, *self._source(self.scanned.spans.size))

    def _find(self, text: str) -> int:
        """Where the scanned text holds a text node. They agree in order but where the parser moved things."""
        whole = self.scanned.text
        at = self.cursor if whole.startswith(text, self.cursor) else -1
        if at < 0 and self.searches and not text.isspace():
            self.searches -= 1
            at = whole.find(text, self.cursor)
            at = whole.find(text) if at < 0 else at
        if at < 0:
            self.is_out_of_order = self.is_out_of_order or not text.isspace()
            return self.cursor
        self.cursor = at + len(text)
        self.reached = self._source(at)[0] if text.strip() else self.reached
        return at

    def _source(self, start: int, end: int | None = None) -> tuple[int, int]:
        return self.scanned.spans.source(start, start if end is None else end)

    def _link_spans(self) -> dict[int, tuple[int, int]]:
        found: dict[int, tuple[int, int]] = {}
        links = {id(e): at for at, e in enumerate(self.elements) if e.tag == "a"}
        for words in self.words if links else ():
            if words.is_hidden:
                continue
            element: Element | None = words.element
            while element is not None:
                at = links.get(id(element))
                if at is not None:
                    start = found.get(at, (words.start, 0))[0]
                    found[at] = (start, words.end)
                element = element.parent
        return found
