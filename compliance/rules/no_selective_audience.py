"""Ask every buyer or none.

What it flags
A campaign that asks for reviews or feedback and chooses its buyers by how pleased they probably are: by
feedback or review score, mood of their messages, claims, returns, refunds, or by being a repeat buyer; or
one that starts when feedback has come in. Leaving out returned or refunded orders goes to a person, with the
reason you give.

Why
Amazon forbids asking only buyers who had a good experience, and selectively seeking positive reviews. A
filter does so with the most neutral of texts.

Write instead
Every delivered order of the products you choose, on the same day after delivery. Product, marketplace,
price, quantity and kind of fulfilment are free to choose.

Sources
Amazon, customer product reviews help (read 2026-11-23). Amazon, solicit feedback for an order, developer
documentation (read 2026-11-23). That filters count as selection is our reading."""

from collections.abc import Iterator

from compliance.engine.document import Document
from compliance.engine.types import (
    ASKS,
    Condition,
    Draft,
    Finding,
    Outcome,
    Rule,
    Severity,
    Targeting,
)

_MOOD = frozenset(
    {
        "feedback_score",
        "review_score",
        "rating",
        "message_sentiment",
        "sentiment",
        "claim",
        "a_to_z_claim",
        "buyer_score",
    }
)
_PROXY = frozenset(
    {"returned", "refunded", "return", "refund", "repeat_buyer", "replacement", "buyer_message", "complaint"}
)
_NEUTRAL = frozenset(
    [
        "product",
        "asin",
        "sku",
        "marketplace",
        "fulfilment",
        "price",
        "quantity",
        "business_order",
        "business",
        "promotion",
        "ship_to_country",
        "country",
        "order_value",
        "items",
        "order_date",
        "purchase_date",
        "delivered_late",
        "is_prime",
        "shipping_service",
        "category",
        "brand",
        "channel",
        "language",
    ]
)


def _asks(**targeting: object) -> Draft:
    return Draft("messaging_api", "review_request", "", "en", "US", targeting=Targeting(**targeting))  # type: ignore[arg-type]


class NoSelectiveAudience(Rule):
    slug, code, title = "no-selective-audience", "R9", "Ask everyone or no one"
    severity = Severity.ACCOUNT
    reads = frozenset({"targeting"})
    flagged = (
        _asks(trigger="delivered", conditions=(Condition("feedback_score", "at_least", ("4",)),)),
        _asks(trigger="feedback_received"),
        _asks(trigger="delivered", excludes=(Condition("returned"),)),
        _asks(trigger="delivered", conditions=(Condition("repeat_buyer"),)),
        _asks(trigger="delivered", conditions=(Condition("moon_phase"),)),
    )
    passed = (
        _asks(
            trigger="delivered",
            delay_hours=192,
            conditions=(Condition("asin", "in", ("B0C7GPRS41",)), Condition("quantity")),
        ),
        Draft(
            "relay_email",
            "order_problem",
            "",
            "en",
            "US",
            targeting=Targeting(conditions=(Condition("refunded"),)),
        ),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        targeting = document.draft.targeting
        if targeting is None or document.draft.purpose not in ASKS:
            return
        if targeting.trigger in ("feedback_received", "returned", "refunded"):
            yield self._of(
                targeting.trigger,
                Outcome.BLOCK,
                "asks only buyers who have already shown how pleased they are",
            )
        for condition in (*targeting.conditions, *targeting.excludes):
            yield from self._condition(condition, targeting)

    def _condition(self, condition: Condition, targeting: Targeting) -> Iterator[Finding]:
        excluded = condition in targeting.excludes
        if condition.fact in _MOOD:
            yield self._of(condition.fact, Outcome.BLOCK, "chooses buyers by how pleased they are")
        elif condition.fact in _PROXY:
            note = f" Your reason: {targeting.note}" if targeting.note else " Say why in the campaign's note."
            what = (
                "leaves out buyers who may be displeased" if excluded else "chooses buyers who may be pleased"
            )
            yield self._of(condition.fact, Outcome.REVIEW, f"{what}; a person decides.{note}")
        elif condition.fact not in _NEUTRAL:
            yield self._of(
                condition.fact, Outcome.REVIEW, "is a filter this rule does not know; a person decides"
            )

    def _of(self, fact: str, outcome: Outcome, what: str) -> Finding:
        message = f"\u201c{fact.replace('_', ' ')}\u201d {what}"
        return self.finding(message.rstrip(".") + ".", outcome=outcome, text=fact, where="targeting")
