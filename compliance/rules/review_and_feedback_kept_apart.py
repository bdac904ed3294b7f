"""Product reviews and seller feedback are two things.

What it flags
A link to the form for seller feedback whose words promise a product review, or the reverse.

Why
A buyer who praises the product in the seller's feedback loses the comment, and leading praise to one form and complaints to
the other looks like steering. One request may ask for both, each with its own link.

Write instead
"Write a product review" with `{{ review_url }}`, "Leave seller feedback" with `{{ feedback_url }}`.

Sources
FeedbackWhiz, changes of the terms; Amazon's Solicitations API model (read 2026-11-23)."""

from collections.abc import Iterator

import regex

from compliance.engine.document import Document, Sentence
from compliance.engine.links import AMAZON, Link
from compliance.engine.types import Draft, Finding, Fix, Outcome, Rule, Severity

_FEEDBACK, _REVIEW = "feedback", "review"
_GROUPS = {
    _FEEDBACK: ("seller-feedback-removal.feedback", "review-and-feedback-kept-apart.seller"),
    _REVIEW: ("review-and-feedback-kept-apart.product",),
}
_TARGETS = (
    (regex.compile(r"/(?:hz/)?feedback\b|\{\{\s*feedback_url\b", regex.IGNORECASE), _REVIEW, _FEEDBACK),
    (regex.compile(r"/review/(?:create-)?review|\{\{\s*review_url\b", regex.IGNORECASE), _FEEDBACK, _REVIEW),
)
_MESSAGES = {
    _REVIEW: "The words promise a product review, the link leads to seller feedback; make them agree.",
    _FEEDBACK: "The words promise seller feedback, the link leads to a product review; make them agree.",
}


def _in(language: str, store: str, path: str, words: str) -> Draft:
    body = f'<p>Hello. <a href="https://www.amazon.{store}{path}">{words}</a></p>'
    return Draft("relay_email", "review_and_feedback_request", body, language, "US", body_format="html")


class ReviewAndFeedbackKeptApart(Rule):
    slug, code, title = "review-and-feedback-kept-apart", "R11", "Reviews and feedback kept apart"
    severity = Severity.ADVISE
    profiles = frozenset({"relay_email", "messaging_api"})
    flagged = (
        _in("en-US", "com", "/hz/feedback?orderID=1", "Write a product review"),
        _in("en-US", "com", "/review/create-review?asin=B0", "Leave seller feedback"),
        Draft(
            "relay_email",
            "review_request",
            '<a href="{{ feedback_url }}">Write a product review</a>',
            "en-US",
            "US",
            body_format="html",
            stage="template",
        ),
        _in("de-DE", "de", "/hz/feedback", "Produktrezension schreiben"),
        _in("fr-FR", "fr", "/hz/feedback", "Donner votre avis sur le produit"),
        _in("es-ES", "es", "/hz/feedback", "Escribir una reseña del producto"),
        _in("it-IT", "it", "/hz/feedback", "Scrivi una recensione del prodotto"),
        _in("nl-NL", "nl", "/hz/feedback", "Schrijf een productrecensie"),
        _in("pl-PL", "pl", "/hz/feedback", "Napisz opinię o produkcie"),
        _in("pt-BR", "com.br", "/hz/feedback", "Avaliar o produto"),
        _in("sv-SE", "se", "/hz/feedback", "Skriv en produktrecension"),
        _in("ja-JP", "co.jp", "/hz/feedback", "商品レビューを書く"),
        _in("tr-TR", "com.tr", "/hz/feedback", "Ürün yorumu yazın"),
    )
    passed = (
        _in("en-US", "com", "/review/create-review?asin=B0", "Write a product review"),
        _in("en-US", "com", "/hz/feedback", "Leave seller feedback"),
        _in("en-US", "com", "/hz/feedback", "Seller feedback or product review"),
        _in(
            "de-DE",
            "de",
            "/hz/feedback",
            "Uns als Verkäufer bewerten</a>, oder <a href='{{ review_url }}'>das Produkt",
        ),
        _in("en-US", "com", "/gp/your-account/order-details", "Write a product review from your order"),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        if not document.says(*_GROUPS[_FEEDBACK], *_GROUPS[_REVIEW]):
            return
        for link in document.links:
            if link.visible is None or not (link.is_placeholder or link.domain in AMAZON):
                continue
            wrong = _wrong(document, link)
            if wrong:
                yield self.finding(
                    _MESSAGES[wrong],
                    outcome=Outcome.REVIEW,
                    text=f"{link.url} {link.words}",
                    start=link.start,
                    end=link.end,
                    fix=_swapped(link),
                )


def _swapped(link: Link) -> Fix | None:
    """To what the words say, where the address is filled in."""
    other = {"{{ review_url }}": "{{ feedback_url }}", "{{ feedback_url }}": "{{ review_url }}"}.get(link.url)
    return Fix(other, "Link to what the words say") if other else None


def _wrong(document: Document, link: Link) -> str:
    """What the link is not, if its words say it; "" where they agree, name both or name neither."""
    for target, wrong, right in _TARGETS:
        if target.search(link.url):
            said = _said(document, link)
            return wrong if wrong in said and right not in said else ""
    return ""


def _said(document: Document, link: Link) -> set[str]:
    """What the link's own words name, or else its sentence, if that holds no other link."""
    start, end = link.visible or (0, 0)
    around = [s for s in document.body.sentences if s.start < end and start < s.end]
    named = [(what, said) for s in around for what, groups in _GROUPS.items() for said in s.all(*groups)]
    own = {what for what, said in named if said.start < end and start < said.end}
    return own if own or _others(document, around, link) else {what for what, _ in named}


def _others(document: Document, around: list[Sentence], link: Link) -> bool:
    spans = [other.visible for other in document.links if other is not link and other.visible]
    return any(s.start < end and start < s.end for s in around for start, end in spans)
