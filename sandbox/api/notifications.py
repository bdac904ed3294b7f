"""Notifications API v1: destinations, subscriptions and what is published (Amazon's model, read 2026-11)."""

from __future__ import annotations

import uuid
from typing import Any

import orjson

from .. import errors
from ..errors import ApiError
from ..gateway import Call, Reply, operation
from ..publishing import publish

BASE = "/notifications/v1"
SCOPE = "sellingpartnerapi::notifications"
TYPES = frozenset(
    (
        "ORDER_CHANGE",
        "REPORT_PROCESSING_FINISHED",
        "TRANSACTION_UPDATE",
        "ACCOUNT_STATUS_CHANGED",
        "ANY_OFFER_CHANGED",
        "FBA_OUTBOUND_SHIPMENT_STATUS",
        "FULFILLMENT_ORDER_STATUS",
        "SHIPMENT_TRACKING_MILESTONE_CHANGED",
        "DATA_KIOSK_QUERY_PROCESSING_FINISHED",
        "FEED_PROCESSING_FINISHED",
    )
)
CHANGE_TYPES = frozenset(("BuyerRequestedChange", "DeliveryTipChange", "OrderStatusChange"))


# -- destinations: the application's own, so grantless


@operation("createDestination", "POST", BASE + "/destinations", 1, 5, grantless=SCOPE)
def create_destination(call: Call) -> Reply:
    body = call.json()
    specification = body.get("resourceSpecification")
    if not body.get("name") or not isinstance(specification, dict):
        raise errors.invalid_input("name and resourceSpecification are required.")
    resource = _resource(specification)
    _refuse_twin(call, resource)
    destination = str(uuid.uuid4())
    call.sandbox.store.run(
        "INSERT INTO destinations VALUES (?,?,?,?,?)",
        destination,
        call.app.client_id,
        call.region,
        body["name"],
        orjson.dumps(resource).decode(),
    )
    return Reply(200, {"payload": {"destinationId": destination, "name": body["name"], "resource": resource}})


def _resource(specification: dict[str, Any]) -> dict[str, Any]:
    sqs, bridge = specification.get("sqs"), specification.get("eventBridge")
    if sqs and str(sqs.get("arn", "")).startswith("arn:aws:sqs:"):
        return {"sqs": {"arn": sqs["arn"]}}
    if bridge and bridge.get("accountId") and bridge.get("region"):
        name = f"aws.partner/sellingpartnerapi.amazon.com/{bridge['accountId']}/sandbox"
        return {"eventBridge": {"name": name, "region": bridge["region"], "accountId": bridge["accountId"]}}
    raise errors.invalid_input("resourceSpecification needs sqs.arn or eventBridge.")


def _refuse_twin(call: Call, resource: dict[str, Any]) -> None:
    sql = "SELECT 1 FROM destinations WHERE client_id=? AND region=? AND resource=?"
    if call.sandbox.store.one(sql, call.app.client_id, call.region, orjson.dumps(resource).decode()):
        raise _conflict("A destination for this resource already exists.")


@operation("getDestinations", "GET", BASE + "/destinations", 1, 5, grantless=SCOPE)
def get_destinations(call: Call) -> Reply:
    sql = "SELECT * FROM destinations WHERE client_id=? AND region=? ORDER BY name"
    rows = call.sandbox.store.all(sql, call.app.client_id, call.region)
    return Reply(200, {"payload": [_destination(row) for row in rows]})


@operation("getDestination", "GET", BASE + "/destinations/{destinationId}", 1, 5, grantless=SCOPE)
def get_destination(call: Call) -> Reply:
    return Reply(200, {"payload": _destination(_own_destination(call, call.path["destinationId"]))})


@operation("deleteDestination", "DELETE", BASE + "/destinations/{destinationId}", 1, 5, grantless=SCOPE)
def delete_destination(call: Call) -> Reply:
    row = _own_destination(call, call.path["destinationId"])
    if call.sandbox.store.one("SELECT 1 FROM subscriptions WHERE destination=?", row["destination"]):
        raise _conflict("The destination has subscriptions. Delete them first.")
    call.sandbox.store.run("DELETE FROM destinations WHERE destination=?", row["destination"])
    return Reply(200, {})


def _own_destination(call: Call, destination: str) -> Any:
    sql = "SELECT * FROM destinations WHERE destination=? AND client_id=?"
    row = call.sandbox.store.one(sql, destination, call.app.client_id)
    if row is None:
        raise errors.not_found()
    return row


def _destination(row: Any) -> dict[str, Any]:
    return {
        "destinationId": row["destination"],
        "name": row["name"],
        "resource": orjson.loads(row["resource"]),
    }


# -- subscriptions: a seller's, created with its own token


@operation("createSubscription", "POST", BASE + "/subscriptions/{notificationType}", 1, 5)
def create_subscription(call: Call) -> Reply:
    kind, body = _kind(call), call.json()
    if body.get("payloadVersion") != "1.0" or not body.get("destinationId"):
        raise errors.invalid_input("payloadVersion 1.0 and destinationId are required.")
    _own_destination(call, str(body["destinationId"]))
    directive = body.get("processingDirective") or {}
    _check_filter(directive)
    if _subscription_of(call, kind) is not None:
        raise _conflict("A subscription for this notification type already exists.")
    subscription = str(uuid.uuid4())
    call.sandbox.store.run(
        "INSERT INTO subscriptions VALUES (?,?,?,?,?,?,?)",
        subscription,
        call.app.client_id,
        call.seller,
        kind,
        body["destinationId"],
        "1.0",
        orjson.dumps(directive).decode(),
    )
    return Reply(200, {"payload": _subscription(_subscription_of(call, kind))})


def _check_filter(directive: dict[str, Any]) -> None:
    chosen = (directive.get("eventFilter") or {}).get("orderChangeTypes") or []
    if not set(chosen) <= CHANGE_TYPES:
        raise errors.invalid_input(f"orderChangeTypes: unknown value {min(set(chosen) - CHANGE_TYPES)}")


@operation("getSubscription", "GET", BASE + "/subscriptions/{notificationType}", 1, 5)
def get_subscription(call: Call) -> Reply:
    row = _subscription_of(call, _kind(call))
    if row is None:
        raise errors.not_found()
    return Reply(200, {"payload": _subscription(row)})


@operation("getSubscriptions", "GET", BASE + "/subscriptions", 1, 5)
def get_subscriptions(call: Call) -> Reply:
    kinds = call.many("notificationTypes")
    if not kinds or not set(kinds) <= TYPES:
        raise errors.missing_parameter("notificationTypes")
    marks = ",".join("?" * len(kinds))
    sql = f"SELECT * FROM subscriptions WHERE client_id=? AND seller=? AND type IN ({marks})"  # noqa: S608
    rows = call.sandbox.store.all(sql, call.app.client_id, call.seller, *kinds)
    return Reply(200, {"payload": {"subscriptions": [_subscription(row) for row in rows]}})


@operation(
    "getSubscriptionById",
    "GET",
    BASE + "/subscriptions/{notificationType}/{subscriptionId}",
    1,
    5,
    grantless=SCOPE,
)
def get_subscription_by_id(call: Call) -> Reply:
    return Reply(200, {"payload": _subscription(_own_subscription(call))})


@operation(
    "deleteSubscriptionById",
    "DELETE",
    BASE + "/subscriptions/{notificationType}/{subscriptionId}",
    1,
    5,
    grantless=SCOPE,
)
def delete_subscription(call: Call) -> Reply:
    row = _own_subscription(call)
    call.sandbox.store.run("DELETE FROM subscriptions WHERE subscription=?", row["subscription"])
    return Reply(200, {})


@operation(
    "sendTestNotification",
    "POST",
    BASE + "/subscriptions/{notificationType}/testNotification",
    1,
    5,
    grantless=SCOPE,
)
def send_test(call: Call) -> Reply:
    kind, body = _kind(call), call.json()
    row = _own_destination(call, str(body.get("destinationId", "")))
    test = {
        "notificationVersion": "1.0",
        "notificationType": kind,
        "payloadVersion": "1.0",
        "payload": {"test": True},
    }
    publish(call.sandbox, "", kind, test, orjson.loads(row["resource"]))
    return Reply(200, {"payload": {}})


def _kind(call: Call) -> str:
    kind = call.path["notificationType"]
    if kind not in TYPES:
        raise errors.invalid_input(f"Unknown notificationType {kind}")
    return kind


def _subscription_of(call: Call, kind: str) -> Any:
    sql = "SELECT * FROM subscriptions WHERE client_id=? AND seller=? AND type=?"
    return call.sandbox.store.one(sql, call.app.client_id, call.seller, kind)


def _own_subscription(call: Call) -> Any:
    sql = "SELECT * FROM subscriptions WHERE subscription=? AND type=? AND client_id=?"
    row = call.sandbox.store.one(sql, call.path["subscriptionId"], _kind(call), call.app.client_id)
    if row is None:
        raise errors.not_found()
    return row


def _subscription(row: Any) -> dict[str, Any]:
    shown = {
        "subscriptionId": row["subscription"],
        "payloadVersion": row["version"],
        "destinationId": row["destination"],
    }
    directive = orjson.loads(row["directive"])
    return {**shown, "processingDirective": directive} if directive else shown


def _conflict(message: str) -> ApiError:
    return ApiError(409, "Conflict", message)
