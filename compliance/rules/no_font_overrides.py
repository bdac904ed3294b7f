"""No fonts, colours or line heights of one's own.

What it flags
A font family, a font colour or a line height on words somebody sees, in a style, a style block or an old
attribute.

Why
Amazon shows messages in its own style and stops those that bring another.

Write instead
Text without styles: bold and italics are free.

Sources
EcommerceBytes, 8 September 2020, the list of styles; ZonGuru help. The way of measuring is ours (read 2026-11-23)."""

from collections.abc import Iterator

from compliance.engine import looks
from compliance.engine.document import Document
from compliance.engine.elements import Element
from compliance.engine.types import Draft, Finding, Fix, Outcome, Rule, Severity


def _html(body: str, purpose: str = "review_request") -> Draft:
    return Draft("relay_email", purpose, body, "en-US", "US", body_format="html")  # type: ignore[arg-type]


_PROPERTIES = ("font-family", "line-height", "color", "font", "-webkit-text-fill-color")
_ATTRIBUTES = {"font": ("face", "color"), "body": ("text", "link", "vlink", "alink")}


class NoFontOverrides(Rule):
    slug, code, title = "no-font-overrides", "D6", "Amazon's own font, colour and line height"
    severity = Severity.BLOCK
    profiles = frozenset({"relay_email"})
    flagged = (
        _html("<p style='color:#333'>A review is welcome.</p>"),
        _html("<style>p { font-family: Georgia; line-height: 1.7 }</style><p>A review is welcome.</p>"),
        _html("<div style='font: 14px/1.5 Arial'><p>A review is welcome.</p></div>"),
        _html("<font face='Verdana'>A review is welcome.</font>"),
        _html("<body text='#333333'>A review is welcome.</body>"),
        _html("<style>@font-face { font-family: Lora; src: url(x) }</style><p>A review is welcome.</p>"),
    )
    passed = (
        _html("<p><b>A</b> <i>review</i> <u>is</u> welcome.</p>"),
        _html("<p style='border-color:red;font-weight:bold;color:inherit'>A review is welcome.</p>"),
        _html("<p>A review is welcome.</p><hr style='color:red'>"),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        page = document.tree
        if page is None:
            return
        if (at := document.draft.body.lower().find("@font-face")) >= 0:
            end = document.draft.body.find("}", at) + 1 or at + 10
            text = document.draft.body[at : min(end, at + 200)]
            yield self.finding(
                "A font of your own; Amazon uses its own.", text=text, start=at, end=at + len(text)
            )
        styled = [(element, said) for element in page.dressed if (said := _said(element))]
        shown = looks.with_words(page) if styled else frozenset()
        for element, said in styled:
            if element in shown:
                yield self._of(document, element, said)

    def _of(self, document: Document, element: Element, said: dict[str, str]) -> Finding:
        tag = looks.source(document, element)
        fixed = looks.without(document, element, said, said)
        words = "; ".join(said.values())
        return self.finding(
            f"“{words:.120}” overrides Amazon's own style; take it out.",
            outcome=Outcome.REVIEW if all(v.endswith("initial") for v in said.values()) else Outcome.BLOCK,
            text=tag if fixed != tag else f"{words} {tag}", start=element.start, end=element.end,
            fix=Fix(fixed, "Without its own font and colour") if fixed != tag else None,
        )  # fmt: skip


def _said(element: Element) -> dict[str, str]:
    """What overrides, by property or attribute, as it is written."""
    found = {}
    for name in _PROPERTIES if element.declared or element.sometimes else ():
        declared = element.declared.get(name) or element.sometimes.get(name)
        if declared is not None and looks.is_said(declared.value):
            found[name] = f"{name}:{declared.written}"
    for name in _ATTRIBUTES.get(element.tag, ()):
        if element.attribute(name):
            found[name] = f'{name}="{element.attribute(name)}"'
    return found
