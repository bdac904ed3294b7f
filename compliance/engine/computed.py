"""What a mail client makes of an element's styles: whether it shows, in what size, in which colour on which ground."""

import regex

from compliance.engine import styles
from compliance.engine.elements import Colour, Element

UNSEEN = frozenset(
    ("script", "style", "head", "title", "template", "textarea", "select", "option", "optgroup", "datalist", "xmp", "iframe",
     "noembed", "noframes", "meta", "link", "audio", "video", "canvas"),
)  # fmt: skip
BLOCKS = frozenset(
    ("address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details", "dialog", "div", "dl",
     "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html",
     "legend", "li", "main", "menu", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th",
     "thead", "tr", "ul"),
)  # fmt: skip
_PREFORMATTED = frozenset({"pre", "textarea", "listing", "plaintext"})
_SCALES = {
    "h1": 2.0, "h2": 1.5, "h3": 1.17, "h4": 1.0, "h5": 0.83, "h6": 0.67,
    "small": 0.83, "big": 1.2, "sub": 0.83, "sup": 0.83,
}  # fmt: skip
SIZED = frozenset({*_SCALES, "font"})
_FONT_SIZES = {
    "1": 10.0, "2": 13.0, "3": 16.0, "4": 18.0, "5": 24.0, "6": 32.0, "7": 48.0,
    "-2": 10.0, "-1": 13.0, "+1": 18.0, "+2": 24.0, "+3": 32.0, "+4": 48.0,
}  # fmt: skip
_KEYWORDS = {
    "xx-small": 9.0, "x-small": 10.0, "small": 13.0, "medium": 16.0, "large": 18.0, "x-large": 24.0, "xx-large": 32.0,
    "xxx-large": 48.0,
}  # fmt: skip
_FONT_SHORTHAND = regex.compile(
    r"(?<![\w.#-])([\d.]{1,12}+(?:px|pt|em|rem|ex|ch|pc|cm|mm|in|vw|vh|%)|0)(?=\s*+/|\s)"
)
_LINK: Colour = (0.0, 0.0, 0.8, 1.0)
_TINY, _FAINT, _ALIKE = 2.0, 0.1, 0.05
_FAR = 900.0
PLAIN = frozenset(
    {"br", "b", "i", "u", "em", "strong", "tr", "tbody", "ul", "ol", "li", "p", "td", "div", "span"}
)
"""Tags that mean nothing for size, colour or showing: with no styles on them there is nothing to compute."""


def compute(element: Element) -> None:
    """Fills in what follows from the styles. Parents first."""
    parent, tag = element.parent, element.tag
    if parent is not None:
        element.is_gone, element.is_hidden, element.is_veiled = (
            parent.is_gone,
            parent.is_hidden,
            parent.is_veiled,
        )
        element.is_preformatted, element.block = parent.is_preformatted, parent.block
        element.size, element.ink, element.ground = parent.size, parent.ink, parent.ground
    if _is_block(element):
        element.block = element
    if not element.declared and tag in PLAIN and not element.attributes and not _is_folded_up(element):
        return
    if tag in _PREFORMATTED or element.always("white-space") in ("pre", "pre-wrap", "break-spaces"):
        element.is_preformatted = True
    element.size = own_size(element, element.size)
    _colour(element)
    if (visibility := element.always("visibility")) and visibility not in styles.WIDE:
        element.is_veiled = visibility in ("hidden", "collapse")
    element.is_gone = element.is_gone or is_unshown(element)
    element.is_hidden = element.is_gone or element.is_veiled or not _is_readable(element)


def _is_block(element: Element) -> bool:
    if element.declared and (display := element.always("display")):
        if display.startswith(("inline", "contents")):
            return element.tag == "br"
        if display.startswith(("block", "table", "flex", "grid", "list-item", "flow-root")):
            return True
    return element.tag in BLOCKS


def own_size(element: Element, around: float) -> float:
    """The size of an element's letters in pixels; `around` is its parent's."""
    said = element.always("font-size")
    if element.declared and (not said or said in styles.WIDE):
        shorthand = _FONT_SHORTHAND.search(f"{element.always('font')} ")
        said = shorthand[1] if shorthand else ""
    if said in _KEYWORDS:
        return _KEYWORDS[said]
    if said in ("smaller", "larger"):
        return around * (0.83 if said == "smaller" else 1.2)
    if said and (pixels := styles.length(said, around, em=around)) is not None:
        return max(0.0, pixels)
    if element.tag == "font":
        return _FONT_SIZES.get(element.attribute("size"), around)
    return around * _SCALES.get(element.tag, 1.0)


def _colour(element: Element) -> None:
    if ground := own_ground(element):
        known = styles.colour_in(ground)
        if known is None or known[3] >= _ALIKE or "url(" in ground or "gradient" in ground:
            element.ground = None if known is None or known[3] < _ALIKE else known
    said = element.always("-webkit-text-fill-color") or element.always("color") or _old_ink(element)
    if said and said not in styles.WIDE and said != "currentcolor":
        element.ink = styles.colour(said)
    elif element.tag == "a" and "href" in element.attributes and not said:
        element.ink = _LINK


def own_ground(element: Element) -> str:
    """What an element itself puts behind its words, as written; "" where it says nothing."""
    said = (
        element.always("background-color")
        or element.always("background")
        or element.attribute("bgcolor").lower()
    )
    if said in styles.WIDE or said == "none":
        said = ""
    picture = element.always("background-image")
    return (
        f"{said} {picture}".strip() if picture and picture not in styles.WIDE and picture != "none" else said
    )


def _old_ink(element: Element) -> str:
    if element.tag == "font":
        return element.attribute("color").lower()
    return element.attribute("text").lower() if element.tag == "body" else ""


def _is_readable(element: Element) -> bool:
    if element.size < _TINY:
        return False
    ink, ground = element.ink, element.ground
    if ink is None:
        return True
    if ink[3] < _FAINT:
        return False
    return ground is None or any(
        abs(a - b) * ink[3] >= _ALIKE for a, b in zip(ink[:3], ground[:3], strict=True)
    )


def is_unshown(element: Element) -> bool:
    """By its tag, an attribute or a style the element is not on the page at all, or takes no room on it."""
    tag = element.tag
    if tag in UNSEEN or (tag == "dialog" and "open" not in element.attributes) or _is_folded_up(element):
        return True
    if "hidden" in element.attributes and not element.always("display"):
        return True
    return bool(element.declared) and (
        _is_switched_off(element) or _takes_no_room(element) or _is_elsewhere(element)
    )


def _is_folded_up(element: Element) -> bool:
    parent = element.parent
    if parent is None or parent.tag != "details" or element.tag == "summary":
        return False
    return "open" not in parent.attributes


def _is_switched_off(element: Element) -> bool:
    said = element.always
    if said("display") == "none" or said("mso-hide") == "all" or said("content-visibility") == "hidden":
        return True
    opacity = styles.share(said("opacity"))
    return (opacity is not None and opacity < _FAINT) or _SEE_THROUGH.search(said("filter")) is not None


_SEE_THROUGH = regex.compile(
    r"opacity\s*+[(=]\s*+(?:opacity\s*+=\s*+)?0?(?:\.0\d*+)?%?\s*+\)|opacity\s*+=\s*+0\s*+\)"
)
_NO_SHAPE = regex.compile(
    r"inset\(\s*+(?:[5-9]\d|100)%|circle\(\s*+0|polygon\(\s*+0[^,]*+,\s*+0|rect\(\s*+[01](?:px)?[\s,]++[01](?:px)?[\s,]++[01](?:px)?[\s,]++[01](?:px)?\s*+\)"
)
_NO_SCALE = regex.compile(r"scale(?:3d|x|y)?\(\s*+0(?:\.0\d*+)?\s*+[,)]")
_MOVED = regex.compile(r"translate(?:3d|x|y)?\(([^)]{0,80})\)")


def _takes_no_room(element: Element) -> bool:
    said = element.always
    clips = any(said(name) in ("hidden", "clip") for name in ("overflow", "overflow-x", "overflow-y"))
    if clips and any(_is_nothing(said(name)) for name in _EXTENTS):
        return True
    if _NO_SHAPE.search(said("clip-path")) or _NO_SHAPE.search(said("clip")):
        return True
    if _NO_SCALE.search(said("transform")) or said("zoom") in ("0", "0%") or said("scale") == "0":
        return True
    spacing = (
        styles.length(said("letter-spacing"), element.size, em=element.size)
        if said("letter-spacing")
        else None
    )
    return spacing is not None and spacing <= -element.size / 2


_EXTENTS = ("width", "height", "max-height", "max-width", "line-height")


def _is_nothing(said: str) -> bool:
    pixels = styles.length(said, 100.0) if said else None
    return pixels is not None and pixels <= 1


def _is_elsewhere(element: Element) -> bool:
    said = element.always
    moves = [said(name) for name in _PLACES]
    moves += [part for match in _MOVED.finditer(said("transform")) for part in match[1].split(",")]
    return any(
        abs(styles.length(move.strip(), 600.0) or 0.0) >= _FAR for move in moves if move and _is_far(move)
    )


_PLACES = ("left", "top", "right", "bottom", "text-indent", "margin-left", "margin-top", "margin-right")


def _is_far(move: str) -> bool:
    return any(char.isdigit() for char in move)
