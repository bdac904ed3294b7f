"""Pictures of at most four fifths of the width.

What it flags
A picture wider than 80% of the message's width (its own, or 600 pixels), or one that stretches to all of it.
A picture whose width is not said is only pointed out.

Why
Amazon shows messages in its own style and stops those that bring another.

Write instead
<img src="cid:logo" alt="Acme" width="200">

Sources
EcommerceBytes, 8 September 2020, the list of styles; ZonGuru help. The way of measuring is ours (read 2026-11-23)."""

from collections.abc import Iterator

from compliance.engine import looks, styles
from compliance.engine.document import Document
from compliance.engine.elements import Element
from compliance.engine.types import Draft, Finding, Fix, Outcome, Rule, Severity


def _html(body: str, purpose: str = "review_request") -> Draft:
    return Draft("relay_email", purpose, body, "en-US", "US", body_format="html")  # type: ignore[arg-type]


_LIMIT = 0.8


class Image80(Rule):
    slug, code, title = "image-80", "D5", "Pictures of at most 80% of the width"
    severity = Severity.BLOCK
    profiles = frozenset({"relay_email"})
    flagged = (
        _html("<img src='cid:a' alt='Acme' width='100%'>"),
        _html("<img src='cid:a' alt='Acme' width=560>"),
        _html("<img src='cid:a' alt='Acme' style='width:520px'>"),
        _html("<img src='cid:a' alt='Acme' style='max-width:100%'>"),
    )
    passed = (
        _html("<img src='cid:a' alt='Acme' width=200 style='max-width:100%'>"),
        _html("<img src='cid:a' alt='Acme' width=480>"),
        _html("<img src='cid:a' alt='Acme'>"),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        page = document.tree
        images = page.named("img") if page else []
        if page is None or not images:
            return
        whole = looks.width_of(page)
        for image in images:
            widths = [styles.length(said, whole) for said in _said(image) if said]
            known = [width for width in widths if width is not None]
            text = looks.source(document, image)
            if not known:
                message = "Say how wide the picture is (at most 480 pixels); else nobody can tell."
                yield self.finding(
                    message, outcome=Outcome.ADVICE, text=text, start=image.start, end=image.end
                )
            elif min(known) > _LIMIT * whole:
                message = f"The picture takes {min(known) / whole:.0%} of the width; Amazon allows 80%."
                fix = _narrower(document, image, int(_LIMIT * whole))
                yield self.finding(message, text=text, start=image.start, end=image.end, fix=fix)


def _narrower(document: Document, image: Element, width: int) -> Fix | None:
    """Only where its attribute alone says how wide it is. The height goes with it, or the picture would be squeezed."""
    if image.said("width") or image.said("max-width") or image.said("height"):
        return None
    tag = looks.without(document, image, (), ("width", "height"))
    return (
        Fix(f'{tag[:4]} width="{width}"{tag[4:]}', "As wide as is allowed")
        if tag[:4].lower() == "<img"
        else None
    )


def _said(image: Element) -> tuple[str, str, str]:
    return image.said("width"), image.attribute("width"), image.said("max-width")
