"""No tracking of who opens the mail.

What it flags
Pictures nobody can see, pictures from an address that counts openings, background pictures with a token, and
styles fetched from elsewhere (a person decides).

Why
Amazon forbids tracking pixels and images. A sending service may add them: check what leaves it.

Write instead
Nothing: leave it out.

Sources
ZonGuru help, may I ask for a review; Zonmaster, compliance checklist 2023 (read 2026-11-23)."""

from collections.abc import Iterator

import regex

from compliance.engine import looks
from compliance.engine.document import Document
from compliance.engine.tree import Element
from compliance.engine.types import Draft, Finding, Outcome, Rule, Severity


def _html(body: str, purpose: str = "review_request") -> Draft:
    return Draft("relay_email", purpose, body, "en-US", "US", body_format="html")  # type: ignore[arg-type]


_COUNTS = regex.compile(
    r"https?://[^/]*\b(?:track|trk|open|pixel|beacon|click|suivi|stat)[\w-]*\.|/(?:o|open|opens?|pixel|track|trk|beacon|wf/open|ouverture|imp)"
    r"(?:[/?.]|$)|pixel\.(?:png|gif|jpg)",
    regex.IGNORECASE,
)
_REMOTE = regex.compile(r"@import\s[^;]{0,300}", regex.IGNORECASE)


class NoTrackingPixel(Rule):
    slug, code, title = "no-tracking-pixel", "C9", "No tracking"
    severity = Severity.BLOCK
    profiles = frozenset({"relay_email"})
    flagged = (
        _html("<p>Hi</p><img src='https://x.example/a.png' width=1 height=1 alt=''>"),
        _html("<p>Hi</p><img src='https://x.example/a.png' style='display:none' alt=''>"),
        _html("<p>Hi</p><img src='https://mail.x.example/open/8817.png' alt=''>"),
        _html("<p style='background:url(https://x.example/p?id=99ac)'>Hi</p>"),
        _html("<style>@import url('https://x.example/a.css');</style><p>Hi</p>"),
    )
    passed = (
        _html("<img src='https://x.example/logo.png?v=3' width=120 alt='Acme'>"),
        _html("<img src='cid:logo' width=120 alt='Acme'><hr style='height:1px'>"),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        for element, url in looks.pictures(document.tree) if document.tree else ():
            if _is_unseen(element) or _COUNTS.search(url) or (element.tag != "img" and "?" in url):
                message = "This picture can tell who opened the mail; take it out."
                yield self.finding(message, text=url, start=element.start, end=element.end)
        for match in _REMOTE.finditer(document.draft.body) if document.tree else ():
            message = "Styles fetched from elsewhere can tell who opened the mail."
            yield self.finding(
                message, outcome=Outcome.REVIEW, text=match[0], start=match.start(), end=match.end()
            )


def _is_unseen(element: Element) -> bool:
    if element.tag != "img":
        return False
    if element.is_hidden:
        return True
    said = (
        looks.value(element, "width"),
        looks.value(element, "height"),
        element.attribute("width"),
        element.attribute("height"),
    )
    sizes = [looks.length(size, looks.WIDTH) for size in said if size and not size.endswith("%")]
    return any(size is not None and size <= 2 for size in sizes)
