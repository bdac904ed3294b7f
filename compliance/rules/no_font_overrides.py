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
from compliance.engine.tree import Element
from compliance.engine.types import Draft, Finding, Outcome, Rule, Severity


def _html(body: str, purpose: str = "review_request") -> Draft:
    return Draft("relay_email", purpose, body, "en-US", "US", body_format="html")  # type: ignore[arg-type]


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
            text = document.draft.body[at : at + 10]
            yield self.finding("A font of your own; Amazon uses its own.", text=text, start=at, end=at + 10)
        styled = [(element, *said) for element in page.elements for said in _said(element)]
        shown = looks.with_words(page) if styled else frozenset()
        for element, words, outcome in styled:
            if element in shown:
                message = f"“{words}” overrides Amazon's own style; take it out."
                yield self.finding(message, outcome=outcome, text=words, start=element.start, end=element.end)


def _said(element: Element) -> Iterator[tuple[str, Outcome]]:
    for name in ("font-family", "line-height", "color", "font") if element.declared else ():
        value = looks.value(element, name)
        if looks.is_said(value):
            yield f"{name}: {value}", Outcome.REVIEW if value == "initial" else Outcome.BLOCK
    for name in _ATTRIBUTES.get(element.tag, ()):
        if element.attribute(name):
            yield f'{name}="{element.attribute(name)}"', Outcome.BLOCK
