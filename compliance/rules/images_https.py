"""Pictures come by https.

What it flags
A picture by http, or by an address without its scheme.

Why
Amazon allows no insecure pictures.

Write instead
The picture's https address.

Sources
EcommerceBytes, 8 September 2020, the list of styles; ZonGuru help. The way of measuring is ours (read 2026-11-23)."""

from collections.abc import Iterator

from compliance.engine import looks
from compliance.engine.document import Document, attribute_span
from compliance.engine.elements import Element
from compliance.engine.types import Draft, Finding, Fix, Rule, Severity


def _html(body: str, purpose: str = "review_request") -> Draft:
    return Draft("relay_email", purpose, body, "en-US", "US", body_format="html")  # type: ignore[arg-type]


class ImagesHttps(Rule):
    slug, code, title = "images-https", "D10", "Secure pictures"
    severity = Severity.BLOCK
    profiles = frozenset({"relay_email"})
    flagged = (
        _html("<img src='http://x.example/a.png' alt='Acme'>"),
        _html("<img src='//x.example/a.png' alt='Acme'>"),
        _html("<table background='http://x.example/a.png'><tr><td>Hi</td></tr></table>"),
        _html("<div style='background-image:url(\"http://x.example/a.png\")'>Hi</div>"),
    )
    passed = (
        _html("<img src='https://x.example/a.png' alt='Acme'><img src='cid:b' alt='Acme'>"),
        _html("<p>http://www.w3.org/2000/svg</p>"),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        for element, url in looks.pictures(document.tree) if document.tree else ():
            if url.lower().startswith(("http:", "//")):
                message = "The picture does not come by https."
                fix = _secure(document, element, url)
                yield self.finding(message, text=url, start=element.start, end=element.end, fix=fix)


def _secure(document: Document, element: Element, url: str) -> Fix | None:
    """Only where the address stands in its attribute as it is; one in a style is left to the author."""
    start, end = attribute_span(document.draft.body, element, "src")
    if document.draft.body[start:end] != url:
        return None
    return Fix("https:" + url[url.index("//") :], "Use https", start, end) if "//" in url else None
