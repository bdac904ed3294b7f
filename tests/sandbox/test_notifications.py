"""Notifications: destinations, subscriptions and what reaches a queue."""

from __future__ import annotations

import json
import time

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.support.sandbox import CLIENT_ID, CLIENT_SECRET, DE, US, running_sandbox

from .conftest import Account, open_account

BASE = "/notifications/v1"
_queues = iter(range(10_000))


def as_app(account: Account, token: str, method: str, path: str, **given):
    return account.box.client.request(
        method, account.box.http + path, headers={"x-amz-access-token": token}, **given
    )


def destination(account: Account, token: str) -> str:
    specification = {"sqs": {"arn": f"arn:aws:sqs:us-east-1:123456789012:queue-{next(_queues)}"}}
    body = {"name": "orders", "resourceSpecification": specification}
    response = as_app(account, token, "POST", BASE + "/destinations", json=body)
    assert response.status_code == 200, response.text
    return response.json()["payload"]["destinationId"]


def subscribe(account: Account, where: str, kind: str = "ORDER_CHANGE", **chosen):
    body = {"payloadVersion": "1.0", "destinationId": where}
    if chosen:
        body["processingDirective"] = {"eventFilter": {"eventFilterType": "ORDER_CHANGE", **chosen}}
    return account.post(f"{BASE}/subscriptions/{kind}", json=body)


def told(account: Account):
    return [entry["body"] for entry in account.box.notifications() if entry["seller"] == account.seller]


def test_destination_is_the_applications_and_needs_a_grantless_token(account, grantless):
    where = destination(account, grantless)
    assert (
        as_app(account, grantless, "GET", f"{BASE}/destinations/{where}").json()["payload"]["name"]
        == "orders"
    )
    assert account.get(f"{BASE}/destinations").status_code == 403
    subscribe(account, where)
    assert as_app(account, grantless, "DELETE", f"{BASE}/destinations/{where}").status_code == 409


def test_second_subscription_of_a_kind_is_a_conflict(account, grantless):
    where = destination(account, grantless)
    first = subscribe(account, where).json()["payload"]
    assert subscribe(account, where).status_code == 409
    assert account.get(f"{BASE}/subscriptions/ORDER_CHANGE").json()["payload"] == first
    listed = account.get(f"{BASE}/subscriptions", notificationTypes="ORDER_CHANGE").json()["payload"][
        "subscriptions"
    ]
    assert listed == [first]
    path = f"{BASE}/subscriptions/ORDER_CHANGE/{first['subscriptionId']}"
    assert account.get(path).status_code == 403
    assert as_app(account, grantless, "GET", path).json()["payload"] == first
    assert as_app(account, grantless, "DELETE", path).status_code == 200
    assert account.get(f"{BASE}/subscriptions/ORDER_CHANGE").status_code == 404


def test_changes_of_an_order_are_told(account, grantless):
    subscribe(account, destination(account, grantless))
    order = account.order(fulfilled_by="MERCHANT")
    account.box.change_order(order["order_id"], happen="ask_cancel")
    account.box.change_order(order["order_id"], happen="ship")
    bodies = [body["Payload"]["OrderChangeNotification"] for body in told(account)]
    assert [body["OrderChangeType"] for body in bodies] == [
        "OrderStatusChange",
        "BuyerRequestedChange",
        "OrderStatusChange",
    ]
    assert bodies[-1]["Summary"]["OrderStatus"] == "Shipped"
    assert len({body["NotificationMetadata"]["NotificationId"] for body in told(account)}) == 3


def test_parcels_move_and_refunds_happen_without_a_word(account, grantless):
    subscribe(account, destination(account, grantless))
    order = account.order(fulfilled_by="MERCHANT", shipped_at="2026-11-18T12:00:00Z")
    for happening in ("transit", "deliver", "return", "refund"):
        account.box.change_order(order["order_id"], happen=happening)
    assert len(told(account)) == 1


@pytest.mark.parametrize("chosen", [{"orderChangeTypes": ["BuyerRequestedChange"]}, {"marketplaceIds": [DE]}])
def test_event_filter_is_honoured(account, grantless, chosen):
    assert subscribe(account, destination(account, grantless), **chosen).status_code == 200
    account.order()
    assert told(account) == []


def test_finished_report_is_told(account, grantless):
    subscribe(account, destination(account, grantless), "REPORT_PROCESSING_FINISHED")
    account.post(
        "/reports/2021-06-30/reports", json={"reportType": "GET_SELLER_FEEDBACK_DATA", "marketplaceIds": [US]}
    )
    account.box.advance(5)
    (body,) = told(account)
    assert body["payload"]["reportProcessingFinishedNotification"]["processingStatus"] == "CANCELLED"


def test_notifications_can_be_lost_doubled_and_reordered(account, grantless):
    subscribe(account, destination(account, grantless))
    account.box.settings(notify_loss=1.0)
    account.order()
    assert told(account) == []
    account.box.settings(notify_loss=0.0, notify_duplicates=1.0)
    account.order()
    first, second = told(account)
    assert first == second
    account.box.settings(notify_duplicates=0.0, notify_reorder=True)
    for _ in range(3):
        account.order()
    assert len(told(account)) == 5


def test_unknown_kind_is_invalid(account, grantless):
    assert subscribe(account, destination(account, grantless), "WEATHER").status_code == 400


def test_queue_gets_the_notification():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    try:
        sqs = boto3.client(
            "sqs",
            endpoint_url=endpoint,
            region_name="us-east-1",
            aws_access_key_id="x",
            aws_secret_access_key="x",
        )
        url = sqs.create_queue(QueueName="orders")["QueueUrl"]
        with running_sandbox("--sqs-endpoint", endpoint) as box:
            account = open_account(box)
            form = {
                "grant_type": "client_credentials",
                "scope": "sellingpartnerapi::notifications",
                "client_id": CLIENT_ID,
                "client_secret": CLIENT_SECRET,
            }
            token = box.client.post(f"{box.http}/auth/o2/token", data=form).json()["access_token"]
            body = {
                "name": "q",
                "resourceSpecification": {"sqs": {"arn": "arn:aws:sqs:us-east-1:123456789012:orders"}},
            }
            where = as_app(account, token, "POST", BASE + "/destinations", json=body).json()["payload"][
                "destinationId"
            ]
            subscribe(account, where)
            order = account.order()
            (message,) = _received(sqs, url)
        body = json.loads(message["Body"])
        assert body["Payload"]["OrderChangeNotification"]["AmazonOrderId"] == order["order_id"]
    finally:
        server.stop()


def _received(sqs, url):
    for _ in range(40):
        messages = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=0).get("Messages", [])
        if messages:
            return messages
        time.sleep(0.25)
    return []
