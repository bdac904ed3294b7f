"""Amazon's pages about the order only.

What it flags
Links to Amazon's shops, searches and deals, to other products, and links that earn a commission. The bought
product's page, or another store's, goes to a person.

Why
A product page or a shop is marketing. The review, feedback, order and contact pages are what a message may
need.

Write instead
`{{ review_url }}`, `{{ feedback_url }}`, `{{ order_url }}`, `{{ contact_url }}`

Sources
eComEngine, what can I include in my e-mails; Amazon UK seller forum, permitted messages (read 2026-11-23)."""

import dataclasses
from collections.abc import Iterator

import regex

from compliance.engine import links
from compliance.engine.document import Document
from compliance.engine.links import Link
from compliance.engine.types import Draft, Finding, Outcome, Remedy, Rule, Severity


def _html(body: str, purpose: str = "review_request") -> Draft:
    return Draft("relay_email", purpose, body, "en-US", "US", body_format="html")  # type: ignore[arg-type]


_COMMISSION = regex.compile(r"[?&](?:tag|ascsubtag|linkCode)=", regex.IGNORECASE)
_SHOP = regex.compile(
    r"^/(?:stores?|shops?|s|b|deals|gp/(?:browse|goldbox|aag|search)|sp|gcx|events|promocode|promotion)(?:[/?]|$)|[?&](?:me|seller|k|field-keywords)=",
    regex.IGNORECASE,
)
_PRODUCT = regex.compile(r"/(?:dp|gp/product|gp/aw/d|o/ASIN)/", regex.IGNORECASE)


class LinkAmazonKind(Rule):
    slug, code, title = "link-amazon-kind", "C3", "Which of Amazon's pages"
    severity = Severity.ACCOUNT
    remedy = Remedy.LINK
    profiles = frozenset({"relay_email", "messaging_api"})
    depends_on_values = True
    flagged = (
        _html("<a href='https://www.amazon.com/stores/page/6A1F'>More</a>"),
        _html("<a href='https://www.amazon.com/review/create-review?asin=B0&tag=acme-20'>Review</a>"),
        _html("<a href='https://www.amazon.com/s?k=lamp'>More</a>"),
        "The lamp: https://www.amazon.com/dp/B0C7GPRS41",
    )
    passed = (
        _html("<a href='https://www.amazon.com/review/create-review?asin=B0C7GPRS41'>Review</a>"),
        "https://www.amazon.com/hz/feedback?orderID=112-4830917-2265401",
        "https://www.amazon.com/gp/your-account/order-details?orderID=112-4830917-2265401",
    )

    def check(self, document: Document) -> Iterator[Finding]:
        for link in document.links:
            if link.domain in links.AMAZON and (judged := _judge(link, document.draft)):
                outcome, message = judged
                shown = link.visible if link.kind == "typed" and link.visible else (None, None)
                found = self.finding(message, outcome=outcome, text=link.url, where=link.where)
                yield dataclasses.replace(
                    found, start=link.start, end=link.end, visible_start=shown[0], visible_end=shown[1]
                )


def _judge(link: Link, draft: Draft) -> tuple[Outcome, str] | None:
    path = link.url.partition(link.host)[2]
    if _COMMISSION.search(path):
        return Outcome.BLOCK, "This link earns a commission; link to the plain page."
    if _SHOP.search(path):
        return Outcome.BLOCK, "A shop, a search or a deal is advertising; link to the order's own pages."
    if not _PRODUCT.search(path):
        return None
    if draft.purpose in ("order_problem", "order_information", "invoice"):
        return Outcome.BLOCK, "A product's page is advertising here; leave it out."
    return Outcome.REVIEW, "A product's page: the review page is safer; a person decides."
