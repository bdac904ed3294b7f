"""Amazon's notifications as its schemas show them, and out of a queue that behaves like SQS."""

import json
import threading
import uuid
from datetime import UTC, datetime

import boto3
import pytest
from moto.server import ThreadedMotoServer

from amazon.sqs import Queue, QueueUnavailable, order_change, parse, report_finished

CHANGE = {
    "NotificationVersion": "1.0",
    "NotificationType": "ORDER_CHANGE",
    "PayloadVersion": "1.0",
    "EventTime": "2026-11-20T10:00:00.109Z",
    "Payload": {
        "OrderChangeNotification": {
            "NotificationLevel": "OrderLevel",
            "SellerId": "A3TH9S8BH6GOGM",
            "AmazonOrderId": "903-8868176-2219830",
            "OrderChangeType": "BuyerRequestedChange",
            "OrderChangeTrigger": {
                "TimeOfOrderChange": "2026-11-20T09:59:00Z",
                "ChangeReason": "Buyer Requested Cancel",
            },
            "Summary": {
                "MarketplaceId": "ATVPDKIKX0DER",
                "OrderStatus": "Unshipped",
                "DestinationPostalCode": "48110",
                "FulfillmentType": "MFN",
                "OrderItems": [{"OrderItemId": "1", "IsBuyerRequestedCancel": True}],
            },
        }
    },
    "NotificationMetadata": {"ApplicationId": "a", "SubscriptionId": "sub-1", "NotificationId": "note-1"},
}
FINISHED = {
    "notificationVersion": "2020-09-04",
    "notificationType": "REPORT_PROCESSING_FINISHED",
    "payloadVersion": "2020-09-04",
    "eventTime": "2026-11-20T10:00:00.000Z",
    "payload": {
        "reportProcessingFinishedNotification": {
            "accountId": "amzn1.merchant.o.A1",
            "sellerId": "A1",
            "reportId": "R1",
            "reportType": "T",
            "processingStatus": "DONE",
        }
    },
    "notificationMetadata": {"subscriptionId": "sub-2", "notificationId": "note-2"},
}


def changed(**more):
    """The change with other facts in its inner part."""
    copy = json.loads(json.dumps(CHANGE))
    copy["Payload"]["OrderChangeNotification"].update(more)
    return order_change(parse(json.dumps(copy)))


def test_a_change_is_read_as_a_hint():
    hint = order_change(parse(json.dumps(CHANGE)))
    assert (hint.notification_id, hint.subscription_id) == ("note-1", "sub-1")
    assert (hint.order_id, hint.selling_partner_id) == ("903-8868176-2219830", "A3TH9S8BH6GOGM")
    assert (hint.marketplace_id, hint.status, hint.fulfilled_by) == ("ATVPDKIKX0DER", "Unshipped", "MFN")
    assert hint.changed_at == datetime(2026, 11, 20, 9, 59, tzinfo=UTC)
    assert hint.asks_to_cancel


def lower(value):
    if isinstance(value, dict):
        return {name[0].lower() + name[1:]: lower(inner) for name, inner in value.items()}
    return [lower(inner) for inner in value] if isinstance(value, list) else value


def test_the_case_of_names_does_not_matter():
    assert order_change(parse(json.dumps(lower(CHANGE)))) == order_change(parse(json.dumps(CHANGE)))


def test_the_buyers_postcode_is_dropped_wherever_it_is():
    assert "48110" not in repr(dict(parse(json.dumps(CHANGE)).payload))
    nested = json.loads(json.dumps(CHANGE))
    nested["Payload"]["extra"] = [{"destinationPostalCode": "48110", "BuyerName": "Bait"}]
    assert parse(json.dumps(nested)).payload["extra"] == [{}]


@pytest.mark.parametrize("moment", [None, "yesterday"])
def test_a_change_without_a_time_has_the_time_of_its_notice(moment):
    hint = changed(OrderChangeTrigger={"TimeOfOrderChange": moment})
    assert hint.changed_at == datetime(2026, 11, 20, 10, 0, 0, 109_000, tzinfo=UTC)


@pytest.mark.parametrize(
    "more", [{"Summary": None}, {"OrderChangeTrigger": None}, {"Summary": {"OrderItems": None}}]
)
def test_a_change_with_less_is_still_a_hint(more):
    assert changed(**more).order_id == "903-8868176-2219830"


def test_a_change_that_names_no_order_is_refused():
    with pytest.raises(ValueError, match="names no order"):
        changed(AmazonOrderId="")


def test_a_finished_report_is_read():
    note = parse(json.dumps(FINISHED))
    assert report_finished(note) == ("A1", "R1", "DONE")
    assert order_change(note) is None
    assert report_finished(parse(json.dumps(CHANGE))) is None


def test_a_notification_that_came_through_sns_is_unwrapped():
    assert parse(json.dumps({"Type": "Notification", "Message": json.dumps(CHANGE)})).id == "note-1"


@pytest.mark.parametrize(
    "body",
    ["", "{", "[]", "{}", '"x"', '{"NotificationMetadata": {}}']
    + [
        json.dumps({**CHANGE, part: wrong})
        for part in ("Payload", "NotificationMetadata")
        for wrong in ("x", None)
    ]
    + [json.dumps({**CHANGE, "NotificationMetadata": {}})],
)
def test_what_is_no_notification_is_refused_with_a_word(body):
    with pytest.raises(ValueError, match=r"\w"):
        parse(body)


# -- the queue


@pytest.fixture(scope="module")
def aws(request):
    patch = pytest.MonkeyPatch()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        patch.setenv(name, "test")
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()
    patch.undo()


@pytest.fixture
def queue(aws):
    sqs = boto3.client("sqs", endpoint_url=aws, region_name="us-east-1")
    name = f"hints-{uuid.uuid4().hex}"
    url = sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "0"})["QueueUrl"]
    yield Queue(url, aws, sqs)
    sqs.close()


def put(queue, *bodies):
    for body in bodies:
        queue._sqs.send_message(QueueUrl=queue.url, MessageBody=body)


def test_what_is_not_deleted_comes_again(queue):
    put(queue, json.dumps(CHANGE))
    first, second = queue.receive(0), queue.receive(0)
    assert [message.notification.id for message in first + second] == ["note-1", "note-1"]
    queue.delete(second)
    assert queue.receive(0) == []


def test_an_unreadable_message_says_why_and_can_be_deleted(queue):
    put(queue, "not json")
    (received,) = queue.receive(0)
    assert received.notification is None
    assert received.problem
    queue.delete([received])
    assert queue.receive(0) == []


def test_more_than_a_batch_is_deleted(queue):
    put(queue, *[json.dumps(CHANGE)] * 12)
    handled = []
    while batch := queue.receive(0):
        handled += batch
        queue.delete(batch)
    assert len(handled) == 12
    queue.delete([])


def test_a_queue_that_cannot_be_reached_is_told(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with pytest.raises(QueueUnavailable, match="receiving"):
        Queue("http://127.0.0.1:9/q", "http://127.0.0.1:9").receive(0)


def test_several_readers_share_a_queue(queue):
    put(queue, *[json.dumps(CHANGE)] * 5)
    got = []
    readers = [threading.Thread(target=lambda: got.extend(queue.receive(0))) for _ in range(3)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert len(got) >= 5
