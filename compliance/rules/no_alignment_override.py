"""Text stays where Amazon puts it.

What it flags
Centred, justified or right-aligned words. A box that is placed (a table, a picture) goes to a person.

Why
Amazon shows messages in its own style and stops those that bring another.

Write instead
Text without alignment.

Sources
EcommerceBytes, 8 September 2020, the list of styles; ZonGuru help. The way of measuring is ours (read 2026-11-23)."""

from collections.abc import Iterator

from compliance.engine import looks
from compliance.engine.document import Document
from compliance.engine.elements import Element, Tree
from compliance.engine.types import Draft, Finding, Fix, Outcome, Rule, Severity


def _html(body: str, purpose: str = "review_request") -> Draft:
    return Draft("relay_email", purpose, body, "en-US", "US", body_format="html")  # type: ignore[arg-type]


_BOXES = frozenset({"table", "img"})
_MOVED = frozenset({"center", "right", "justify", "-webkit-center", "end", "middle"})
_USUAL = frozenset({"right", "end"})
_RIGHT_TO_LEFT = frozenset({"ar", "he", "fa", "ur"})


class NoAlignmentOverride(Rule):
    slug, code, title = "no-alignment-override", "D8", "No alignment of one's own"
    severity = Severity.BLOCK
    profiles = frozenset({"relay_email"})
    flagged = (
        _html("<center>A review is welcome.</center>"),
        _html("<p style='text-align:justify'>A review is welcome.</p>"),
        _html("<table><tr><td align=center>A review is welcome.</td></tr></table>"),
        _html("<style>div{text-align:right}</style><div>A review is welcome.</div>"),
        _html("<table align=center><tr><td>A review is welcome.</td></tr></table>"),
        _html("<div dir=rtl>A review is welcome.</div>"),
    )
    passed = (
        _html("<p style='text-align:left;vertical-align:middle'>A review is welcome.</p>"),
        _html("<div style='text-align:center'></div><p>A review is welcome.</p>"),
        _html("<center><p style='text-align:left'>A review is welcome.</p></center>"),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        page = document.tree
        if page is None:
            return
        is_rtl = document.draft.primary_language in _RIGHT_TO_LEFT
        usual = _USUAL if is_rtl else frozenset[str]()
        moved = {e: words for e in page.dressed if (words := _moved(e, usual, is_rtl=is_rtl))}
        shown = _moving(page, moved) if moved else set()
        for element, words in moved.items():
            if element in shown or element.tag == "img":
                yield self._of(document, element, words)

    def _of(self, document: Document, element: Element, words: str) -> Finding:
        is_box = element.tag in _BOXES and words.startswith("align=")
        tag = looks.source(document, element)
        fixed = looks.without(document, element, ("text-align", "direction"), ("align", "dir"))
        return self.finding(
            f"{words} moves the text; leave it where Amazon puts it.",
            outcome=Outcome.REVIEW if is_box else Outcome.BLOCK, start=element.start, end=element.end,
            text=tag if fixed != tag else f"{words} {tag}",
            fix=Fix(fixed, "Without alignment") if fixed != tag and not is_box else None,
        )  # fmt: skip


def _moving(page: Tree, moved: dict[Element, str]) -> set[Element]:
    """Those of them whose alignment some words really have: the nearest one around decides, a placed box beside it."""
    found: set[Element] = set()
    for holder in looks.holders(page):
        for around in (holder, *holder.ancestors()):
            if around in moved:
                found.add(around)
            if _aligns(around):
                break
    return found


def _aligns(element: Element) -> bool:
    """Says how its words are aligned, so that what is said further out does not count."""
    if element.tag == "center" or element.said("text-align"):
        return True
    return element.tag not in _BOXES and bool(element.attribute("align"))


def _moved(element: Element, usual: frozenset[str], *, is_rtl: bool) -> str:
    if element.tag == "center" and not element.said("text-align"):
        return "<center>"
    said = element.said("text-align")
    if said in _MOVED - usual:
        return f"text-align:{said}"
    if not is_rtl and (element.said("direction") == "rtl" or element.attribute("dir").lower() == "rtl"):
        return "direction:rtl"
    said = element.attribute("align").lower() if element.attributes and not said else ""
    return f'align="{said}"' if said in _MOVED - usual else ""
