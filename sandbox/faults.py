"""Things that go wrong on purpose, per seller, operation and region, for a count, a chance or a time.

Kinds on the API: latency (seconds), internal_failure, html_503, reset, truncated, throttle, denied,
dead_token, empty_actions, lost_answer (seconds; the call is done, the answer never comes),
repeated_page_token, bad_included_data (value). Kinds on the relay: reply (code, text), disconnect, slow
(seconds), each with `stage`: connect, ehlo, auth, mail, rcpt, data (instead of 354), after_354, body
(instead of 250; with `kept` the mail counts as accepted all the same).
"""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson

from .clock import Clock
from .store import Store

API_KINDS = frozenset(
    [
        "latency",
        "internal_failure",
        "html_503",
        "reset",
        "truncated",
        "throttle",
        "denied",
        "dead_token",
        "empty_actions",
        "lost_answer",
        "repeated_page_token",
        "bad_included_data",
    ]
)
SMTP_KINDS = frozenset(("reply", "disconnect", "slow"))
STAGES = frozenset(("connect", "ehlo", "auth", "mail", "rcpt", "data", "after_354", "body"))


@dataclass(slots=True)
class Fault:
    """'' or None means any. `count` is how often it still strikes, `until` a moment of the sandbox's
    clock.
    """

    kind: str
    seller: str = ""
    operation: str = ""
    region: str = ""
    order_id: str = ""
    stage: str = ""
    count: int | None = None
    probability: float = 1.0
    until: float | None = None
    seconds: float = 0.0
    value: str = ""
    code: int = 451
    text: str = ""
    kept: bool = False
    id: int = 0

    def matches(self, seller: str, operation: str, region: str) -> bool:
        return (
            self.seller in ("", seller)
            and self.operation in ("", operation)
            and self.region in ("", region)
            and self.count != 0
        )

    def suits(self, stage: str, value: str, order_id: str) -> bool:
        if self.stage != stage or self.order_id not in ("", order_id):
            return False
        return not self.value or not value or self.value in value.split(",")


@dataclass(slots=True)
class Faults:
    clock: Clock
    store: Store
    rng: random.Random
    _all: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        for row in self.store.all("SELECT id, fault FROM faults"):
            self._all.append(Fault(**{**orjson.loads(row["fault"]), "id": row["id"]}))

    def add(self, facts: dict[str, Any]) -> Fault:
        """`duration` in seconds of the sandbox's clock becomes `until`. Raises ValueError naming the
        field.
        """
        facts = dict(facts)
        duration = facts.pop("duration", None)
        if duration is not None:
            facts["until"] = self.clock.now() + float(duration)
        fault = _checked(facts)
        fault.id = int(self.store.run("INSERT INTO faults (fault) VALUES (?)", _stored(fault)).lastrowid or 0)
        self._all.append(fault)
        return fault

    def strike(
        self,
        kinds: tuple[str, ...],
        seller: str,
        operation: str,
        region: str = "",
        *,
        stage: str = "",
        value: str = "",
        order_id: str = "",
        only: bool = False,
    ) -> Fault | None:
        """The fault that strikes now, its count lowered; None when all is well.

        `only` leaves out faults that were not made for this very operation.
        """
        for fault in self._all:
            if fault.kind not in kinds or not fault.matches(seller, operation, region):
                continue
            if only and fault.operation != operation:
                continue
            if fault.suits(stage, value, order_id) and self._is_due(fault):
                self._spend(fault)
                return fault
        return None

    def _is_due(self, fault: Fault) -> bool:
        if fault.until is not None and self.clock.now() > fault.until:
            return False
        return fault.probability >= 1.0 or self.rng.random() < fault.probability

    def _spend(self, fault: Fault) -> None:
        if fault.count is None:
            return
        fault.count -= 1
        self.store.run("UPDATE faults SET fault=? WHERE id=?", _stored(fault), fault.id)

    def all(self) -> list[dict[str, Any]]:
        return [asdict(fault) for fault in self._all]

    def clear(self, number: int | None = None) -> None:
        self._all = [fault for fault in self._all if number is not None and fault.id != number]
        self.store.run("DELETE FROM faults WHERE ?1 IS NULL OR id=?1", number)


def _stored(fault: Fault) -> str:
    return orjson.dumps(asdict(fault)).decode()


def _checked(facts: dict[str, Any]) -> Fault:
    try:
        fault = Fault(**facts)
    except TypeError as error:
        raise ValueError(f"fault: {error}; known fields: {', '.join(Fault.__dataclass_fields__)}") from error
    if fault.kind in SMTP_KINDS:
        if fault.stage not in STAGES:
            raise ValueError(f"stage {fault.stage!r}: give one of {', '.join(sorted(STAGES))}")
    elif fault.kind not in API_KINDS:
        raise ValueError(f"kind {fault.kind!r}: give one of {', '.join(sorted(API_KINDS | SMTP_KINDS))}")
    return fault
