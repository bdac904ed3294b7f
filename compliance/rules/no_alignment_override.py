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
from compliance.engine.tree import Element
from compliance.engine.types import Draft, Finding, Outcome, Rule, Severity


def _html(body: str, purpose: str = "review_request") -> Draft:
    return Draft("relay_email", purpose, body, "en-US", "US", body_format="html")  # type: ignore[arg-type]


_BOXES = frozenset({"table", "img"})
_MOVED = frozenset({"center", "right", "justify", "-webkit-center", "end", "middle"})
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
    )
    passed = (
        _html("<p style='text-align:left;vertical-align:middle'>A review is welcome.</p>"),
        _html("<div style='text-align:center'></div><p>A review is welcome.</p>"),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        page = document.tree
        if page is None:
            return
        usual = (
            frozenset({"right", "end"}) if document.draft.primary_language in _RIGHT_TO_LEFT else frozenset()
        )
        moved = [(e, words) for e in page.elements if (words := _moved(e, usual))]
        shown = looks.with_words(page) if moved else frozenset()
        for element, words in moved:
            if element in shown or element.tag == "img":
                outcome = Outcome.REVIEW if element.tag in _BOXES and "align=" in words else Outcome.BLOCK
                message = f"{words} moves the text; leave it where Amazon puts it."
                yield self.finding(message, outcome=outcome, text=words, start=element.start, end=element.end)


def _moved(element: Element, usual: frozenset[str]) -> str:
    if element.tag == "center":
        return "<center>"
    said = looks.value(element, "text-align")
    if said in _MOVED - usual:
        return f"text-align: {said}"
    said = element.attribute("align").lower() if element.attributes else ""
    return f'align="{said}"' if said in _MOVED - usual else ""
