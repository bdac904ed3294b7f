"""How a mail looks: which elements hold words, widths, sizes, pictures. Shared by the style rules.

Amazon gives no way of measuring; the measures are ours: a message is as wide as its outermost declared width, or 600
pixels, and styles count only on words that are seen."""

import functools
from collections.abc import Iterable, Iterator
from typing import cast

import regex

from compliance.engine import styles
from compliance.engine.document import Document
from compliance.engine.elements import Element, Tree

WIDTH = styles.WIDTH
_NOTHING = frozenset({"inherit", "unset", "revert", ""})
_INDENTS = {"ul": (40.0, 0.0), "ol": (40.0, 0.0), "dd": (40.0, 0.0), "blockquote": (40.0, 40.0)}
_URL = regex.compile(r"""url\(\s*["']?([^"')]{0,2000})""", regex.IGNORECASE)


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


def holders(page: Tree) -> list[Element]:
    """The elements that themselves hold words somebody sees, each once."""
    shown = (w.element for w in page.words if not w.is_hidden and page.visible[w.start : w.end].strip())
    return list(dict.fromkeys(shown))


def is_said(value: str) -> bool:
    return value not in _NOTHING


def source(document: Document, element: Element) -> str:
    return document.draft.body[element.start : element.end]


_NEAR = 400


def whole(document: Document, element: Element) -> tuple[int, int]:
    """The element's span from its start tag to its end tag, where that is near; else the start tag's."""
    closing = f"</{element.tag}"
    at = document.draft.body.lower().find(closing, element.end, element.end + _NEAR)
    end = document.draft.body.find(">", at) + 1 if at >= 0 else 0
    return element.start, max(element.end, end)


def without(
    document: Document, element: Element, names: Iterable[str], attributes: Iterable[str] = ()
) -> str:
    """The element's start tag without these properties of its style and without these attributes."""
    tag = source(document, element)
    for name in attributes:
        tag = _attribute(name).sub("", tag, count=1)
    match = _attribute("style").search(tag)
    if match is None:
        return tag
    value = next((part for part in match.groups() if part is not None), "")
    kept = [
        part for part in _DECLARATION.findall(value) if part.split(":")[0].strip().lower() not in set(names)
    ]
    style = f' style="{";".join(kept).strip()}"' if "".join(kept).strip() and '"' not in value else ""
    return tag[: match.start()] + style + tag[match.end() :]


_DECLARATION = regex.compile(r"(?:[^;()\"']|\([^()]*+\)|\"[^\"]*+\"|'[^']*+')++")


@functools.cache
def _attribute(name: str) -> "regex.Pattern[str]":
    return regex.compile(rf"""\s++{name}\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>"']++))""", regex.IGNORECASE)


def width_of(page: Tree) -> float:
    """The message's width in pixels."""
    for element in page.dressed:
        if element.tag in ("table", "div", "td", "center", "body", "main", "section"):
            for said in (element.said("width"), element.said("max-width"), element.attribute("width")):
                pixels = styles.pixels(said.strip()) if said else None
                if pixels and pixels > 200:
                    return pixels
    return WIDTH


def spacers(page: Tree) -> dict[Element, tuple[float, float]]:
    """For each table cell with empty cells of a known width beside it in its row: what they take left and right."""
    rows: dict[Element, list[Element]] = {}
    for element in page.elements:
        if element.tag in ("td", "th") and element.parent is not None:
            rows.setdefault(element.parent, []).append(element)
    if not rows:
        return {}
    busy = {cells[0] for cells in rows.values() if len(cells) < 2}
    if len(busy) == len(rows):
        return {}
    full = with_words(page) | {e for image in page.named("img") for e in image.ancestors()}
    found = {}
    for cells in rows.values():
        widths = [_spacer(cell) if cell not in full else None for cell in cells]
        for at, cell in enumerate(cells):
            if widths[at] is None:
                found[cell] = _run(widths[at - 1 :: -1] if at else []), _run(widths[at + 1 :])
    return found


def _spacer(cell: Element) -> float:
    return styles.length(cell.said("width") or cell.attribute("width"), WIDTH) or 0.0


def _run(widths: list[float | None]) -> float:
    """The empty cells next to a cell, up to the next that holds something: that one is no margin."""
    return 0.0 if any(width is None for width in widths) else sum(width or 0.0 for width in widths)


def margins(page: Tree, whole: float) -> dict[Element, tuple[float, float]]:
    """For each element, what is left free at the left and at the right of its words, all around it included."""
    beside, found = spacers(page), dict[Element | None, tuple[float, float]]({None: (0.0, 0.0)})
    for element in page.elements:
        left, right = found[element.parent]
        if element.declared or element.sometimes or element.tag in _INDENTS or element in beside:
            own, extra = _own_margins(element, whole), beside.get(element, (0.0, 0.0))
            left, right = left + own[0] + extra[0], right + own[1] + extra[1]
        found[element] = left, right
    del found[None]
    return cast(dict[Element, tuple[float, float]], found)


def _own_margins(element: Element, whole: float) -> tuple[float, float]:
    left = right = 0.0
    default = _default_of(element)
    for name in ("margin", "padding"):
        sides = _sides(element, name, whole)
        own = _INDENTS.get(element.tag, (0.0, 0.0)) if name == default else (0.0, 0.0)
        left += own[0] if sides[0] is None else max(0.0, sides[0])
        right += own[1] if sides[1] is None else max(0.0, sides[1])
    return left, right


def _default_of(element: Element) -> str:
    return "padding" if element.tag in ("ul", "ol") else "margin"


def _sides(element: Element, name: str, whole: float) -> tuple[float | None, float | None]:
    """Left and right of `margin` or `padding`, the shorthand expanded; None where nothing is said."""
    if not element.declared and not element.sometimes:
        return None, None
    short = element.said(name).split()
    left = element.said(f"{name}-left") or (short[{4: 3, 1: 0}.get(len(short), 1)] if short else "")
    right = element.said(f"{name}-right") or (short[min(1, len(short) - 1)] if short else "")
    return styles.length(left, whole, em=element.size), styles.length(right, whole, em=element.size)


def pictures(page: Tree) -> Iterator[tuple[Element, str]]:
    """Each picture's element and address: `src`, `srcset`, `background`, in drawings, and `url()` in styles."""
    for element in page.dressed:
        if element.attributes:
            yield from ((element, url) for url in _named(element))
        if element.declared or element.sometimes:
            yield from ((element, url) for url in _styled(element))


_SOURCES = {
    "img": ("src", "lowsrc", "data-src"), "input": ("src",), "source": ("src",), "video": ("src", "poster"),
    "audio": ("src",), "embed": ("src",), "image": ("href", "xlink:href", "src"), "use": ("href", "xlink:href"),
    "feimage": ("href", "xlink:href"), "v:fill": ("src",), "v:imagedata": ("src",), "bgsound": ("src",),
}  # fmt: skip


def _named(element: Element) -> Iterator[str]:
    for name in _SOURCES.get(element.tag, ()):
        if url := element.attribute(name).strip():
            yield url
    if srcset := element.attribute("srcset") or element.attribute("imagesrcset"):
        yield from (choice.split()[0] for choice in srcset.split(",") if choice.strip())
    if background := element.attribute("background").strip():
        yield background


_PAINTED = ("background", "background-image", "list-style-image", "list-style", "border-image", "border-image-source",
            "content", "cursor", "mask", "mask-image", "-webkit-mask-image")  # fmt: skip


def _styled(element: Element) -> Iterator[str]:
    for name in _PAINTED:
        declared = element.declared.get(name) or element.sometimes.get(name)
        if declared is not None and "url(" in declared.value:
            yield from (match[1].strip() for match in _URL.finditer(declared.written))
