"""The best known moment of delivery, and how it is known."""

from datetime import UTC, datetime
from typing import Any

from orders.facts import DeliveryEvidence, OrderFacts, delivery

CARRIER, ESTIMATE, PROMISE = (datetime(2026, 11, day, tzinfo=UTC) for day in (3, 4, 5))


def facts(**known: Any) -> OrderFacts:
    return OrderFacts("302-1", "A1PA6795UKMFR9", "SHIPPED", "FBM", datetime(2026, 11, 1, tzinfo=UTC), **known)


def test_carriers_word_comes_first() -> None:
    known = facts(delivered_at=CARRIER, estimated_arrival_at=ESTIMATE, promised_latest_at=PROMISE)
    assert delivery(known) == (CARRIER, DeliveryEvidence.CARRIER)


def test_amazons_estimate_comes_before_the_promise() -> None:
    known = facts(estimated_arrival_at=ESTIMATE, promised_latest_at=PROMISE)
    assert delivery(known) == (ESTIMATE, DeliveryEvidence.ESTIMATED_ARRIVAL)


def test_latest_promise_is_better_than_nothing() -> None:
    assert delivery(facts(promised_latest_at=PROMISE)) == (PROMISE, DeliveryEvidence.PROMISED_LATEST)


def test_without_any_date_there_is_none() -> None:
    assert delivery(facts()) == (None, DeliveryEvidence.NONE)


def test_every_evidence_has_a_sentence() -> None:
    assert all(evidence.sentence for evidence in DeliveryEvidence)
