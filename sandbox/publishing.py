"""Notifications going out: shaped as Amazon's schemas say, to a queue or to the sandbox's own inbox.

A queue delivers at least once and in any order, so duplicates, loss and reordering can be switched on.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import orjson

from .clock import iso
from .context import Sandbox
from .world import life
from .world.order import Order

log = logging.getLogger("sandbox.publishing")
STATUS = {
    "PENDING_AVAILABILITY": "PendingAvailability",
    "PENDING": "Pending",
    "UNSHIPPED": "Unshipped",
    "PARTIALLY_SHIPPED": "PartiallyShipped",
    "SHIPPED": "Shipped",
    "CANCELLED": "Canceled",
    "UNFULFILLABLE": "Unfulfillable",
}
# Parcels move without a word in ORDER_CHANGE; only what changes the order's status is told.
TOLD = frozenset(("place", "confirm", "part_ship", "ship", "cancel", "ask_cancel", "change"))
_queue = ThreadPoolExecutor(1, "publishing")


def order_changed(sandbox: Sandbox, order: Order, kind: str, at: int) -> None:
    """Tell every subscription of this seller that asked for it."""
    if kind not in TOLD:
        return
    change = "BuyerRequestedChange" if kind == "ask_cancel" else "OrderStatusChange"
    for row in _subscriptions(sandbox, order.seller, "ORDER_CHANGE"):
        if _is_wanted(orjson.loads(row["directive"]), change, order.marketplace):
            body = _order_change(sandbox, row, order, change, at)
            publish(sandbox, order.seller, "ORDER_CHANGE", body, orjson.loads(row["resource"]))


def report_finished(sandbox: Sandbox, report: Any, status: str) -> None:
    for row in _subscriptions(sandbox, report["seller"], "REPORT_PROCESSING_FINISHED"):
        document = sandbox.store.scalar("SELECT document FROM reports WHERE report=?", report["report"])
        told = {
            "sellerId": report["seller"],
            "accountId": f"amzn1.merchant.o.{report['seller']}",
            "reportId": report["report"],
            "reportType": report["type"],
            "processingStatus": status,
        }
        if document:
            told["reportDocumentId"] = document
        body = {
            "notificationVersion": "2020-09-04",
            "notificationType": "REPORT_PROCESSING_FINISHED",
            "payloadVersion": "2020-09-04",
            "eventTime": iso(sandbox.clock.now()),
            "payload": {"reportProcessingFinishedNotification": told},
            "notificationMetadata": {k[0].lower() + k[1:]: v for k, v in _metadata(sandbox, row).items()},
        }
        publish(sandbox, report["seller"], "REPORT_PROCESSING_FINISHED", body, orjson.loads(row["resource"]))


def _subscriptions(sandbox: Sandbox, seller: str, kind: str) -> list[Any]:
    sql = """SELECT s.*, d.resource, a.application_id FROM subscriptions s
             JOIN destinations d USING (destination)
             JOIN apps a ON a.client_id=s.client_id WHERE s.seller=? AND s.type=?"""
    return sandbox.store.all(sql, seller, kind)


def _is_wanted(directive: dict[str, Any], change: str, marketplace: str) -> bool:
    chosen = directive.get("eventFilter") or {}
    types, places = chosen.get("orderChangeTypes"), chosen.get("marketplaceIds")
    return (not types or change in types) and (not places or marketplace in places)


def _metadata(sandbox: Sandbox, row: Any) -> dict[str, str]:
    return {
        "ApplicationId": row["application_id"],
        "SubscriptionId": row["subscription"],
        "PublishTime": iso(sandbox.clock.now()),
        "NotificationId": str(uuid.uuid4()),
    }


def _order_change(sandbox: Sandbox, row: Any, order: Order, change: str, at: int) -> dict[str, Any]:
    reason = (
        "Buyer Requested Cancel" if change == "BuyerRequestedChange" else f"Order is {STATUS[order.status]}"
    )
    told = {
        "NotificationLevel": "OrderLevel",
        "SellerId": order.seller,
        "AmazonOrderId": order.order_id,
        "OrderChangeType": change,
        "OrderChangeTrigger": {"TimeOfOrderChange": iso(at), "ChangeReason": reason},
        "Summary": _summary(sandbox, order),
    }
    return {
        "NotificationVersion": "1.0",
        "NotificationType": "ORDER_CHANGE",
        "PayloadVersion": "1.0",
        "EventTime": iso(at),
        "Payload": {"OrderChangeNotification": told},
        "NotificationMetadata": _metadata(sandbox, row),
    }


def _summary(sandbox: Sandbox, order: Order) -> dict[str, Any]:
    done = sum(item["quantity"] for item in order.items if item["shipped"])
    shown: dict[str, Any] = {
        "MarketplaceId": order.marketplace,
        "OrderStatus": STATUS[order.status],
        "PurchaseDate": iso(order.created_at),
        "DestinationPostalCode": "PIIBAIT",
        "FulfillmentType": "AFN" if order.amazon_fulfils else "MFN",
        "OrderType": "StandardOrder",
        "NumberOfItemsShipped": done,
        "NumberOfItemsUnshipped": sum(item["quantity"] for item in order.items) - done,
        "OrderItems": [_item(order, item) for item in order.items],
    }
    if not order.amazon_fulfils:
        shown |= {
            "EarliestShipDate": iso(order.ship_from),
            "LatestShipDate": iso(order.ship_by),
            "EarliestDeliveryDate": iso(order.deliver_from),
            "LatestDeliveryDate": iso(order.deliver_by),
        }
    return shown


def _item(order: Order, item: dict[str, Any]) -> dict[str, Any]:
    return {
        "OrderItemId": item["id"],
        "SellerSKU": item["sku"],
        "SupplySourceId": None,
        "Quantity": item["quantity"],
        "QuantityShipped": item["quantity"] if item["shipped"] else 0,
        "IsBuyerRequestedCancel": bool(order.cancel_asked),
    }


def publish(sandbox: Sandbox, seller: str, kind: str, body: dict[str, Any], resource: dict[str, Any]) -> None:
    """Once, or lost, twice, or late, as the settings say."""
    settings, rng = sandbox.settings, sandbox.rng
    if settings["notify_loss"] and rng.random() < settings["notify_loss"]:
        return
    if settings["notify_reorder"]:
        held = sandbox.held_notifications
        held.append((seller, kind, body, resource))
        if len(held) < 3:
            return
        rng.shuffle(held)
        waiting, sandbox.held_notifications = list(held), []
    else:
        waiting = [(seller, kind, body, resource)]
    for entry in waiting:
        _deliver(sandbox, *entry)
        if settings["notify_duplicates"] and rng.random() < settings["notify_duplicates"]:
            _deliver(sandbox, *entry)


def _deliver(
    sandbox: Sandbox, seller: str, kind: str, body: dict[str, Any], resource: dict[str, Any]
) -> None:
    text = orjson.dumps(body).decode()
    sandbox.store.run(
        "INSERT INTO notifications (at,seller,type,body) VALUES (?,?,?,?)",
        sandbox.clock.now(),
        seller,
        kind,
        text,
    )
    arn = (resource.get("sqs") or {}).get("arn")
    if not arn or not sandbox.options.sqs_endpoint:
        return
    with contextlib.suppress(RuntimeError):
        asyncio.get_running_loop()
        _queue.submit(_send, sandbox.options.sqs_endpoint, arn, text)


def _send(endpoint: str, arn: str, text: str) -> None:
    _, _, _, region, account, name = arn.split(":", 5)
    try:
        client = _client(endpoint, region)
        client.send_message(QueueUrl=_queue_url(endpoint, region, account, name), MessageBody=text)
    except Exception:
        log.exception("the notification could not be put into %s at %s", arn, endpoint)


@cache
def _client(endpoint: str, region: str) -> Any:
    import boto3  # only a sandbox with a queue pays for it

    return boto3.client(
        "sqs",
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id="sandbox",
        aws_secret_access_key="sandbox",  # noqa: S106 - a stand-in queue wants any
    )


@cache
def _queue_url(endpoint: str, region: str, account: str, name: str) -> str:
    answer = _client(endpoint, region).get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)
    return str(answer["QueueUrl"])


def watch() -> None:
    """From now on every visible change of an order is told. May run twice."""
    if order_changed not in life.watchers:
        life.watchers.append(order_changed)
        life.chores.append(finish_reports)


def finish_reports(sandbox: Sandbox) -> None:
    from .api import reports  # the API announces through this module, so it is met only when needed

    reports.run_schedules(sandbox)
    for row, status in reports.settle(sandbox):
        report_finished(sandbox, row, status)
