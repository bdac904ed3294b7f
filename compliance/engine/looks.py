"""How a mail looks: which elements hold words, widths, sizes, pictures. Shared by the style rules.

Amazon gives no way of measuring; the measures are ours: a message is as wide as its outermost declared width, or 600
pixels, and styles count only on words that are seen."""

from collections.abc import Iterator

import regex

from compliance.engine import styles
from compliance.engine.document import Document
from compliance.engine.tree import Element, Tree

WIDTH = 600.0
_NOTHING = frozenset({"inherit", "unset", "revert", ""})
_INDENTS = {"ul": (40.0, 0.0), "ol": (40.0, 0.0), "dd": (40.0, 0.0), "blockquote": (40.0, 40.0)}
_HEADINGS = {
    "h1": 2.0, "h2": 1.5, "h3": 1.17, "h4": 1.0, "h5": 0.83, "h6": 0.67,
    "small": 0.83, "big": 1.2, "sub": 0.83, "sup": 0.83,
}  # fmt: skip
SIZED = frozenset({*_HEADINGS, "font"})
_FONT_SIZES = {
    "1": 10.0, "2": 13.0, "3": 16.0, "4": 18.0, "5": 24.0, "6": 32.0, "7": 48.0,
    "-2": 10.0, "-1": 13.0, "+1": 18.0, "+2": 24.0,
}  # fmt: skip
_KEYWORDS = {
    "xx-small": 9.0, "x-small": 10.0, "small": 13.0, "medium": 16.0, "large": 18.0, "x-large": 24.0, "xx-large": 32.0,
}  # fmt: skip
_FONT_SHORTHAND = regex.compile(r"(?<![\w.])([\d.]{1,8}+(?:px|pt|em|rem|%))")
_URL = regex.compile(r"""url\(\s*["']?([^"')]{0,2000})""")


def with_words(page: Tree) -> set[Element]:
    """Every element that holds words somebody sees, itself or within."""
    found: set[Element] = set()
    for words in page.words:
        if words.is_hidden or not page.visible[words.start : words.end].strip():
            continue
        for element in (words.element, *words.element.ancestors()):
            if element in found:
                break
            found.add(element)
    return found


def is_said(value: str) -> bool:
    return value not in _NOTHING


def source(document: Document, element: Element) -> str:
    return document.draft.body[element.start : element.end]


def width_of(page: Tree) -> float:
    """The message's width in pixels."""
    for element in page.elements:
        if element.tag in ("table", "div", "td", "center", "body", "main", "section"):
            for said in (_value(element, "width"), _value(element, "max-width"), element.attribute("width")):
                pixels = styles.pixels(said.strip()) if said else None
                if pixels and pixels > 200:
                    return pixels
    return WIDTH


def length(said: str, whole: float) -> float | None:
    """A length in pixels; per cent are of `whole`."""
    said = said.strip()
    if said.endswith("%"):
        number = styles.pixels(said[:-1])
        return None if number is None else number * whole / 100
    return styles.pixels(said) if said else None


def margins(element: Element, whole: float) -> tuple[float, float]:
    """What is left free at the left and at the right of an element's words, all around it included."""
    left = right = 0.0
    for around in (element, *element.ancestors()):
        indent = _INDENTS.get(around.tag, (0.0, 0.0))
        for name in ("margin", "padding"):
            sides = _sides(around, name, whole)
            left += (
                indent[0] if sides[0] is None and name == _default_of(around) else max(0.0, sides[0] or 0.0)
            )
            right += (
                indent[1] if sides[1] is None and name == _default_of(around) else max(0.0, sides[1] or 0.0)
            )
    return left, right


def _default_of(element: Element) -> str:
    return "padding" if element.tag in ("ul", "ol") else "margin"


def _sides(element: Element, name: str, whole: float) -> tuple[float | None, float | None]:
    """Left and right of `margin` or `padding`, the shorthand expanded; None where nothing is said."""
    if not element.declared:
        return None, None
    short = _value(element, name).split()
    left = _value(element, f"{name}-left") or (short[{4: 3, 1: 0}.get(len(short), 1)] if short else "")
    right = _value(element, f"{name}-right") or (short[min(1, len(short) - 1)] if short else "")
    return length(left, whole), length(right, whole)


def font_size(element: Element) -> float:
    """The computed size in pixels of an element's words."""
    size = 16.0
    for step in reversed((element, *element.ancestors())):
        size = _own_size(step, size)
    return round(size)


def _own_size(element: Element, around: float) -> float:
    said = _value(element, "font-size")
    if not said and (shorthand := _FONT_SHORTHAND.search(_value(element, "font"))):
        said = shorthand[1]
    if said.endswith("%"):
        number = styles.pixels(said[:-1])
        return around if number is None else around * number / 100
    if said in _KEYWORDS:
        return _KEYWORDS[said]
    if said in ("smaller", "larger"):
        return around * (0.83 if said == "smaller" else 1.2)
    if said.endswith("rem"):
        return styles.pixels(said) or around
    if said and (pixels := styles.pixels(said, em=around)):
        return pixels
    if element.tag == "font" and element.attribute("size") in _FONT_SIZES:
        return _FONT_SIZES[element.attribute("size")]
    return around * _HEADINGS.get(element.tag, 1.0)


def pictures(page: Tree) -> Iterator[tuple[Element, str]]:
    """Each picture's element and address: `src`, `srcset`, `background`, and `url()` in styles."""
    for element in page.elements:
        if not element.attributes and not element.declared:
            continue
        if element.tag in ("img", "input", "source", "video", "audio", "embed"):
            for name in ("src", "poster"):
                if url := element.attribute(name).strip():
                    yield element, url
            yield from ((element, url) for url in _choices(element.attribute("srcset")))
        if element.attribute("background"):
            yield element, element.attribute("background").strip()
        for name in ("background", "background-image", "list-style-image", "list-style"):
            yield from ((element, match[1].strip()) for match in _URL.finditer(_value(element, name)))


def _choices(srcset: str) -> list[str]:
    return [choice.split()[0] for choice in srcset.split(",") if choice.strip()]


def _value(element: Element, name: str) -> str:
    declared = element.declared.get(name)
    return declared.value if declared is not None else ""


value = _value
