"""Links are secure.

What it flags
A link by http.

Why
Amazon allows only secure, working links.

Write instead
The page's https address.

Sources
Jungle Scout, Amazon's communication guidelines; ZonGuru help (read 2026-11-23)."""

import dataclasses
from collections.abc import Iterator

from compliance.engine.document import Document
from compliance.engine.types import Draft, Finding, Fix, Rule, Severity


def _html(body: str, purpose: str = "review_request") -> Draft:
    return Draft("relay_email", purpose, body, "en-US", "US", body_format="html")  # type: ignore[arg-type]


class LinkSecureWorking(Rule):
    slug, code, title = "link-secure-working", "C2", "Secure links"
    severity = Severity.BLOCK
    profiles = frozenset({"relay_email", "messaging_api"})
    depends_on_values = True
    flagged = (
        _html("<a href='http://www.amazon.com/review/create-review'>Review</a>"),
        "Review it at http://www.amazon.com/review/create-review",
    )
    passed = (
        _html("<a href='https://www.amazon.com/review/create-review'>Review</a>"),
        "Review it at www.amazon.com/review/create-review",
    )

    def check(self, document: Document) -> Iterator[Finding]:
        for link in document.links:
            if link.scheme == "http" and link.host:
                found = self.finding(
                    f"The link to {link.host} is not secure; use its https address.",
                    text=link.url, where=link.where, start=link.start, end=link.end, fix=_secure(link.url),
                )  # fmt: skip
                shown = link.visible if link.kind == "typed" and link.visible else (None, None)
                yield dataclasses.replace(found, visible_start=shown[0], visible_end=shown[1])


def _secure(url: str) -> Fix | None:
    return Fix("https" + url[4:], "Use https") if url.startswith("http:") else None
