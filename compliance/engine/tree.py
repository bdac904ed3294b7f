"""The elements of a mail as a client lays them out, and the text a buyer reads, each with its place in
the source."""

import dataclasses
from collections.abc import Iterator, Mapping

import regex
from selectolax.lexbor import LexborHTMLParser, LexborNode

from compliance.engine import markup, styles
from compliance.engine.errors import TooLarge
from compliance.engine.spans import SpanMap

_UNSEEN = frozenset(
    [
        "script",
        "style",
        "head",
        "title",
        "template",
        "textarea",
        "select",
        "option",
        "xmp",
        "iframe",
        "noembed",
        "noframes",
        "meta",
        "link",
    ]
)
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
_PREFORMATTED = frozenset({"pre", "textarea", "listing", "plaintext"})
_BLANK = regex.compile(r"[ \t\n\r\f]{2,}|[\t\n\r\f]")
"""White space that does not stand as it is; a single space does."""


@dataclasses.dataclass(eq=False, slots=True)
class Element:
    """`start`, `end`: the start tag's offsets in the source (0, 0 where the parser supplied the element
    itself)."""

    tag: str
    attributes: Mapping[str, str | None]
    parent: "Element | None"
    start: int
    end: int
    declared: dict[str, styles.Declaration] = dataclasses.field(default_factory=dict)
    is_hidden: bool = False
    is_preformatted: bool = False
    block: "Element | None" = None
    """The nearest block around (or the element itself); None outside any."""

    def __post_init__(self) -> None:
        parent = self.parent
        self.is_preformatted = self.tag in _PREFORMATTED or (parent is not None and parent.is_preformatted)
        self.block = self if self.tag in _BLOCKS else parent and parent.block

    def attribute(self, name: str) -> str:
        return self.attributes.get(name) or ""

    def style(self, name: str) -> str:
        """The element's computed value of a property, inherited where CSS inherits it; "" where nothing
        is said."""
        element: Element | None = self
        while element is not None:
            if declaration := element.declared.get(name):
                return declaration.value
            element = element.parent if name in styles.INHERITED else None
        return ""

    def ancestors(self) -> Iterator["Element"]:
        element = self.parent
        while element is not None:
            yield element
            element = element.parent


@dataclasses.dataclass(slots=True)
class Words:
    """One text node: what it says, in which element, and where `Tree.text` holds it."""

    element: Element
    start: int
    end: int
    is_hidden: bool


@dataclasses.dataclass(slots=True)
class Tree:
    elements: list[Element]
    visible: str
    visible_spans: SpanMap
    hidden: str
    hidden_spans: SpanMap
    links: dict[int, tuple[int, int]]
    """For each `a` (by its position in `elements`), the span of its words in the visible text."""
    words: list[Words]

    def named(self, *tags: str) -> list[Element]:
        return [element for element in self.elements if element.tag in tags]


def read(source: str) -> Tree:
    """Raises TooLarge."""
    source = source.replace("\r\n", " \n").replace("\r", "\n").replace("\x00", "\ufffd")
    scanned = markup.scan(source)
    return _Reader(scanned).read()


class _Reader:
    def __init__(self, scanned: markup.Scanned) -> None:
        self.scanned = scanned
        self.parser = LexborHTMLParser(scanned.marked)
        self.elements: list[Element] = []
        self.by_id: dict[int, Element] = {}
        self.texts: list[tuple[Element | None, str]] = []
        self.order: list[Element | tuple[Element, str]] = []

    def read(self) -> Tree:
        self._walk()
        self._style()
        for element in self.elements:
            element.is_hidden = _is_hidden(element)
        return _Layout(self.scanned, self.order, self.elements).tree()

    def _walk(self) -> None:
        """Children first in, document order out; no recursion, for a text may nest deeply."""
        root = self.parser.root
        stack: list[tuple[LexborNode, Element | None, int]] = [(root, None, 0)] if root else []
        while stack:
            node, parent, depth = stack.pop()
            if depth > markup.DEPTH_LIMIT:
                raise TooLarge("the nesting of tags", depth, markup.DEPTH_LIMIT)
            if node.next is not None:
                stack.append((node.next, parent, depth))
            if node.is_text_node and parent is not None:
                self.order.append((parent, node.text_content or ""))
            elif node.is_element_node:
                element = self._element(node, parent)
                if node.child is not None:
                    stack.append((node.child, element, depth + 1))

    def _element(self, node: LexborNode, parent: Element | None) -> Element:
        attributes = node.attributes
        start = int(attributes.pop(markup.MARK, None) or 0) if markup.MARK in attributes else 0
        end = self.scanned.tags.get(start, 0) if attributes or start else 0
        element = Element((node.tag or "").lower(), attributes, parent, start, end)
        self.elements.append(element)
        self.by_id[node.mem_id] = element
        self.order.append(element)
        return element

    def _style(self) -> None:
        for rule in self._rules():
            for node in _select(self.parser, rule.selector):
                if element := self.by_id.get(node.mem_id):
                    _declare(element, rule.declarations)
        for element in self.elements:
            if style := element.attribute("style"):
                _declare(element, styles.inline(style))

    def _rules(self) -> list[styles.StyleRule]:
        rules = [rule for node in self.parser.css("style") for rule in styles.sheet(node.text(deep=True))]
        return sorted(rules, key=lambda rule: rule.specificity)


def _select(parser: LexborHTMLParser, selector: str) -> list[LexborNode]:
    try:
        return parser.css(selector)
    except Exception:  # noqa: BLE001 (a selector lexbor cannot read applies to nothing; clients ignore it as well)
        return []


def _declare(element: Element, declarations: tuple[styles.Declaration, ...]) -> None:
    for declaration in declarations:
        known = element.declared.get(declaration.name)
        if known is None or declaration.is_important >= known.is_important:
            element.declared[declaration.name] = declaration


def _is_hidden(element: Element) -> bool:
    if element.tag in _UNSEEN or (element.parent is not None and element.parent.is_hidden):
        return True
    if "hidden" in element.attributes:
        return True
    return bool(element.declared) and (
        _is_switched_off(element) or _takes_no_room(element) or _is_camouflaged(element)
    )


def _is_switched_off(element: Element) -> bool:
    said = element.declared
    if _value(said, "display") == "none" or element.style("visibility") in ("hidden", "collapse"):
        return True
    opacity = styles.pixels(_value(said, "opacity"))
    return (opacity is not None and opacity < 0.05) or _value(said, "mso-hide") == "all"


def _takes_no_room(element: Element) -> bool:
    said = element.declared
    size = styles.pixels(_value(said, "font-size"))
    if size is not None and size < 2:
        return True
    if _value(said, "overflow") == "hidden" and any(
        styles.pixels(_value(said, name)) in (0.0, 1.0)
        for name in ("width", "height", "max-height", "max-width")
    ):
        return True
    return any(
        (styles.pixels(_value(said, name)) or 0) <= -900
        for name in ("left", "top", "text-indent", "margin-left")
    )


def _is_camouflaged(element: Element) -> bool:
    """Text in the colour of what is behind it. White is behind a mail where nothing else is said."""
    if "color" not in element.declared:
        return False
    text = styles.colour(element.declared["color"].value)
    behind = styles.colour(_background(element)) or (1.0, 1.0, 1.0, 1.0)
    return text is not None and (
        text[3] < 0.05 or all(abs(a - b) < 0.04 for a, b in zip(text[:3], behind[:3], strict=True))
    )


def _background(element: Element) -> str:
    for candidate in (element, *element.ancestors()):
        for name in ("background-color", "background"):
            if name in candidate.declared:
                return candidate.declared[name].value.split(" url(")[0]
        if candidate.attribute("bgcolor"):
            return candidate.attribute("bgcolor").lower()
    return "white"


def _value(declared: Mapping[str, styles.Declaration], name: str) -> str:
    return declared[name].value if name in declared else ""


class _Flow:
    """Text as it runs on the page: white space collapsed, a new line at each block."""

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


class _Layout:
    def __init__(
        self, scanned: markup.Scanned, order: list[Element | tuple[Element, str]], elements: list[Element]
    ) -> None:
        self.scanned, self.order, self.elements = scanned, order, elements
        self.visible, self.hidden = _Flow(), _Flow()
        self.cursor = 0
        self.searches = 200
        self.words: list[Words] = []
        self.links: dict[int, tuple[int, int]] = {}

    def tree(self) -> Tree:
        for item in self.order:
            if isinstance(item, Element):
                self._begin(item)
            else:
                self._text(*item)
        return Tree(
            self.elements, "".join(self.visible.parts), self.visible.spans,
            "".join(self.hidden.parts), self.hidden.spans, self._link_spans(), self.words,
        )  # fmt: skip

    def _begin(self, element: Element) -> None:
        if element.tag in _BLOCKS:
            flow = self.hidden if element.is_hidden else self.visible
            flow.line(element.start, always=element.tag == "br")

    def _text(self, element: Element, text: str) -> None:
        if element.tag in _UNSEEN:
            return
        at = self._find(text)
        flow = self.hidden if element.is_hidden else self.visible
        block = element if element.is_hidden else element.block or element
        if flow.block is not None and block is not flow.block:
            flow.line(self._source(at)[0])
        flow.block = block
        start = flow.spans.size
        self._flow(flow, text, at, keep=element.is_preformatted)
        self.words.append(Words(element, start, flow.spans.size, element.is_hidden))

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
        flow.parts.append(text[start:end])
        flow.last = text[end - 1]
        known = max(0, min(at + end, self.scanned.spans.size) - at - start)
        flow.spans.extend(self.scanned.spans, at + start, at + start + known)
        flow.spans.add(
            end - start - known, *self._source(self.scanned.spans.size)
        )  # only where the parser moved text

    def _find(self, text: str) -> int:
        """Where the scanned text holds a text node. They agree in order but where the parser moved things."""
        whole = self.scanned.text
        at = self.cursor if whole.startswith(text, self.cursor) else -1
        if at < 0 and self.searches and not text.isspace():
            self.searches -= 1
            at = whole.find(text, self.cursor)
            at = whole.find(text) if at < 0 else at
        if at < 0:
            return self.cursor
        self.cursor = at + len(text)
        return at

    def _source(self, start: int, end: int | None = None) -> tuple[int, int]:
        return self.scanned.spans.source(start, start if end is None else end)

    def _link_spans(self) -> dict[int, tuple[int, int]]:
        found: dict[int, tuple[int, int]] = {}
        links = {id(e): at for at, e in enumerate(self.elements) if e.tag == "a"}
        for words in self.words if links else ():
            for element in (words.element, *words.element.ancestors()):
                at = links.get(id(element))
                if at is not None and not words.is_hidden:
                    start = found.get(at, (words.start, 0))[0]
                    found[at] = (start, words.end)
        return found
