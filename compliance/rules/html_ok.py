"""Mail that a mail client can show.

What it flags
Scripts, embedded programs and pages, acts on events, and a page that sends its reader on.

Why
Amazon takes HTML mail and says nowhere what it takes out. What acts is taken out or stops the mail, whatever stands
around it. There is no public list of tags, so only what no mail client runs is flagged.

Write instead
Words, links and pictures. A plain-text part is made from the same text, so it passes the same checks.

Sources
Piroska, summary of Amazon's FAQ, 2023 (read 2026-11-23). The list is ours."""

from collections.abc import Iterator

from compliance.engine import looks
from compliance.engine.document import Document
from compliance.engine.elements import Element
from compliance.engine.types import Draft, Finding, Remedy, Rule, Severity


def _html(body: str) -> Draft:
    return Draft("relay_email", "review_request", body, "en-US", "US", body_format="html")


_ACTS = frozenset(
    {"script", "object", "embed", "applet", "iframe", "frame", "frameset", "video", "audio", "canvas"}
)


class HtmlOk(Rule):
    slug, code, title = "html-ok", "F4", "Mail that a mail client can show"
    severity = Severity.BLOCK
    remedy = Remedy.ELEMENT
    profiles = frozenset({"relay_email"})
    flagged = (
        _html("<p>Hello</p><script>track()</script>"),
        _html("<p onclick='go()'>Hello</p>"),
        _html("<iframe src='https://www.amazon.com/'></iframe>"),
        _html("<meta http-equiv='Refresh' content='0;url=https://www.amazon.com/'><p>Hello</p>"),
    )
    passed = (
        _html("<meta charset=utf-8><p onward=1>Hello</p>"),
        _html("<table><tr><td>Hello</td></tr></table>"),
        Draft("relay_email", "review_request", "<script> is a word here", "en-US", "US"),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        for element in document.tree.dressed if document.tree else ():
            if what := _acts(element):
                text = looks.source(document, element)
                yield self.finding(
                    f"{what} does nothing good in mail; take it out.",
                    text=text,
                    start=element.start,
                    end=element.end,
                )


def _acts(element: Element) -> str:
    if element.tag in _ACTS:
        return f"<{element.tag}>"
    for name in element.attributes:
        if name.startswith("on") and name[2:] in _EVENTS:
            return name
    if element.tag == "meta" and element.attribute("http-equiv").lower() == "refresh":
        return "A page that sends its reader on"
    return ""


_EVENTS = frozenset(
    ("click", "dblclick", "load", "unload", "error", "mouseover", "mouseout", "mouseenter", "mousedown", "mouseup",
     "mousemove", "focus", "blur", "change", "submit", "input", "keydown", "keyup", "keypress", "scroll", "resize",
     "animationstart", "animationend", "toggle", "touchstart", "pointerdown", "wheel", "begin"),
)  # fmt: skip
