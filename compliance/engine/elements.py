"""What a mail's HTML consists of, once read: elements with their styles, text nodes, and the whole page."""

import dataclasses
from collections.abc import Iterator, Mapping

from compliance.engine import styles
from compliance.engine.spans import SpanMap

Colour = tuple[float, float, float, float]
"""Red, green, blue and alpha, each from 0 to 1."""
_NOTHING: dict[str, styles.Declaration] = {}
_INHERITING = frozenset({"inherit", "unset", "revert", "revert-layer"})


@dataclasses.dataclass(eq=False, slots=True)
class Element:
    """`start`, `end`: the start tag's offsets in the source (0, 0 where the parser supplied the element itself).

    `declared` holds what applies on every screen, `sometimes` what only some screens or clients apply (a media query
    with a condition). The rest is computed from them once (see `computed`): `is_gone` for what is not shown at all,
    `is_veiled` for what keeps its place unseen (`visibility`), `is_hidden` for words that nobody can read, `size` of
    letters in pixels, `ink` and `ground` their colour and what is behind them (None: not known)."""

    tag: str
    attributes: Mapping[str, str | None]
    parent: "Element | None"
    start: int
    end: int
    declared: dict[str, styles.Declaration] = dataclasses.field(default_factory=lambda: _NOTHING)
    sometimes: dict[str, styles.Declaration] = dataclasses.field(default_factory=lambda: _NOTHING)
    is_gone: bool = False
    is_veiled: bool = False
    is_hidden: bool = False
    is_preformatted: bool = False
    size: float = 16.0
    ink: Colour | None = (0.0, 0.0, 0.0, 1.0)
    ground: Colour | None = (1.0, 1.0, 1.0, 1.0)
    block: "Element | None" = None
    """The nearest block around (or the element itself); None outside any."""

    def attribute(self, name: str) -> str:
        return self.attributes.get(name) or ""

    def said(self, name: str) -> str:
        """The element's own declaration of a property, on whatever screen; "" where there is none."""
        declared = self.declared.get(name) or self.sometimes.get(name)
        return declared.value if declared is not None else ""

    def always(self, name: str) -> str:
        """The element's own declaration of a property that applies on every screen."""
        declared = self.declared.get(name)
        return declared.value if declared is not None else ""

    def style(self, name: str) -> str:
        """The element's computed value of a property, inherited where CSS inherits it; "" where nothing is said."""
        element: Element | None = self
        while element is not None:
            value = element.said(name)
            if value and value not in _INHERITING:
                return value
            element = element.parent if value or name in styles.INHERITED else None
        return ""

    def ancestors(self) -> Iterator["Element"]:
        element = self.parent
        while element is not None:
            yield element
            element = element.parent


@dataclasses.dataclass(slots=True)
class Words:
    """One text node: what it says, in which element, and where `Tree.visible` (or `Tree.hidden`) holds it."""

    element: Element
    start: int
    end: int
    is_hidden: bool


@dataclasses.dataclass(slots=True)
class Tree:
    """`dressed` are the elements with attributes, styles or a tag that says something: no other can break a rule about
    looks. `generated` are texts that only styles put on the page (`content:`), with their place in the source."""

    elements: list[Element]
    visible: str
    visible_spans: SpanMap
    hidden: str
    hidden_spans: SpanMap
    links: dict[int, tuple[int, int]]
    """For each `a` (by its position in `elements`), the span of its words in the visible text."""
    words: list[Words]
    generated: list[tuple[str, int, int]] = dataclasses.field(default_factory=list)
    dressed: list[Element] = dataclasses.field(default_factory=list)

    def named(self, *tags: str) -> list[Element]:
        return [element for element in self.elements if element.tag in tags]
