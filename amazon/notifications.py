"""Notifications API v1: have Amazon put hints about changed orders into our queue.

A destination belongs to the application and a region; a subscription to a seller, created with the seller's
own token, so its id tells whose hint it is (Amazon's guide and model, read 2026-11-23).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .client import Application, SellingPartner
from .errors import AmazonError, Outcome

ORDER_CHANGE = "ORDER_CHANGE"
REPORT_FINISHED = "REPORT_PROCESSING_FINISHED"
ACCOUNT_STATUS = "ACCOUNT_STATUS_CHANGED"


@dataclass(frozen=True, slots=True)
class Subscription:
    id: str
    destination_id: str
    is_new: bool


def create_destination(application: Application, name: str, sqs_arn: str) -> str:
    """The destination's id; the one that exists for this queue, if there is one. May run twice. Raises
    AmazonError.
    """
    body = {"name": name, "resourceSpecification": {"sqs": {"arn": sqs_arn}}}
    try:
        return str(_payload(application.call("createDestination", body=body).data)["destinationId"])
    except AmazonError as error:
        found = _destination_at(application, sqs_arn) if error.outcome is Outcome.ALREADY_DONE else None
        if found is None:
            raise
        return found


def _destination_at(application: Application, sqs_arn: str) -> str | None:
    entries: Any = _payload(application.call("getDestinations").data)
    for entry in entries if isinstance(entries, list) else ():
        if ((entry.get("resource") or {}).get("sqs") or {}).get("arn") == sqs_arn:
            return str(entry["destinationId"])
    return None


def delete_destination(application: Application, destination_id: str) -> None:
    _gone_is_fine(application, "deleteDestination", destination_id=destination_id)


def create_subscription(
    seller: SellingPartner, kind: str, destination_id: str, marketplace_ids: Iterable[str] = ()
) -> Subscription:
    """Subscribe this seller; the subscription that exists already, if there is one. May run twice."""
    body: dict[str, Any] = {"payloadVersion": "1.0", "destinationId": destination_id}
    if kind == ORDER_CHANGE:
        body["processingDirective"] = {"eventFilter": _order_filter(marketplace_ids)}
    try:
        data = _payload(seller.call("createSubscription", notification_type=kind, body=body).data)
        return Subscription(str(data["subscriptionId"]), destination_id, is_new=True)
    except AmazonError as error:
        if error.outcome is not Outcome.ALREADY_DONE:
            raise
    data = _payload(seller.call("getSubscription", notification_type=kind).data)
    return Subscription(str(data["subscriptionId"]), str(data.get("destinationId", "")), is_new=False)


def _order_filter(marketplace_ids: Iterable[str]) -> dict[str, Any]:
    wanted: dict[str, Any] = {
        "eventFilterType": ORDER_CHANGE,
        "orderChangeTypes": ["OrderStatusChange", "BuyerRequestedChange"],
    }
    if stores := sorted(marketplace_ids):
        wanted["marketplaceIds"] = stores
    return wanted


def delete_subscription(application: Application, kind: str, subscription_id: str) -> None:
    """May run twice: a subscription that is gone is what was wanted."""
    _gone_is_fine(
        application, "deleteSubscriptionById", notification_type=kind, subscription_id=subscription_id
    )


def _gone_is_fine(application: Application, operation: str, **parameters: Any) -> None:
    try:
        application.call(operation, **parameters)
    except AmazonError as error:
        if error.status != 404:
            raise


def _payload(data: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = data.get("payload") or data
    return found
