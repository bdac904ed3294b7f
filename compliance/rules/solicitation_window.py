"""When Amazon takes its own request.

What it flags
Amazon's own review request before the fifth day after the earliest, or from the thirtieth day after the latest
promised delivery date; for an order that was not shipped; and where Amazon does not offer it.

Why
Outside this time Amazon refuses the call. An empty list of offers can also mean that the buyer was asked already or
cannot be asked.

Write instead
A delay of 5 to 29 days after delivery. The planner never plans outside the window, and Amazon is asked just before
each sending; where it does not offer the request, it is asked again daily until the window closes.

Sources
Amazon, set up the Solicitations API; issue 4927 of Amazon's models (read 2026-11-23)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from compliance.engine.document import Document
from compliance.engine.sending import Sending
from compliance.engine.types import Draft, Finding, Rule, Severity, Targeting

_OPENS, _CLOSES = timedelta(days=5), timedelta(days=30)
_NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def _sent(days: float, **facts: object) -> Draft:
    promised = {"promised_earliest_at": _NOON, "promised_latest_at": _NOON + timedelta(days=2)}
    facts = {"channel": "solicitation", "order_status": "SHIPPED", **promised, **facts}
    sending = Sending(at=_NOON + timedelta(days=days), **facts)  # type: ignore[arg-type]
    return Draft("messaging_api", "review_request", "", "en-US", "US", sending=sending)


def _aimed(days: int, trigger: str = "review_window_opens", channel: str = "solicitation") -> Draft:
    targeting = Targeting(trigger, days * 24, channel=channel)
    return Draft("messaging_api", "review_request", "", "en-US", "US", targeting=targeting)


class SolicitationWindow(Rule):
    slug, code, title = "solicitation-window", "T2", "Amazon's own window"
    severity = Severity.BLOCK
    reads = frozenset({"targeting", "sending"})
    flagged = (
        _sent(4.9),
        _sent(32),
        _sent(8, order_status="PENDING"),
        _sent(8, is_offered_by_amazon=False),
        _aimed(25),
    )
    passed = (
        _sent(5),
        _sent(31.9),
        _sent(40, channel="relay_email"),
        _sent(8, promised_earliest_at=None, promised_latest_at=None),
        _aimed(20),
        _aimed(25, channel="relay_email"),
        _aimed(25, trigger="delivered"),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        targeting, sending = document.draft.targeting, document.draft.sending
        if targeting and _is_too_late(targeting):
            message = "The request would come after Amazon's window has closed; choose a delay below 25 days."
            yield self.finding(message, text=targeting.trigger, where="targeting")
        if sending and sending.channel == "solicitation":
            for message in _refusals(sending):
                yield self.finding(message, where="sending")


def _is_too_late(targeting: Targeting) -> bool:
    """`window-30-days` speaks of the other triggers."""
    if targeting.channel != "solicitation" or targeting.trigger != "review_window_opens":
        return False
    return targeting.delay_hours is not None and timedelta(hours=targeting.delay_hours) >= _CLOSES - _OPENS


def _refusals(sending: Sending) -> Iterator[str]:
    if sending.order_status not in ("", "SHIPPED"):
        yield "Amazon takes the request for shipped orders only."
    if sending.is_offered_by_amazon is False:
        yield "Amazon does not offer the request for this order at present."
    if sending.at and sending.promised_earliest_at and sending.at - sending.promised_earliest_at < _OPENS:
        yield "Amazon takes the request from 5 days after the earliest delivery date."
    if sending.at and sending.promised_latest_at and sending.at - sending.promised_latest_at >= _CLOSES:
        yield "Amazon takes the request until 30 days after the latest delivery date."
