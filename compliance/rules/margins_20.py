"""Margins of at most a fifth of the width.

What it flags
Words whose margins, paddings and indents, left and right together, take more than 20% of the message's width
(its own, or 600 pixels). Just above it a person decides.

Why
Amazon shows messages in its own style and stops those that bring another.

Write instead
Text without margins.

Sources
EcommerceBytes, 8 September 2020, the list of styles; ZonGuru help. The way of measuring is ours (read 2026-11-23)."""

from collections.abc import Iterator

from compliance.engine import looks
from compliance.engine.document import Document
from compliance.engine.types import Draft, Finding, Outcome, Rule, Severity


def _html(body: str, purpose: str = "review_request") -> Draft:
    return Draft("relay_email", purpose, body, "en-US", "US", body_format="html")  # type: ignore[arg-type]


_LIMIT, _FAR = 0.20, 0.22


class Margins20(Rule):
    slug, code, title = "margins-20", "D4", "Margins of at most 20%"
    severity = Severity.BLOCK
    profiles = frozenset({"relay_email"})
    flagged = (
        _html("<div style='margin:0 90px'>A review is welcome.</div>"),
        _html("<div style='padding:0 40px'><p style='margin-left:80px'>A review is welcome.</p></div>"),
        _html("<div style='margin: 1em 15%'>A review is welcome.</div>"),
        _html("<div style='padding:0 64px'>A review is welcome.</div>"),
    )
    passed = (
        _html("<div style='width:600px;margin:0 auto'>A review is welcome.</div>"),
        _html("<ul><li>A review</li></ul><p style='margin:90px 20px'>is welcome.</p>"),
        _html("<div style='margin:0 200px'></div><p>A review is welcome.</p>"),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        page = document.tree
        if page is None or not any(element.declared for element in page.elements):
            return
        width = looks.width_of(page)
        for element in {words.element for words in page.words if not words.is_hidden}:
            share = sum(looks.margins(element, width)) / width
            if share > _LIMIT:
                outcome = Outcome.BLOCK if share > _FAR else Outcome.REVIEW
                message = f"Margins take {share:.0%} of the width ({width:g} px); Amazon allows 20%."
                around = next((e for e in (element, *element.ancestors()) if e.declared and e.end), element)
                text = looks.source(document, around)
                yield self.finding(message, outcome=outcome, text=text, start=around.start, end=around.end)
                return
