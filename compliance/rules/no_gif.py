"""No GIF pictures.

What it flags
A picture that is a GIF, by its name or its data; other pictures that may move go to a person.

Why
Amazon forbids GIFs, moving or not.

Write instead
A PNG or JPEG.

Sources
EcommerceBytes, 8 September 2020, the list of styles; ZonGuru help. The way of measuring is ours (read 2026-11-23)."""

from collections.abc import Iterator

import regex

from compliance.engine import looks
from compliance.engine.document import Document
from compliance.engine.types import Draft, Finding, Outcome, Remedy, Rule, Severity


def _html(body: str, purpose: str = "review_request") -> Draft:
    return Draft("relay_email", purpose, body, "en-US", "US", body_format="html")  # type: ignore[arg-type]


_GIF = regex.compile(r"\.gif(?:$|[?#&])|^data:image/gif", regex.IGNORECASE)
_MAY_MOVE = regex.compile(r"\.(?:apng|webp)(?:$|[?#])|^data:image/(?:webp|apng)", regex.IGNORECASE)


class NoGif(Rule):
    slug, code, title = "no-gif", "D3", "No GIF"
    severity = Severity.BLOCK
    remedy = Remedy.ELEMENT
    profiles = frozenset({"relay_email"})
    flagged = (
        _html("<img src='https://x.example/Logo.GIF?v=1' alt='Acme'>"),
        _html("<p style='background:url(data:image/gif;base64,R0lG)'>Hi</p>"),
        _html("<img src='https://x.example/a.webp' alt='Acme'>"),
    )
    passed = (_html("<img src='https://x.example/giftbox.png' alt='Acme'>"), "The file is called a.gif.")

    def check(self, document: Document) -> Iterator[Finding]:
        for element, url in looks.pictures(document.tree) if document.tree else ():
            if _GIF.search(url):
                yield self.finding(
                    "A GIF; use a PNG or JPEG.", text=url, start=element.start, end=element.end
                )
            elif _MAY_MOVE.search(url):
                message = "This kind of picture may move; does it?"
                yield self.finding(
                    message, outcome=Outcome.REVIEW, text=url, start=element.start, end=element.end
                )
