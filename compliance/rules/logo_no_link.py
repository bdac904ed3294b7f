"""A logo that leads nowhere.

What it flags
A picture inside a link that leaves Amazon.

Why
Amazon allows a logo only if it neither links to the seller's site nor shows its address.

Write instead
<img src="cid:logo" alt="Acme" width="120">

Sources
ZonGuru help; Zonmaster, compliance checker (read 2026-11-23)."""

from collections.abc import Iterator

from compliance.engine import links
from compliance.engine.document import Document
from compliance.engine.types import Draft, Finding, Remedy, Rule, Severity


def _html(body: str, purpose: str = "review_request") -> Draft:
    return Draft("relay_email", purpose, body, "en-US", "US", body_format="html")  # type: ignore[arg-type]


class LogoNoLink(Rule):
    slug, code, title = "logo-no-link", "C6", "A logo without a link"
    severity = Severity.BLOCK
    remedy = Remedy.LINK
    profiles = frozenset({"relay_email"})
    flagged = (_html("<a href='https://www.acme.example'><img src='cid:logo' alt='Acme'></a>"),)
    passed = (
        _html("<img src='cid:logo' alt='Acme'>"),
        _html(
            "<a href='https://www.amazon.com/review/create-review'><img src='cid:logo' alt='Write a review'></a>"
        ),
        _html("<a href='{{ review_url }}'><img src='cid:logo' alt='Write a review'></a>"),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        for image in document.tree.named("img") if document.tree else ():
            link = next((around for around in image.ancestors() if around.tag == "a"), None)
            domain = links.parts(link.attribute("href"))[2] if link else ""
            if link and domain and domain not in links.AMAZON:
                text = document.draft.body[link.start : image.end]
                yield self.finding(
                    f"The picture links to {domain}; a logo may not.",
                    text=text,
                    start=link.start,
                    end=image.end,
                )
