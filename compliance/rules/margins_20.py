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
from compliance.engine.elements import Element
from compliance.engine.types import Draft, Finding, Fix, Outcome, Rule, Severity


def _html(body: str, purpose: str = "review_request") -> Draft:
    return Draft("relay_email", purpose, body, "en-US", "US", body_format="html")  # type: ignore[arg-type]


_LIMIT, _FAR = 0.20, 0.22
_INDENTING = frozenset({"ul", "ol", "dd", "blockquote", "td"})


class Margins20(Rule):
    slug, code, title = "margins-20", "D4", "Margins of at most 20%"
    severity = Severity.BLOCK
    profiles = frozenset({"relay_email"})
    flagged = (
        _html("<div style='margin:0 90px'>A review is welcome.</div>"),
        _html("<div style='padding:0 40px'><p style='margin-left:80px'>A review is welcome.</p></div>"),
        _html("<div style='margin: 1em 15%'>A review is welcome.</div>"),
        _html("<div style='padding:0 64px'>A review is welcome.</div>"),
        _html(
            "<table width=600><tr><td width=80></td><td>A review is welcome.</td><td width=80></td></tr></table>"
        ),
    )
    passed = (
        _html("<div style='width:600px;margin:0 auto'>A review is welcome.</div>"),
        _html("<ul><li>A review</li></ul><p style='margin:90px 20px'>is welcome.</p>"),
        _html("<div style='margin:0 200px'></div><p>A review is welcome.</p>"),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        page = document.tree
        if page is None or not any(e.declared or e.tag in _INDENTING for e in page.elements):
            return
        width = looks.width_of(page)
        margins = looks.margins(page, width)
        for element in (
            looks.holders(page) if any(sum(free) > _LIMIT * width for free in margins.values()) else ()
        ):
            sides = margins[element]
            share = sum(sides) / width
            if share > _LIMIT:
                outcome = Outcome.BLOCK if share > _FAR else Outcome.REVIEW
                message = f"Margins take {share:.0%} of the width ({width:g} px); Amazon allows 20%."
                around = next((e for e in (element, *element.ancestors()) if e.declared and e.end), element)
                text = f"{_said(element)} {looks.source(document, around)}".strip()
                fix = _without_margins(document, around)
                yield self.finding(
                    message, outcome=outcome, text=text, start=around.start, end=around.end, fix=fix
                )
                return


def _without_margins(document: Document, element: Element) -> Fix | None:
    """Only where taking them from this element is enough, which the next check tells: two may share the width."""
    tag, sides = looks.source(document, element), ("", "-left", "-right")
    names = [f"{what}{side}" for what in ("margin", "padding") for side in sides]
    fixed = looks.without(document, element, names)
    return Fix(fixed, "Without its margins") if fixed != tag else None


def _said(element: Element) -> str:
    """What makes the margins, as it is written."""
    around = (element, *element.ancestors())
    return " ".join(
        ";".join(
            f"{d.name}:{d.written}" for d in e.declared.values() if d.name.startswith(("margin", "padding"))
        )
        for e in around
    ).strip()
