"""Notifications hurry us; they never tell us anything."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import Connection, Seller, SellerDue
from amazon import sqs
from orders.models import Order, SyncCursor
from orders.services import hints, sync
from tests.orders.conftest import NOW
from tests.support.sandbox import SandboxControl

DE = "A1PA6795UKMFR9"


def body(link: Connection, order_id: str, notification_id: str = "", **changes: Any) -> str:
    change = {
        "NotificationLevel": "OrderLevel", "SellerId": link.selling_partner_id, "AmazonOrderId": order_id,
        "OrderChangeType": "OrderStatusChange",
        "Summary": {"MarketplaceId": DE, "OrderStatus": "Shipped", "DestinationPostalCode": "PIIBAIT"},
    }  # fmt: skip
    return json.dumps({
        "NotificationType": "ORDER_CHANGE", "EventTime": "2026-11-20T08:00:00Z",
        "NotificationMetadata": {"NotificationId": notification_id or uuid4().hex, "SubscriptionId": "s"},
        "Payload": {"OrderChangeNotification": {**change, **changes}},
    })  # fmt: skip


class Queue:
    """What stands in for SQS: messages stay until they are deleted."""

    def __init__(self, *bodies: str) -> None:
        self.waiting = list(bodies)

    def receive(self, wait_seconds: int = 10, count: int = 10) -> list[sqs.Received]:
        return [sqs._received(str(n), text) for n, text in enumerate(self.waiting[:count])]

    def delete(self, handled: list[sqs.Received]) -> None:
        self.waiting = self.waiting[len(handled) :]


def receive(*bodies: str) -> int:
    return hints.receive(Queue(*bodies))  # type: ignore[arg-type]


def make(box: SandboxControl, link: Connection) -> str:
    return str(box.make_order(link.selling_partner_id, fulfilled_by="MERCHANT")["order_id"])


def asked(box: SandboxControl, link: Connection) -> int:
    return len([c for c in box.ledger(seller=link.selling_partner_id) if c["operation"] == "getOrder"])


def test_order_that_changed_is_looked_at_at_once(link: Connection, box: SandboxControl) -> None:
    number = make(box, link)
    assert receive(body(link, number)) == 1
    assert Order.objects.get().amazon_order_id == number


def test_second_delivery_of_a_hint_is_passed_over(link: Connection, box: SandboxControl) -> None:
    number, notification_id = make(box, link), uuid4().hex
    receive(body(link, number, notification_id), body(link, number, notification_id))
    receive(body(link, number, notification_id))
    assert asked(box, link) == 1


def test_many_hints_hurry_the_next_page_instead(link: Connection, box: SandboxControl) -> None:
    sync.sync_connection(link.pk, NOW)
    many = [hints._change(sqs._received("r", body(link, f"302-0000000-{n:07d}"))) for n in range(11)]
    hints.apply_hints(change for change in many if change)
    assert asked(box, link) == 0
    assert SyncCursor.objects.get().next_at is None
    assert SellerDue.objects.filter(
        seller=link.seller_id, kind="orders.sync", due_at__lte=datetime.now(UTC)
    ).exists()


def test_hint_about_a_stranger_does_nothing(link: Connection, box: SandboxControl) -> None:
    assert receive(body(link, "302-1", SellerId="ASTRANGER")) == 1
    assert asked(box, link) == 0


def test_unreadable_messages_are_taken_out_of_the_queue(link: Connection, box: SandboxControl) -> None:
    queue = Queue("not json", body(link, ""), json.dumps({"NotificationType": "OTHER"}))
    assert hints.receive(queue) == 3  # type: ignore[arg-type]
    assert queue.waiting == []


def test_hint_of_a_dead_connection_is_dropped(link: Connection, box: SandboxControl) -> None:
    Connection.objects.update(health="disconnected")
    receive(body(link, "302-1"))
    assert asked(box, link) == 0


def test_order_that_could_not_be_looked_at_is_read_with_the_next_page(
    link: Connection, box: SandboxControl
) -> None:
    box.fault("html_503", seller=link.selling_partner_id, operation="getOrder", count=1)
    sync.sync_connection(link.pk, NOW)
    receive(body(link, make(box, link)))
    assert Order.objects.count() == 0
    assert SyncCursor.objects.get().next_at is None


def test_without_a_queue_nothing_is_asked(settings: Any, seller: Seller) -> None:
    settings.AMAZON_SQS_QUEUE_URL = ""
    assert hints.receive() == 0


def test_queue_that_cannot_be_reached_is_no_error_of_ours(
    caplog: pytest.LogCaptureFixture, seller: Seller
) -> None:
    class Broken(Queue):
        def receive(self, *args: Any, **kwargs: Any) -> Any:
            raise sqs.QueueUnavailable("receiving: no route")

    assert hints.receive(Broken()) == 0  # type: ignore[arg-type]
