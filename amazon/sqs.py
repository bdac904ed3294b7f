"""Amazon's notifications out of an SQS queue: at least once, in any order, sometimes never. Hints, not facts.

Envelopes differ by type in the case of their names (`NotificationType`, `notificationType`), so they are read
without regard to it. The buyer's postcode is personal data and is dropped here. (Amazon's schemas and guide,
read 2026-11-23.)
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient

BATCH = 10
_DROPPED = frozenset({"destinationpostalcode", "postalcode", "shippingaddress", "buyeremail", "buyername"})


class QueueUnavailable(Exception):
    """The queue cannot be reached or refuses us. Polling alone goes on; look at the queue's address and
    policy.
    """


@dataclass(frozen=True, slots=True)
class Notification:
    """`id` is Amazon's, for telling a second delivery from a first. `payload` is without personal data."""

    id: str
    type: str
    subscription_id: str
    event_at: datetime | None
    payload: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class OrderChange:
    """That an order changed: reason to look, never to write. `changed_at` may be unknown."""

    notification_id: str
    subscription_id: str
    selling_partner_id: str
    order_id: str
    marketplace_id: str
    status: str
    fulfilled_by: str  # MFN, AFN
    change: str  # OrderStatusChange, BuyerRequestedChange
    asks_to_cancel: bool
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Received:
    """One message of the queue. `notification` is None where it could not be read; `problem` says why."""

    receipt: str = field(repr=False)
    notification: Notification | None
    problem: str = ""


class Queue:
    """Receive, handle, then delete: what was not deleted comes again. Raises QueueUnavailable."""

    def __init__(self, url: str, endpoint_url: str = "", sqs: SQSClient | None = None) -> None:
        self.url = url
        self._sqs: SQSClient = sqs or _client(url, endpoint_url)

    def receive(self, wait_seconds: int = 10, count: int = BATCH) -> list[Received]:
        """Up to ten; waits for the first. Messages handed out are hidden from others for the queue's
        visibility time.
        """
        try:
            answer = self._sqs.receive_message(
                QueueUrl=self.url, MaxNumberOfMessages=min(count, BATCH), WaitTimeSeconds=wait_seconds
            )
        except (BotoCoreError, ClientError) as error:
            raise QueueUnavailable(f"receiving from the notification queue: {error}") from error
        return [
            _received(message["ReceiptHandle"], message.get("Body", ""))
            for message in answer.get("Messages", ())
        ]

    def delete(self, handled: Iterable[Received]) -> None:
        """What was handled, unreadable messages included: they would come back for ever."""
        receipts = [received.receipt for received in handled]
        for start in range(0, len(receipts), BATCH):
            entries = [
                {"Id": str(i), "ReceiptHandle": r} for i, r in enumerate(receipts[start : start + BATCH])
            ]
            try:
                self._sqs.delete_message_batch(QueueUrl=self.url, Entries=entries)  # type: ignore[arg-type]
            except (BotoCoreError, ClientError) as error:
                raise QueueUnavailable(f"deleting from the notification queue: {error}") from error


def parse(body: str) -> Notification:
    """Read one message body. Raises ValueError saying what is wrong with it."""
    envelope = _lowered(_object(json.loads(body), "the message"))
    if "message" in envelope and "notificationmetadata" not in envelope:  # delivered through SNS
        envelope = _lowered(_object(json.loads(str(envelope["message"])), "the SNS message"))
    metadata = _lowered(_object(envelope.get("notificationmetadata"), "NotificationMetadata"))
    kind, identity = str(envelope.get("notificationtype") or ""), str(metadata.get("notificationid") or "")
    if not kind or not identity:
        raise ValueError("a notification without type or id")
    return Notification(
        id=identity,
        type=kind,
        subscription_id=str(metadata.get("subscriptionid") or ""),
        event_at=_time(envelope.get("eventtime")),
        payload=_scrubbed(_object(envelope.get("payload"), "Payload")),
    )


def order_change(notification: Notification) -> OrderChange | None:
    """The hint; None where the notification is of another type. Raises ValueError where it names no order."""
    if notification.type != "ORDER_CHANGE":
        return None
    change = _lowered(
        _object(_lowered(notification.payload).get("orderchangenotification"), "OrderChangeNotification")
    )
    summary = _lowered(change.get("summary") or {})
    trigger = _lowered(change.get("orderchangetrigger") or {})
    if not change.get("amazonorderid"):
        raise ValueError("an ORDER_CHANGE that names no order")
    return OrderChange(
        notification_id=notification.id,
        subscription_id=notification.subscription_id,
        selling_partner_id=str(change.get("sellerid") or ""),
        order_id=str(change["amazonorderid"]),
        marketplace_id=str(summary.get("marketplaceid") or ""),
        status=str(summary.get("orderstatus") or ""),
        fulfilled_by=str(summary.get("fulfillmenttype") or ""),
        change=str(change.get("orderchangetype") or ""),
        asks_to_cancel=any(
            _lowered(item).get("isbuyerrequestedcancel") for item in summary.get("orderitems") or ()
        ),
        changed_at=_time(trigger.get("timeoforderchange")) or notification.event_at,
    )


def report_finished(notification: Notification) -> tuple[str, str, str] | None:
    """(selling partner, report id, status) of a REPORT_PROCESSING_FINISHED; None for another type."""
    if notification.type != "REPORT_PROCESSING_FINISHED":
        return None
    report = _lowered(_lowered(notification.payload).get("reportprocessingfinishednotification") or {})
    seller = str(report.get("sellerid") or report.get("accountid") or "")
    return seller, str(report.get("reportid") or ""), str(report.get("processingstatus") or "")


def _received(receipt: str, body: str) -> Received:
    try:
        return Received(receipt, parse(body))
    except ValueError as error:  # JSONDecodeError is one
        return Received(receipt, None, str(error)[:200])


def _client(url: str, endpoint_url: str) -> SQSClient:
    config = Config(connect_timeout=3, read_timeout=25, retries={"max_attempts": 2, "mode": "standard"})
    return boto3.client("sqs", endpoint_url=endpoint_url or None, region_name=_aws_region(url), config=config)


def _aws_region(url: str) -> str:
    """https://sqs.eu-west-1.amazonaws.com/..."""
    host = url.split("//", 1)[-1].split("/", 1)[0].split(".")
    return host[1] if len(host) > 2 and host[0] == "sqs" else "us-east-1"


def _object(value: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(f"{name} is not an object")  # noqa: TRY004  what a caller catches for a bad message
    return value


def _lowered(facts: Any) -> dict[str, Any]:
    return {str(name).lower(): value for name, value in facts.items()} if isinstance(facts, Mapping) else {}


def _scrubbed(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _scrubbed(inner) for name, inner in value.items() if str(name).lower() not in _DROPPED}
    return [_scrubbed(inner) for inner in value] if isinstance(value, list) else value


def _time(text: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
