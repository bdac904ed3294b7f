import pytest

from amazon import notifications
from amazon.errors import AmazonError

from .conftest import Reply, refusal

BASE = "/notifications/v1"
ARN = "arn:aws:sqs:eu-west-1:123:hints"
EXISTS = refusal(409, "Conflict", "already exists")


@pytest.fixture
def application(client):
    return client.application("EU")


def test_a_destination_is_our_queue(application, stub):
    stub.on(f"{BASE}/destinations", Reply(200, {"payload": {"destinationId": "D1"}}))
    assert notifications.create_destination(application, "hints", ARN) == "D1"
    assert stub.calls(f"{BASE}/destinations")[0].json() == {
        "name": "hints",
        "resourceSpecification": {"sqs": {"arn": ARN}},
    }


def test_a_destination_that_exists_is_found(application, stub):
    listed = [
        {"destinationId": "D0", "resource": {"eventBridge": {}}},
        {"destinationId": "D9", "resource": {"sqs": {"arn": ARN}}},
    ]
    stub.on(f"{BASE}/destinations", EXISTS, Reply(200, {"payload": listed}))
    assert notifications.create_destination(application, "hints", ARN) == "D9"


def test_a_conflict_over_something_else_is_told(application, stub):
    stub.on(f"{BASE}/destinations", EXISTS, Reply(200, {"payload": []}))
    with pytest.raises(AmazonError, match="already exists"):
        notifications.create_destination(application, "hints", ARN)


def test_a_subscription_filters_by_change_and_store(seller, stub):
    path = f"{BASE}/subscriptions/ORDER_CHANGE"
    stub.on(path, Reply(200, {"payload": {"subscriptionId": "S1"}}))
    made = notifications.create_subscription(seller, notifications.ORDER_CHANGE, "D1", ["B", "A"])
    assert (made.id, made.is_new) == ("S1", True)
    assert stub.calls(path)[0].json() == {
        "payloadVersion": "1.0",
        "destinationId": "D1",
        "processingDirective": {
            "eventFilter": {
                "eventFilterType": "ORDER_CHANGE",
                "orderChangeTypes": ["OrderStatusChange", "BuyerRequestedChange"],
                "marketplaceIds": ["A", "B"],
            }
        },
    }


def test_a_subscription_that_exists_is_found(seller, stub):
    path = f"{BASE}/subscriptions/{notifications.REPORT_FINISHED}"
    stub.on(path, EXISTS, Reply(200, {"payload": {"subscriptionId": "S7", "destinationId": "D7"}}))
    found = notifications.create_subscription(seller, notifications.REPORT_FINISHED, "D1")
    assert (found.id, found.destination_id, found.is_new) == ("S7", "D7", False)
    assert "processingDirective" not in stub.calls(path)[0].json()


def test_a_refused_subscription_is_told(seller, stub):
    stub.on(f"{BASE}/subscriptions/ORDER_CHANGE", refusal(400, "InvalidInput", "no"))
    with pytest.raises(AmazonError, match="no"):
        notifications.create_subscription(seller, notifications.ORDER_CHANGE, "D1")


def test_what_is_gone_already_is_deleted(application, stub):
    stub.on(f"{BASE}/subscriptions/ORDER_CHANGE/S1", refusal(404, "NotFound"))
    stub.on(f"{BASE}/destinations/D1", refusal(404, "NotFound"))
    notifications.delete_subscription(application, notifications.ORDER_CHANGE, "S1")
    notifications.delete_destination(application, "D1")
    assert {request.method for request in stub.requests if request.path != "/token"} == {"DELETE"}


def test_a_deletion_that_failed_is_told(application, stub):
    stub.on(f"{BASE}/destinations/D1", Reply(503, b""))
    with pytest.raises(AmazonError):
        notifications.delete_destination(application, "D1")
