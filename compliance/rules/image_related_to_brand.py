"""Pictures of the brand only.

What it flags
Pictures that by their name or text show stars, thumbs or smiling faces.

Why
Amazon wants pictures to relate to the seller's brand, and stars suggest the rating.

Write instead
The brand's logo, or no picture.

Sources
ZonGuru help; Zonmaster, compliance checklist 2023 (read 2026-11-23)."""

from collections.abc import Iterator

import regex

from compliance.engine.document import Document
from compliance.engine.types import Draft, Finding, Remedy, Rule, Severity


def _html(body: str, purpose: str = "review_request") -> Draft:
    return Draft("relay_email", purpose, body, "en-US", "US", body_format="html")  # type: ignore[arg-type]


_RATING = regex.compile(
    r"(?<![a-z])(?:5|five|gold|golden|rating|review|fuenf|cinq|cinco|cinque|vijf)?[-_ ]?"
    r"(?:stars?|sterne|etoiles|estrellas|stelle|sterren|gwiazdki)"
    r"(?![a-z])|thumbs?[-_ ]?up|smiley|smiling",
    regex.IGNORECASE,
)


class ImageRelatedToBrand(Rule):
    slug, code, title = "image-related-to-brand", "C14", "Pictures of the brand only"
    severity = Severity.ADVISE
    remedy = Remedy.ELEMENT
    profiles = frozenset({"relay_email"})
    flagged = (
        _html("<img src='https://x.example/stars-gold.png' width=120 alt=''>"),
        _html("<img src='cid:a' width=120 alt='thumbs up'>"),
    )
    passed = (
        _html("<img src='https://x.example/logo.png' width=120 alt='Acme'>"),
        _html("<img src='https://x.example/starshine-logo.png' width=120 alt='Starshine'>"),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        for image in document.tree.named("img") if document.tree else ():
            name = image.attribute("src").split("?")[0].rpartition("/")[2]
            if _RATING.search(name) or _RATING.search(image.attribute("alt")):
                message = "A picture of stars or praise suggests what to answer; show the brand or nothing."
                text = f"{name} {image.attribute('alt')}".strip()
                yield self.finding(message, text=text, start=image.start, end=image.end)
