"""Messaging API v1: the typed messages Amazon offers for an order, and their limits as data.

Nothing can be recalled, and a second send is not refused. Limits: Amazon's model (commit 34dc93f, read
2026-11-23), which writes the attachments' bounds where JSON Schema ignores them. There is no type that asks
for a review.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .client import Answer, Caller, Fence
from .orders import iso
from .solicitations import offered


class InvalidMessage(ValueError):
    """The message does not fit its type. `field` names what to mend; nothing was sent."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field


@dataclass(frozen=True, slots=True)
class Bounds:
    least: int
    most: int

    def __contains__(self, count: int) -> bool:
        return self.least <= count <= self.most


@dataclass(frozen=True, slots=True)
class MessageType:
    """`text` in characters, `attachments` in files; None: the type carries none."""

    name: str
    operation: str
    purpose: str
    text: Bounds | None = None
    attachments: Bounds | None = None
    has_coverage: bool = False


_LONG = Bounds(1, 2000)

_ALL = (
    MessageType(
        "confirmCustomizationDetails",
        "confirmCustomizationDetails",
        "Ask or verify how a custom item is to be made.",
        Bounds(1, 800),
        Bounds(0, 5),
    ),
    MessageType(
        "confirmDeliveryDetails", "createConfirmDeliveryDetails", "Arrange or confirm a delivery.", _LONG
    ),
    MessageType(
        "confirmOrderDetails", "createConfirmOrderDetails", "Ask about the order before it ships.", _LONG
    ),
    MessageType("confirmServiceDetails", "createConfirmServiceDetails", "Arrange a home service.", _LONG),
    MessageType(
        "unexpectedProblem", "createUnexpectedProblem", "Tell of a problem that affects the order.", _LONG
    ),
    MessageType(
        "digitalAccessKey", "createDigitalAccessKey", "Send a digital key.", Bounds(1, 400), Bounds(0, 5)
    ),
    MessageType(
        "warranty", "CreateWarranty", "Send the warranty papers.", None, Bounds(1, 5), has_coverage=True
    ),
    MessageType(
        "legalDisclosure", "createLegalDisclosure", "Send documents the law requires.", None, Bounds(1, 5)
    ),
    MessageType("invoice", "sendInvoice", "Send the invoice.", None, Bounds(1, 5)),
)
TYPES: dict[str, MessageType] = {kind.name: kind for kind in _ALL}


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file uploaded before (`uploads.upload`); `file_name` is what the buyer sees."""

    upload_destination_id: str
    file_name: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """When a warranty begins and ends; aware times."""

    start_at: datetime
    end_at: datetime


def actions(seller: Caller, order_id: str, marketplace_id: str) -> frozenset[str]:
    """The types Amazon offers for this order now, of those we can send. Raises AmazonError."""
    answer = seller.call(
        "getMessagingActionsForOrder", amazon_order_id=order_id, marketplace_ids=[marketplace_id]
    )
    return offered(answer.data) & TYPES.keys()


def locale(seller: Caller, order_id: str, marketplace_id: str) -> str | None:
    """The buyer's language (`en-GB`), in which the text must be written; None where Amazon does not say."""
    answer = seller.call("GetAttributes", amazon_order_id=order_id, marketplace_ids=[marketplace_id])
    return (answer.data.get("buyer") or {}).get("locale") or None


def send(
    seller: Caller,
    kind: str,
    order_id: str,
    marketplace_id: str,
    text: str = "",
    attachments: Sequence[Attachment] = (),
    coverage: Coverage | None = None,
    fence: Fence | None = None,
) -> Answer:
    """Send one message. Raises InvalidMessage before anything leaves, and AmazonError: `not_offered`, and
    `unknown`, which no question to Amazon settles: never send again on it.
    """
    kept = check(kind, text, attachments, coverage)
    return seller.call(
        kept.operation,
        fence=fence,
        amazon_order_id=order_id,
        marketplace_ids=[marketplace_id],
        body=_body(kept, text, attachments, coverage),
    )


def check(
    kind: str, text: str = "", attachments: Sequence[Attachment] = (), coverage: Coverage | None = None
) -> MessageType:
    """The type, if the message fits it. Raises InvalidMessage naming the field."""
    found = TYPES.get(kind)
    if found is None:
        raise InvalidMessage("type", f"{kind!r} is none of {', '.join(TYPES)}")
    _check_count("text", len(text), found.text, "characters", found.name)
    _check_count("attachments", len(attachments), found.attachments, "files", found.name)
    if coverage is not None and not found.has_coverage:
        raise InvalidMessage("coverage", f"{found.name} has none; only warranty does")
    if coverage is not None and coverage.end_at < coverage.start_at:
        raise InvalidMessage("coverage", "ends before it starts")
    return found


def _check_count(field: str, count: int, bounds: Bounds | None, unit: str, kind: str) -> None:
    if bounds is None:
        if count:
            raise InvalidMessage(field, f"{kind} carries none; remove it")
    elif count not in bounds:
        raise InvalidMessage(field, f"{count} {unit}; {kind} takes {bounds.least} to {bounds.most}")


def _body(
    kind: MessageType, text: str, attachments: Sequence[Attachment], coverage: Coverage | None
) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if kind.text is not None:
        body["text"] = text
    if attachments:
        body["attachments"] = [
            {"uploadDestinationId": file.upload_destination_id, "fileName": file.file_name}
            for file in attachments
        ]
    if coverage is not None:
        body |= {"coverageStartDate": iso(coverage.start_at), "coverageEndDate": iso(coverage.end_at)}
    return body
