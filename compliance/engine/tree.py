"""A mail's HTML as a client lays it out: elements with their styles, and the text a buyer reads."""

import regex
from selectolax.lexbor import LexborHTMLParser, LexborNode

from compliance.engine import markup, styles
from compliance.engine.computed import PLAIN, compute
from compliance.engine.elements import Element, Tree, Words
from compliance.engine.errors import TooLarge
from compliance.engine.layout import Layout, Order

__all__ = ["Element", "Tree", "Words", "read"]

STYLES_LIMIT = 32 * 1024
"""Characters of style sheets. Gmail reads 16 KB of them (its own help, read 2026-11-25)."""
INLINE_LIMIT = 64 * 1024
"""Characters of style attributes that differ from each other."""
RULES_LIMIT = 500
_AT_MOST_ASIDE = 20
# What Outlook alone reads; the other kind ("<!--[if !mso]><!-->") shows its content to everybody.
_CONDITIONAL = regex.compile(
    r"<!--\[if\b[^\]>]{0,200}\]>(?!<!)(.{0,20000}?)<!\[endif\]-->", regex.DOTALL | regex.IGNORECASE
)


def read(source: str) -> Tree:
    """Raises TooLarge."""
    source = source.replace("\r\n", " \n").replace("\r", "\n").replace("\x00", "\ufffd")
    tree, layout = _laid_out(source)
    if "<!--[" in source:
        _read_conditional(source, tree, layout)
    return tree


def _laid_out(source: str) -> tuple[Tree, Layout]:
    """Words are found in the source by their order. Where a client moves some (out of a table), they are marked and all is
    read once more."""
    tree, layout = _Reader(source).read()
    return _Reader(source, marks_words=True).read() if layout.is_out_of_order else (tree, layout)


def _read_conditional(source: str, tree: Tree, layout: Layout) -> None:
    """Words, links and pictures in a comment that some client reads as part of the page. Elements that only the reader put
    there (they have no place in the source) are left out, as parents too."""
    for number, match in enumerate(_CONDITIONAL.finditer(source)):
        if number == _AT_MOST_ASIDE:
            break
        part, _ = _laid_out(match[1])
        offset = match.start(1)
        for text, spans in ((part.visible, part.visible_spans), (part.hidden, part.hidden_spans)):
            if text.strip():
                layout.read_aside(text, spans, offset)
        for element in part.elements:
            if element.end:
                element.parent = next((one for one in element.ancestors() if one.end), None)
                element.start, element.end = element.start + offset, element.end + offset
                tree.elements.append(element)
    tree.hidden = "".join(layout.hidden.parts)
    tree.dressed = _dressed(tree.elements)


def _dressed(elements: list[Element]) -> list[Element]:
    return [e for e in elements if e.attributes or e.declared or e.sometimes or e.tag not in _BARE]


_BARE = PLAIN | {
    "html",
    "head",
    "body",
    "table",
    "thead",
    "tfoot",
    "th",
    "strong",
    "sup",
    "sub",
    "small",
    "hr",
    "pre",
}
"""Tags that say nothing without an attribute."""


class _Reader:
    def __init__(self, source: str, *, marks_words: bool = False) -> None:
        self.source = source
        self.scanned = markup.scan(source, marks_words=marks_words)
        self.parser = LexborHTMLParser(self.scanned.marked)
        self.elements: list[Element] = []
        self.by_id: dict[int, Element] = {}
        self.order: Order = []
        self.styled: list[tuple[Element, str]] = []
        self.has_sheets = False

    def read(self) -> tuple[Tree, Layout]:
        self._walk()
        rules = self._rules() if self.has_sheets else []
        for rule in rules:
            self._apply(rule)
        _refuse_long(
            sum(map(len, {style for _, style in self.styled})), INLINE_LIMIT, "the style attributes' length"
        )
        for element, style in self.styled:
            _declare(element, styles.inline(style))
        for element in self.elements:
            compute(element)
        layout = Layout(self.scanned, self.order, self.elements)
        tree = layout.tree()
        tree.generated = list(_generated(rules, self.source))
        tree.dressed = _dressed(self.elements)
        return tree, layout

    def _walk(self) -> None:
        """Children first in, document order out; no recursion, for a text may nest deeply."""
        root = self.parser.root
        stack: list[tuple[LexborNode, Element | None, int]] = [(root, None, 0)] if root else []
        order, pop, push = self.order.append, stack.pop, stack.append
        while stack:
            node, parent, depth = pop()
            if depth > markup.DEPTH_LIMIT:
                raise TooLarge("the nesting of tags", depth, markup.DEPTH_LIMIT)
            if (following := node.next) is not None:
                push((following, parent, depth))
            if node.is_element_node:
                element = self._element(node, parent)
                if (child := node.child) is not None:
                    push((child, element, depth + 1))
            elif parent is not None and node.is_text_node:
                order((parent, node.text_content or ""))

    def _element(self, node: LexborNode, parent: Element | None) -> Element:
        attributes = node.attributes
        mark = attributes.pop(markup.MARK, None) if attributes else None
        start = int(mark or 0) if mark is None or mark.isdigit() else 0
        end = self.scanned.tags.get(start, 0) if mark is not None else 0
        tag = (node.tag or "").lower()
        element = Element(tag, attributes, parent, start, end)
        self.elements.append(element)
        self.order.append(element)
        self.by_id[node.mem_id] = element
        if attributes and (style := attributes.get("style")):
            self.styled.append((element, style))
        self.has_sheets = self.has_sheets or tag == "style"
        return element

    def _apply(self, rule: styles.StyleRule) -> None:
        for node in _select(self.parser, rule.selector):
            if element := self.by_id.get(node.mem_id):
                _declare(element, rule.declarations, only_sometimes=rule.is_conditional)

    def _rules(self) -> list[styles.StyleRule]:
        sheets = [node.text(deep=True) for node in self.parser.css("style")]
        _refuse_long(sum(map(len, sheets)), STYLES_LIMIT, "the style sheets' length")
        rules = [rule for sheet in sheets for rule in styles.sheet(sheet)]
        if len(rules) > RULES_LIMIT:
            raise TooLarge("the number of style rules", len(rules), RULES_LIMIT)
        return sorted(rules, key=lambda rule: rule.specificity)


def _refuse_long(size: int, limit: int, what: str) -> None:
    if size > limit:
        raise TooLarge(f"{what} in characters", size, limit)


def _select(parser: LexborHTMLParser, selector: str) -> list[LexborNode]:
    try:
        return parser.css(selector)
    except Exception:  # noqa: BLE001 (a selector lexbor cannot read applies to nothing; clients ignore it as well)
        return []


def _declare(
    element: Element, declarations: tuple[styles.Declaration, ...], *, only_sometimes: bool = False
) -> None:
    if only_sometimes:
        into = element.sometimes = element.sometimes or {}
    else:
        into = element.declared = element.declared or {}
    for declaration in declarations:
        known = into.get(declaration.name)
        if known is None or declaration.is_important >= known.is_important:
            into[declaration.name] = declaration


_STRING = regex.compile(r""""([^"]{1,500})"|'([^']{1,500})'""")


def _generated(rules: list[styles.StyleRule], source: str) -> list[tuple[str, int, int]]:
    """What `content:` puts on the page, where its letters stand in the source as they are."""
    found = []
    for rule in rules:
        for declaration in rule.declarations:
            if declaration.name != "content":
                continue
            for match in _STRING.finditer(declaration.written):
                text = match[1] or match[2]
                at = source.find(text)
                found.append((text, at, at + len(text)) if at >= 0 else (text, 0, 0))
    return found
