"""At most two line breaks in a row.

What it flags
Three or more line breaks with nothing between them, empty paragraphs included.

Why
Amazon shows messages in its own style and stops those that bring another.

Write instead
Paragraphs.

Sources
EcommerceBytes, 8 September 2020, the list of styles; ZonGuru help. The way of measuring is ours (read 2026-11-23)."""

from collections.abc import Iterator

import regex

from compliance.engine.document import Document
from compliance.engine.types import Draft, Finding, Fix, Rule, Severity

_BREAKS = regex.compile(r"(?<=\S)[^\S\n]{0,20}(?:\r?\n[^\S\r\n]{0,200}){3,}+(?=\S)")
_BLANK = r"(?:\s|&nbsp;|&\#160;|&\#xa0;){0,100}+"
_BREAK = rf"(?:<br\b[^<>]{{0,100}}>|<(?:p|div)\b[^<>]{{0,200}}>(?:{_BLANK}<br\b[^<>]{{0,100}}>){{0,9}}{_BLANK}</(?:p|div)\s?>)"
# Breaks that end their block, or the message, are not shown.
_HTML_BREAKS = regex.compile(rf"{_BREAK}(?:{_BLANK}{_BREAK}){{2,50}}+(?!\s*+(?:</|\Z))", regex.IGNORECASE)


def _html(body: str, purpose: str = "review_request") -> Draft:
    return Draft("relay_email", purpose, body, "en-US", "US", body_format="html")  # type: ignore[arg-type]


class Linebreaks2(Rule):
    slug, code, title = "linebreaks-2", "D9", "At most two line breaks"
    severity = Severity.BLOCK
    profiles = frozenset({"relay_email"})
    flagged = (
        _html("Hello<br><br>&nbsp;<br>A review is welcome."),
        _html("<p>Hello</p><p>&nbsp;</p><p>&nbsp;</p><p>&nbsp;</p><p>A review is welcome.</p>"),
        "Hello\n\n\nA review is welcome.",
    )
    passed = (
        _html("Hello<br><br>A review is welcome.<br><br><br>"),
        _html("<p>Hello</p>\n\n\n\n<p>A review is welcome.</p>"),
        "Hello\n\nA review is welcome.\n\n\n",
    )

    def check(self, document: Document) -> Iterator[Finding]:
        if document.tree is not None:
            for match in _HTML_BREAKS.finditer(document.draft.body):
                start, end = match.span()
                yield self.finding(_MESSAGE, text=match[0], start=start, end=end)
            return
        for match in _BREAKS.finditer(document.body.text):
            yield self.seen(_MESSAGE, document.body, *match.span(), fix=Fix("\n\n", "One empty line"))


_MESSAGE = "More than two line breaks in a row."
