"""No picture of what was bought.

What it flags
A picture from Amazon's product pictures, or from the product's picture placeholder.

Why
Amazon puts the product's picture into the message itself.

Write instead
Nothing: leave it out.

Sources
ZonGuru help; Zonmaster, compliance checklist 2023 (read 2026-11-23)."""

from collections.abc import Iterator

import regex

from compliance.engine import looks
from compliance.engine.document import Document
from compliance.engine.types import Draft, Finding, Remedy, Rule, Severity


def _html(body: str, purpose: str = "review_request") -> Draft:
    return Draft("relay_email", purpose, body, "en-US", "US", body_format="html")  # type: ignore[arg-type]


_PRODUCT = regex.compile(
    r"(?:media-amazon|images-amazon|ssl-images-amazon)\.com/images/[IP]/|\{\{[^{}]{0,40}(?:image|picture|photo)",
    regex.IGNORECASE,
)


class NoImageOfPurchasedProduct(Rule):
    slug, code, title = "no-image-of-purchased-product", "C13", "No picture of the product"
    severity = Severity.BLOCK
    remedy = Remedy.ELEMENT
    profiles = frozenset({"relay_email"})
    flagged = (
        _html("<img src='https://m.media-amazon.com/images/I/71abQx9kLmL.jpg' width=300 alt='Lamp'>"),
        _html("<img src='{{ product_image }}' width=300 alt='Lamp'>"),
    )
    passed = (
        _html("<img src='cid:logo' width=120 alt='Acme'>"),
        _html("<img src='cid:proof' width=300 alt='Your engraving'>", "custom_design"),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        for element, url in looks.pictures(document.tree) if document.tree else ():
            if _PRODUCT.search(url):
                message = "Amazon shows the product itself; leave its picture out."
                yield self.finding(message, text=url, start=element.start, end=element.end)
