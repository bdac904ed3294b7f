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

from compliance.engine import looks, styles
from compliance.engine.document import Document
from compliance.engine.elements import Element
from compliance.engine.types import Draft, Finding, Outcome, Remedy, Rule, Severity


def _html(body: str, purpose: str = "review_request") -> Draft:
    return Draft("relay_email", purpose, body, "en-US", "US", body_format="html")  # type: ignore[arg-type]


_COUNTS = regex.compile(
    r"https?://[^/]{0,253}\b(?:track|trk|open|pixel|beacon|click|suivi|stat)[\w-]{0,63}\.|/(?:o|open|opens?|pixel|track|trk|beacon|wf/open|ouverture|imp)"
    r"(?:[/?.]|$)|pixel\.(?:png|gif|jpg)",
    regex.IGNORECASE,
)
# A part of the address that is another for each buyer.
_TOKEN = regex.compile(
    r"[?&;](?:u|uid|user|userid|email|e?mail_?id|recipient|rcpt|subscriber|sid|cid|mid|msgid|message_?id|token|hash|contact)"
    r"=[\w.%@+-]{2}|/[0-9a-f]{24,}(?![\w-])",
    regex.IGNORECASE,
)
_SHEET_URL = regex.compile(r"""url\(\s*+["']?([^"')]{1,2000})""", regex.IGNORECASE)
_FETCHES = regex.compile(
    r"\b(?:stylesheet|preload|prefetch|preconnect|dns-prefetch|icon|import)\b", regex.IGNORECASE
)
_REMOTE = regex.compile(r"@import\s[^;]{0,300}", regex.IGNORECASE)


class NoTrackingPixel(Rule):
    slug, code, title = "no-tracking-pixel", "C9", "No tracking"
    severity = Severity.BLOCK
    remedy = Remedy.ELEMENT
    profiles = frozenset({"relay_email"})
    flagged = (
        _html("<p>Hi</p><img src='https://x.example/a.png' width=1 height=1 alt=''>"),
        _html("<p>Hi</p><img src='https://x.example/a.png' style='display:none' alt=''>"),
        _html("<p>Hi</p><img src='https://mail.x.example/open/8817.png' alt=''>"),
        _html("<p style='background:url(https://x.example/p?id=99ac)'>Hi</p>"),
        _html("<style>@import url('https://x.example/a.css');</style><p>Hi</p>"),
        _html("<p>Hi</p><img src='https://x.example/a.png' alt='' style='max-height:0;overflow:hidden'>"),
        _html(
            "<p>Hi</p><div style='height:0;overflow:hidden'><img src='https://x.example/a.png' alt=''></div>"
        ),
        _html("<p>Hi</p><img src='https://x.example/logo.png?uid=8817aa' alt='Acme' width=120>"),
        _html("<style>.x{background:url(https://x.example/i?email=a%40b)}</style><p>Hi</p>"),
        _html(
            "<p>Hi</p><svg width=1 height=1><image href='https://x.example/a.png' width=1 height=1 /></svg>"
        ),
        _html("<link rel=stylesheet href='https://x.example/a.css'><p>Hi</p>"),
    )
    passed = (
        _html("<img src='https://x.example/logo.png?v=3' width=120 alt='Acme'>"),
        _html("<img src='cid:logo' width=120 alt='Acme'><hr style='height:1px'>"),
        _html("<td style='font-size:0'><img src='https://x.example/logo.png' width=120 alt='Acme'></td>"),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        page = document.tree
        if page is None:
            return
        for element, url in looks.pictures(page):
            if _tells(element, url):
                message = "This picture can tell who opened the mail; take it out."
                yield self.finding(message, text=f"{url} {looks.source(document, element)}".strip(),
                                   start=element.start, end=element.end)  # fmt: skip
        yield from self._fetched(document)
        if "<style" in document.draft.body.lower():
            yield from self._sheets(document)

    def _fetched(self, document: Document) -> Iterator[Finding]:
        for element in document.tree.dressed if document.tree else ():
            if (
                element.tag == "link" and _FETCHES.search(element.attribute("rel"))
            ) or element.tag == "bgsound":
                text = looks.source(document, element)
                yield self.finding(
                    _ELSEWHERE, outcome=Outcome.REVIEW, text=text, start=element.start, end=element.end
                )
        for match in _REMOTE.finditer(document.draft.body):
            start, end = match.span()
            yield self.finding(_ELSEWHERE, outcome=Outcome.REVIEW, text=match[0], start=start, end=end)

    def _sheets(self, document: Document) -> Iterator[Finding]:
        """Pictures that a style sheet fetches, for whatever element."""
        for match in _SHEET_URL.finditer(document.draft.body):
            if (_COUNTS.search(match[1]) or _TOKEN.search(match[1])) and _is_in_sheet(
                document.draft.body, match.start()
            ):
                message = "This picture can tell who opened the mail; take it out."
                yield self.finding(message, text=match[1], start=match.start(1), end=match.end(1))


_ELSEWHERE = "Styles fetched from elsewhere can tell who opened the mail."


def _is_in_sheet(source: str, at: int) -> bool:
    lowered = source[:at].lower()
    return lowered.rfind("<style") > lowered.rfind("</style")


def _tells(element: Element, url: str) -> bool:
    if url.lower().startswith(("cid:", "data:")):
        return False
    if element.tag in ("img", "image", "input") and _is_unseen(element):
        return True
    return bool(_COUNTS.search(url) or _TOKEN.search(url)) or (element.tag != "img" and "?" in url)


def _is_unseen(element: Element) -> bool:
    if element.is_gone or element.is_veiled:
        return True
    if element.said("opacity") and (styles.share(element.said("opacity")) or 0) < 0.1:
        return True
    said = [element.said(name) for name in _EXTENTS] + [
        element.attribute("width"),
        element.attribute("height"),
    ]
    sizes = [styles.length(size, styles.WIDTH) for size in said if size]
    return any(size is not None and size <= 2 for size in sizes)


_EXTENTS = ("width", "height", "max-width", "max-height")
