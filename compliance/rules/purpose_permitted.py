"""The text serves the purpose that is declared.

What it flags
A request for a review declared as something else, news and thanks that serve no purpose, a delivery problem
of an order that Amazon delivers.

Why
Amazon allows a message for a few reasons. A review request dressed as an order problem is the classic abuse,
and costs accounts.

Write instead
Declare what the text does, and send two purposes as one message to a person first.

Sources
FeedbackWhiz, changes of the terms; Amazon UK seller forum, permitted messages (read 2026-11-23)."""

from collections.abc import Iterator

from compliance.engine import asks, flags
from compliance.engine.document import Document, Said
from compliance.engine.types import ASKS, Draft, Finding, Outcome, Rule, Severity
from compliance.meaning import purposes
from compliance.rules.no_order_or_shipping_confirmation import NoOrderOrShippingConfirmation
from compliance.rules.not_thanks_or_help_only import NotThanksOrHelpOnly

_WORTH = (
    "no-incentive.gift",
    "no-positive-only.praise",
    "no-review-change-or-removal.change",
    "shared.satisfied_if",
)
_EMPTY: tuple[Rule, ...] = (NoOrderOrShippingConfirmation(), NotThanksOrHelpOnly())


def _in(language: str, body: str, purpose: str = "order_problem", **fields: str) -> Draft:
    return Draft("relay_email", purpose, body, language, language[-2:], **fields)  # type: ignore[arg-type]


class PurposePermitted(Rule):
    slug, code, title = "purpose-permitted", "P1", "The declared purpose"
    severity = Severity.ACCOUNT
    looks_back = True
    profiles = frozenset({"relay_email", "messaging_api"})
    flagged = (
        _in("en-US", "Please write a product review and get a gift card."),
        _in("en-US", "Here is your invoice. If you wish, you can write a product review.", "invoice"),
        _in("de-DE", "Anbei die Rechnung. Über eine Bewertung freuen wir uns.", "invoice"),
        _in(
            "en-US",
            "Great news: your order has shipped and is on its way. Track it here.",
            "order_information",
        ),
        _in("en-US", "Thank you so much for your order! If anything is wrong, just reply.", "other_needed"),
        _in("en-US", "The courier is two days behind schedule.", fulfilment="FBA"),
    )
    passed = (
        _in("en-US", "Which colour of thread shall we use for the initials?", "order_information"),
        _in("en-US", "You can write a product review.", "review_request"),
        _in("en-US", "The courier could not find flat 4. Which entrance is it?"),
        _in(
            "en-US",
            "Please review the attached proof and tell us whether the name is right.",
            "custom_design",
        ),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        draft = document.draft
        if draft.purpose in ASKS:
            return
        if (said := _asked(document)) is not None:
            is_worse = any(document.says(group) for group in _WORTH) or (
                draft.purpose != "invoice" and _alone(document)
            )
            outcome = Outcome.BLOCK if is_worse else Outcome.REVIEW
            message = "Speaks of a review, which is not the purpose declared."
            yield self.seen(message, said.view, *asks.marked(said), outcome=outcome)
            return
        if (belying := _belying(document)) is not None:
            message = "This serves none of the purposes Amazon allows, or not the one declared."
            yield self.finding(
                message, outcome=belying.outcome, text=belying.text, where=belying.where,
                start=belying.start, end=belying.end,
            )  # fmt: skip
            return
        for rule in _EMPTY:
            for found in rule.check(document):
                if found.outcome is Outcome.BLOCK:
                    message = "This serves none of the purposes Amazon allows."
                    yield self.finding(
                        message, text=found.text, where=found.where, start=found.start, end=found.end
                    )
                    return
        if draft.fulfilment == "FBA" and draft.purpose in ("order_problem", "delivery_scheduling"):
            for said in list(flags.said(document, "purpose-permitted.carrier"))[:1]:
                message = "Amazon delivers this order; its delivery is Amazon's to speak of."
                yield self.seen(message, said.view, said.start, said.end, outcome=Outcome.REVIEW)


_OF_REVIEWS = frozenset({
    "no-incentive", "no-positive-only", "no-condition-on-satisfaction", "no-pressure", "no-scripted-review",
    "no-review-change-or-removal", "no-insiders", "no-off-amazon-review",
})  # fmt: skip
_IDLE = frozenset({"no-marketing", "no-diversion", "no-personal-data-request"})


def _belying(document: Document) -> Finding | None:
    """The gravest thing other rules found that a message of this purpose is not for."""
    held = [
        found
        for found in document.found
        if found.outcome >= Outcome.REVIEW and found.where in ("body", "subject")
    ]
    found = [one for one in held if one.rule in _OF_REVIEWS or one.rule == "no-out-of-stock-news-as-critical"]
    if document.draft.purpose in ("order_information", "other_needed") and not _is_needed(document, held):
        found += [one for one in held if one.rule in _IDLE]
    return max(found, key=lambda one: one.outcome.rank, default=None)


_FEW = 5


def _is_needed(document: Document, held: list[Finding]) -> bool:
    """Some other sentence tells or asks what an order can need."""
    view = document.body
    for sentence in view.sentences:
        start, end = view.source_span(sentence.start, sentence.end)
        if any(one.start < end and start < one.end for one in held):
            continue
        if len(sentence.tokens) < _FEW or (sentence.is_question and sentence.says("shared.satisfied")):
            continue  # a name, or `how do you like it?`
        if sentence.is_question or sentence.says(*purposes.MATTERS):
            return True
    return False


def _asked(document: Document) -> Said | None:
    """A review is spoken of without doubt, and not only that seller feedback can be taken back."""
    said = (s for s in flags.said(document, "shared.review") if not asks.is_denied(s))
    return next((s for s in said if not _is_of_removal(s)), None)


def _is_of_removal(said: Said) -> bool:
    sentence = said.sentence
    return bool(
        sentence.says("seller-feedback-removal.feedback")
        and sentence.says("no-review-change-or-removal.change")
    )


def _alone(document: Document) -> bool:
    """No question, no problem, no file: the review is all there is."""
    if document.draft.attachments or any(sentence.is_question for sentence in document.body.sentences):
        return False
    return not document.says("purpose-permitted.matter")
