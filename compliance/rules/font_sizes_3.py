"""At most three font sizes.

What it flags
More than three sizes among the words somebody sees; the usual size counts, and so do headings.

Why
Amazon shows messages in its own style and stops those that bring another.

Write instead
One size, with bold for what matters.

Sources
EcommerceBytes, 8 September 2020, the list of styles; ZonGuru help. The way of measuring is ours (read 2026-11-23)."""

from collections.abc import Iterator

from compliance.engine import looks
from compliance.engine.document import Document
from compliance.engine.types import Draft, Finding, Rule, Severity


def _html(body: str, purpose: str = "review_request") -> Draft:
    return Draft("relay_email", purpose, body, "en-US", "US", body_format="html")  # type: ignore[arg-type]


class FontSizes3(Rule):
    slug, code, title = "font-sizes-3", "D7", "At most three font sizes"
    severity = Severity.BLOCK
    profiles = frozenset({"relay_email"})
    flagged = (
        _html("<h1>A</h1><h2>B</h2><p>C <small>d</small></p>"),
        _html("<p style='font-size:12px'>A</p><p style='font-size:20px'>B</p><p style='font-size:2em'>C</p>"),
    )
    passed = (
        _html("<h1>A</h1><h2>B</h2><p>C</p>"),
        _html("<p style='font-size:1em'>A</p><p style='font-size:16px'>B</p><p style='font-size:12pt'>C</p>"),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        page = document.tree
        if page is None or not any(element.size != 16.0 for element in page.elements):
            return
        sizes = {16} | {round(element.size) for element in looks.holders(page)}
        if len(sizes) > 3:
            listed = ", ".join(f"{size:g}" for size in sorted(sizes))
            yield self.finding(
                f"{len(sizes)} font sizes ({listed} px); Amazon allows three, the usual one included."
            )
