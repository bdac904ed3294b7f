"""Within thirty days of delivery.

What it flags
A message more than thirty days after the order's delivery, or after the purchase where no delivery is known; a
campaign whose delay can only end after that. More than thirty days after the purchase, though still within thirty
of the delivery, is pointed out.

Why
Amazon permits messages a seller starts within thirty days of "order completion", and does not say what completes an
order. Most tools count from the delivery; some count from the purchase.

Write instead
A delay below thirty days. The planner gives each message the end of its window, and the gate and the fence look at
the clock again just before sending: what was kept too long expires.

Sources
FeedbackWhiz, changes of the terms; enida.de, the German text; eComEngine, compliance checklist; eDesk, Amazon's
terms (read 2026-11-23)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from compliance.engine.document import Document
from compliance.engine.sending import Sending
from compliance.engine.types import Draft, Finding, Outcome, Rule, Severity, Targeting

_WINDOW = timedelta(days=30)
_NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
_FROM_DELIVERY = frozenset({"delivered", "estimated_delivery", "review_window_opens"})


def _sent(days: float, **facts: datetime) -> Draft:
    sending = Sending(at=_NOON + timedelta(days=days), channel="relay_email", **facts)  # type: ignore[arg-type]
    return Draft("relay_email", "review_request", "", "en-US", "US", sending=sending)


def _aimed(trigger: str, days: int) -> Draft:
    targeting = Targeting(trigger, days * 24)
    return Draft("relay_email", "review_request", "", "en-US", "US", targeting=targeting)


class Window30Days(Rule):
    slug, code, title = "window-30-days", "T1", "Within thirty days"
    severity = Severity.BLOCK
    reads = frozenset({"targeting", "sending"})
    flagged = (
        _sent(30, delivered_at=_NOON),
        _sent(31, purchased_at=_NOON),
        _aimed("delivered", 30),
        _aimed("placed", 60),
    )
    passed = (
        _sent(29.9, delivered_at=_NOON),
        _sent(40, delivered_at=_NOON + timedelta(days=32), purchased_at=_NOON),
        _sent(400),
        _aimed("delivered", 29),
        _aimed("shipped", 29),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        if targeting := document.draft.targeting:
            yield from self._campaign(targeting)
        if (sending := document.draft.sending) and sending.at and sending.channel != "solicitation":
            yield from self._message(sending, sending.at)

    def _campaign(self, targeting: Targeting) -> Iterator[Finding]:
        if targeting.delay_hours is None or timedelta(hours=targeting.delay_hours) < _WINDOW:
            return
        start = "delivery" if targeting.trigger in _FROM_DELIVERY else "the day it starts from"
        days = targeting.delay_hours // 24
        message = f"{days} days after {start} is too late for everybody; choose a delay below 30 days."
        outcome = Outcome.BLOCK if targeting.trigger in _FROM_DELIVERY else Outcome.REVIEW
        yield self.finding(message, outcome=outcome, text=targeting.trigger, where="targeting")

    def _message(self, sending: Sending, at: datetime) -> Iterator[Finding]:
        completed_at = sending.delivered_at or sending.purchased_at
        if completed_at is None:
            return
        if at - completed_at >= _WINDOW:
            message = f"{(at - completed_at).days} days after {_what(sending)}; Amazon permits 30."
            yield self.finding(message, where="sending")
        elif sending.purchased_at and at - sending.purchased_at >= _WINDOW:
            message = "More than 30 days after the purchase, though within 30 of the delivery."
            yield self.finding(message, outcome=Outcome.ADVICE, where="sending")


def _what(sending: Sending) -> str:
    return "the delivery" if sending.delivered_at else "the purchase"
