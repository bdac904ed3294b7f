"""Readable for everyone.

What it flags
Pictures without a text, headings that skip a level, moving text, form fields, links without words or with
none that say where they lead, words too faint for their ground, and a language mark that is not the buyer's.

Why
Amazon asks that messages meet W3C's accessibility guidelines, and names no level: what a program can tell for
certain of levels A and AA is checked.

Write instead
<a href="{{ review_url }}">Write a product review</a>, <img src="cid:logo" alt="Acme" width="120">

Sources
W3C, WCAG 2.1; ZonGuru help (read 2026-11-23)."""

from collections.abc import Iterator

import regex

from compliance.engine import folding, looks
from compliance.engine.computed import own_ground
from compliance.engine.document import Document
from compliance.engine.elements import Element, Tree
from compliance.engine.types import Draft, Finding, Fix, Outcome, Rule, Severity


def _html(body: str, purpose: str = "review_request") -> Draft:
    return Draft("relay_email", purpose, body, "en-US", "US", body_format="html")  # type: ignore[arg-type]


_COLOURING = frozenset({"color", "background-color", "background", "-webkit-text-fill-color"})
_MOVING = frozenset({"marquee", "blink"})
_FIELDS = frozenset({"form", "input", "select", "textarea", "button"})
_EMPTY_WORDS = frozenset({
    "click here", "here", "click", "link", "this link", "hier", "hier klicken", "klicken sie hier", "klick hier", "ici",
    "cliquez ici", "cliquer ici", "aqui", "haz clic aqui", "haga clic aqui", "clic aqui", "qui", "clicca qui", "clicchi qui",
    "klik hier", "kliknij tutaj", "tutaj", "clique aqui", "klicka har", "har", "こちら", "ここ", "buraya tiklayin", "buraya",
})  # fmt: skip
_VAGUE = "The link's words do not say where it leads."
_SHORT = "The link's words say where it leads only together with their sentence."
# WCAG 2.4.4 (level A) lets the sentence around a link say where it leads.
_OUTCOMES = {_VAGUE: Outcome.REVIEW, _SHORT: Outcome.ADVICE}
_CONTRAST, _LARGE_CONTRAST, _LARGE = 4.5, 3.0, 24.0
_WITH_WORDS = frozenset({"a", "h1", "h2", "h3", "h4", "h5", "h6", "marquee", "blink"})
_HEADING = regex.compile(r"h[1-6]")


class AccessibilityWcag(Rule):
    slug, code, title = "accessibility-wcag", "D1", "Readable for everyone"
    severity = Severity.ADVISE
    profiles = frozenset({"relay_email"})
    flagged = (
        _html("<img src='cid:a' width=100>"),
        _html("<h2>Your order</h2><h4>Reviews</h4>"),
        _html("<marquee>Hello</marquee>"),
        _html("<form><select name=r></select></form>"),
        _html("<a href='https://www.amazon.com/review'>Click here</a>"),
        _html("<a href='https://www.amazon.com/review'></a>"),
        _html("<p style='background-color:#ffe9c7;color:#ffd2a3'>Hello</p>"),
        _html("<p lang='de'>Hello</p>"),
    )
    passed = (
        _html("<img src='cid:a' width=100 alt=''>"),
        _html("<h1>Your order</h1><h2>Reviews</h2><h2>Help</h2>"),
        _html("<a href='https://www.amazon.com/review'>Write a review</a><a name='top'></a>"),
        _html("<a href='https://www.amazon.com/review'><img src='cid:a' alt='Write a review'></a>"),
        _html("<p lang='en-GB' style='background:#fff'>Hello</p>"),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        page = document.tree
        if page is None:
            return
        for element, message in self._faults(document, page):
            outcome = _OUTCOMES.get(message, Outcome.BLOCK)
            start, end = (
                looks.whole(document, element) if element.tag in _WITH_WORDS else (element.start, element.end)
            )
            text = document.draft.body[start:end]
            fix = _at_rest(text) if element.tag in _MOVING else None
            yield self.finding(message, outcome=outcome, text=text, start=start, end=end, fix=fix)

    def _faults(self, document: Document, page: Tree) -> Iterator[tuple[Element, str]]:
        own, level = document.draft.primary_language, 0
        for at, element in enumerate(page.elements):
            if element.tag == "img" and "alt" not in element.attributes:
                yield (
                    element,
                    "The picture has no text (alt); say what it shows, or nothing if it is decoration.",
                )
            elif element.tag in _MOVING:
                yield element, "Text that moves cannot be read by everyone."
            elif element.tag in _FIELDS:
                yield element, "Form fields do not work in mail."
            elif element.tag == "a" and "href" in element.attributes and not element.is_hidden:
                yield from _link(page, at, element)
            elif _HEADING.fullmatch(element.tag):
                if level and int(element.tag[1]) > level + 1:
                    yield element, f"A heading of level {element.tag[1]} follows one of level {level}."
                level = int(element.tag[1])
            language = element.attribute("lang").split("-")[0].lower() if element.attributes else ""
            if language and own and language != own:
                yield (
                    element,
                    f"Marked as {element.attribute('lang')}, but the buyer reads {document.draft.language}.",
                )
            if element.declared and not _COLOURING.isdisjoint(element.declared):
                yield from _contrast(page, element)


def _at_rest(element: str) -> Fix | None:
    """The words of a moving element without its tags; None where it does not end nearby."""
    first, last = element.find(">") + 1, element.rfind("</")
    return Fix(element[first:last], "Let it stand still") if 0 < first <= last else None


def _link(page: Tree, at: int, element: Element) -> Iterator[tuple[Element, str]]:
    span = page.links.get(at)
    words = folding.fold(page.visible[slice(*span)]).strip(" .!>»:") if span else ""
    if words in _EMPTY_WORDS:
        yield element, _VAGUE if " " in words else _SHORT
    elif not words and not _named(page, element):
        yield element, "The link has no words."


def _named(page: Tree, link: Element) -> bool:
    if link.attribute("aria-label") or link.attribute("title"):
        return True
    return any(image.attribute("alt") for image in page.named("img") if link in image.ancestors())


def _contrast(page: Tree, element: Element) -> Iterator[tuple[Element, str]]:
    """Only where the ground is said: what Amazon puts behind a mail is not known."""
    if not (own_ground(element) or any(own_ground(around) for around in element.ancestors())):
        return
    text, behind = element.ink, element.ground
    if text is None or behind is None or behind[3] < 1 or element not in looks.with_words(page):
        return
    brighter, darker = sorted((_brightness(text), _brightness(behind)), reverse=True)
    ratio = (brighter + 0.05) / (darker + 0.05)
    if ratio < (_LARGE_CONTRAST if element.size >= _LARGE else _CONTRAST):
        yield (
            element,
            f"The words stand out from their ground {ratio:.1f} : 1 only; {_CONTRAST} : 1 can be read.",
        )


def _brightness(colour: tuple[float, float, float, float]) -> float:
    """Relative luminance, as WCAG 2.1 defines it."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
