"""No links out of Amazon.

What it flags
Every address that does not lead to an Amazon page, whether a link, typed or spelled out: shops, review
sites, forms, shorteners, look-alikes of Amazon's name, addresses that hide their target. A page the order
cannot be completed without (a carrier's booking page, a proof) goes to a person.

Why
Amazon allows no external link in a message, except a secure one that is necessary to complete the order.

Write instead
Link to the order's own pages: `{{ review_url }}`, `{{ feedback_url }}`, `{{ order_url }}`, `{{ contact_url
}}`.

Sources
ZonGuru help, may I ask for a review (read 2026-11-23). eComEngine, what can I include in my e-mails (read
2026-11-23). Amazon's Messaging API model: only links related to the type's purpose (read 2026-11-23)."""

import dataclasses
from collections.abc import Iterator

from compliance.engine.document import Document, View
from compliance.engine.links import Link
from compliance.engine.types import ASKS, Draft, Finding, Outcome, Remedy, Rule, Severity

_OTHER_RULES_SCHEMES = frozenset({"mailto", "tel", "sms", "callto", "cid"})
_MAY_NEED_ONE = frozenset({"delivery_scheduling", "custom_design", "home_services", "digital_access_key"})
_CARRIERS = frozenset(
    [
        "ups.com",
        "fedex.com",
        "dhl.com",
        "dhl.de",
        "dpd.com",
        "dpd.de",
        "dpd.co.uk",
        "hermesworld.com",
        "myhermes.de",
        "gls-group.eu",
        "gls-group.com",
        "usps.com",
        "royalmail.com",
        "evri.com",
        "parcelforce.com",
        "laposte.fr",
        "chronopost.fr",
        "colissimo.fr",
        "mondialrelay.fr",
        "correos.es",
        "seur.com",
        "mrw.es",
        "poste.it",
        "brt.it",
        "postnl.nl",
        "bpost.be",
        "inpost.pl",
        "poczta-polska.pl",
        "correios.com.br",
        "postnord.se",
        "japanpost.jp",
        "kuronekoyamato.co.jp",
        "sagawa-exp.co.jp",
        "canadapost.ca",
        "auspost.com.au",
        "aramex.com",
        "yurticikargo.com",
        "araskargo.com.tr",
        "ptt.gov.tr",
    ]
)


def _html(body: str, purpose: str = "review_request") -> Draft:
    return Draft("relay_email", purpose, body, "en-US", "US", body_format="html")  # type: ignore[arg-type]


class LinkExternal(Rule):
    slug, code, title = "link-external", "C1", "No link out of Amazon"
    severity = Severity.BLOCK
    remedy = Remedy.LINK
    profiles = frozenset({"relay_email", "messaging_api"})
    depends_on_values = True
    flagged = (
        _html('<a href="https://www.acme.example/warranty">Register</a>'),
        _html('<a href="https://amazon.com.evil.example/review">Review</a>'),
        _html('<a href="https://www.amazon.com@acme.example/">Review</a>'),
        _html('<a href="javascript:alert(1)">Review</a>'),
        _html('<a href="https:\\\\acme.example\\@amazon.com">Review</a>'),
        "See www.acme.example for more.",
        "Find us at acme dot com",
        "Our shop is acme-lamps.com",
        _html('<a href="https://www.dhl.com/book">Choose a day</a>', "delivery_scheduling"),
        "https://amzn.to/3xYz",
    )
    passed = (
        _html('<a href="https://www.amazon.co.uk/review/create-review?asin=B0C7GPRS41">Review the lamp</a>'),
        _html('<a href="{{ review_url }}">Review the lamp</a>'),
        "https://www.amazon.de/hz/feedback",
        "The lamp is here.It is yours. See manual.pdf, page 3, e.g. the 2.5 mm key.",
        Draft("insert_card", "warranty", "www.acme.example", "en-US", "US"),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        for link in document.links:
            if not link.is_placeholder and link.scheme not in _OTHER_RULES_SCHEMES:
                yield from self._one(document, link)

    def _one(self, document: Document, link: Link) -> Iterator[Finding]:
        if link.is_amazon or (link.kind == "href" and not link.host and link.scheme in ("", "http", "https")):
            return
        if _is_a_name(document, link):
            return
        outcome, message = _judge(link, document.draft)
        shown = link.visible or (None, None)
        yield dataclasses.replace(
            self.finding(message, outcome=outcome, text=link.url, start=link.start, end=link.end),
            where=link.where, visible_start=shown[0], visible_end=shown[1],
        )  # fmt: skip


def _judge(link: Link, draft: Draft) -> tuple[Outcome, str]:
    shown = link.host or link.url[:60]
    if link.is_shortened_amazon:
        return Outcome.REVIEW, f"{shown} hides where it leads; use the page's full Amazon address."
    if link.scheme not in ("", "http", "https"):
        return Outcome.BLOCK, f"{shown!r} is no web page; only secure links to Amazon are allowed."
    if link.domain in _CARRIERS and draft.purpose not in ASKS:
        return Outcome.REVIEW, f"{shown} is a carrier's page: a person decides whether the order needs it."
    if draft.purpose in _MAY_NEED_ONE and link.scheme == "https":
        return Outcome.REVIEW, f"{shown} is outside Amazon: a person decides whether the order needs it."
    if "amaz" in link.host:
        return Outcome.BLOCK, f"{shown} looks like Amazon and is not; use Amazon's own page."
    return Outcome.BLOCK, f"{shown} is outside Amazon; link only to the order's pages on Amazon."


def _is_a_name(document: Document, link: Link) -> bool:
    """An address that is part of a bought product's title ("Acme.com lamp")."""
    if link.kind == "href" or link.visible is None:
        return False
    view: View = document.subject if link.where == "subject" else document.body
    shown = view.text[slice(*link.visible)].lower()
    return any(shown in title.lower() for title in document.draft.product_titles)
