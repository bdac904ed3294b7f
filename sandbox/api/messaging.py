"""Messaging API v1: typed messages, offered by the state of the order (Amazon's model, read 2026-11)."""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .. import errors
from ..clock import parsed
from ..gateway import HAL, Call, Reply, link, operation
from ..ledger import Contact
from ..world import review
from ..world.order import DAY, Order
from .common import hal, one_marketplace, own_order
from .uploads import is_uploaded

ROLES = ("Buyer Communication",)
TAG = re.compile(r"<\s*/?\s*[a-zA-Z][^>]*>")
EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}\.\w+")


@dataclass(frozen=True, slots=True)
class Kind:
    """`text`: longest text, 0 for none. `attachments`: fewest and most. `critical`: also for buyers who
    opted out.
    """

    name: str
    operation: str
    text: int = 0
    attachments: tuple[int, int] = (0, 0)
    critical: bool = False
    dates: bool = False


KINDS = (
    Kind("confirmCustomizationDetails", "confirmCustomizationDetails", 800, (0, 5), critical=True),
    Kind("confirmDeliveryDetails", "createConfirmDeliveryDetails", 2000, critical=True),
    Kind("legalDisclosure", "createLegalDisclosure", 0, (0, 5), critical=True),
    Kind("confirmOrderDetails", "createConfirmOrderDetails", 2000, critical=True),
    Kind("confirmServiceDetails", "createConfirmServiceDetails", 2000, critical=True),
    Kind("warranty", "CreateWarranty", 0, (1, 5), dates=True),
    Kind("digitalAccessKey", "createDigitalAccessKey", 400, (0, 5), critical=True),
    Kind("unexpectedProblem", "createUnexpectedProblem", 2000, critical=True),
    Kind("invoice", "sendInvoice", 0, (1, 5)),
)
BY_NAME = {kind.name: kind for kind in KINDS}


@operation("getMessagingActionsForOrder", "GET", "/messaging/v1/orders/{amazonOrderId}", 1, 5, ROLES)
def get_actions(call: Call) -> Reply:
    marketplace = one_marketplace(call)
    order = own_order(call)
    here = f"/messaging/v1/orders/{order.order_id}"
    offered = [] if call.strikes("empty_actions") else offered_kinds(call, order, marketplace)
    actions = [(name, link(f"{here}/messages/{name}", marketplaceIds=marketplace)) for name in offered]
    return Reply(200, hal(link(here, marketplaceIds=marketplace), actions), HAL)


@operation("GetAttributes", "GET", "/messaging/v1/orders/{amazonOrderId}/attributes", 1, 5, ROLES)
def get_attributes(call: Call) -> Reply:
    one_marketplace(call)
    order = own_order(call)
    locale = call.sandbox.store.scalar("SELECT locale FROM buyers WHERE buyer=?", order.buyer)
    return Reply(200, {"buyer": {"locale": locale}}, HAL)


def offered_kinds(call: Call, order: Order, marketplace: str) -> list[str]:
    """What Amazon offers now. There is no published table; this one follows the guide's purposes."""
    if order.marketplace != marketplace:
        return []
    names = _by_state(call.now, order) if order.actions is None else order.actions
    if review.has_opted_out(call.sandbox, order.buyer):
        names = [name for name in names if BY_NAME[name].critical]
    return [name for name in names if not call.sandbox.ledger.already(order.order_id, "messaging", name)]


def _by_state(now: float, order: Order) -> list[str]:
    if order.status in ("UNSHIPPED", "PARTIALLY_SHIPPED"):
        return _before_shipping(order)
    if order.status != "SHIPPED" or now > (order.delivered_at or order.deliver_by) + 30 * DAY:
        return []
    if order.amazon_fulfils:
        # For parcels Amazon sends there is often nothing to say; one order in three is offered papers.
        return (
            ["warranty", "invoice", "legalDisclosure"] if zlib.crc32(order.order_id.encode()) % 3 == 0 else []
        )
    open_now = [] if order.delivered_at else ["confirmDeliveryDetails", "unexpectedProblem"]
    return [*open_now, "warranty", "invoice", "legalDisclosure"]


def _before_shipping(order: Order) -> list[str]:
    if order.amazon_fulfils:
        return []
    kinds = {item["kind"] for item in order.items}
    special = [
        name
        for kind, name in (("custom", "confirmCustomizationDetails"), ("digital", "digitalAccessKey"))
        if kind in kinds
    ]
    return [*special, "confirmOrderDetails", "confirmDeliveryDetails", "unexpectedProblem", "legalDisclosure"]


def _register(kind: Kind) -> None:
    path = "/messaging/v1/orders/{amazonOrderId}/messages/" + kind.name
    operation(kind.operation, "POST", path, 1, 5, ROLES)(_sender(kind))


def _sender(kind: Kind) -> Callable[[Call], Reply]:
    def send(call: Call) -> Reply:
        marketplace = one_marketplace(call)
        order = own_order(call)
        body = call.json()
        _check_text(kind, body)
        _check_dates(kind, body)
        attachments = _attachments(call, kind, body)
        _check_offer(call, kind, order, marketplace)
        call.sandbox.ledger.contact(_contact(call, kind, order, body, attachments))
        return Reply(201, {}, HAL)

    return send


def _check_offer(call: Call, kind: Kind, order: Order, marketplace: str) -> None:
    if kind.name in offered_kinds(call, order, marketplace):
        return
    if call.sandbox.ledger.already(order.order_id, "messaging", kind.name):
        call.note = "repeat"
    raise errors.forbidden(errors.WRONG_TEMPLATE)


def _contact(
    call: Call, kind: Kind, order: Order, body: dict[str, Any], files: list[dict[str, Any]]
) -> Contact:
    text = str(body.get("text") or "")
    digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()[:12]
    return Contact(
        "messaging",
        kind.name,
        order.seller,
        order.order_id,
        order.buyer,
        f"{kind.name}:{digest}",
        proactive=True,
        outside_window=review.is_too_late(call.sandbox, order),
        text=text,
        attachments=tuple(files),
    )


def _check_text(kind: Kind, body: dict[str, Any]) -> None:
    text = body.get("text")
    if not kind.text:
        return
    if not isinstance(text, str) or not 1 <= len(text) <= kind.text:
        raise errors.invalid_input(f"text must have 1 to {kind.text} characters.")
    if TAG.search(text) or EMAIL.search(text):
        raise errors.invalid_input("text must not contain HTML or e-mail addresses.")


def _check_dates(kind: Kind, body: dict[str, Any]) -> None:
    for name in ("coverageStartDate", "coverageEndDate") if kind.dates else ():
        if body.get(name) is None:
            continue
        try:
            parsed(str(body[name]))
        except ValueError:
            raise errors.invalid_input(f"{name} must be an ISO 8601 date-time.") from None


def _attachments(call: Call, kind: Kind, body: dict[str, Any]) -> list[dict[str, Any]]:
    files = body.get("attachments") or []
    fewest, most = kind.attachments
    if not isinstance(files, list) or not fewest <= len(files) <= most:
        raise errors.invalid_input(f"attachments: {fewest} to {most} are allowed.")
    for file in files:
        if not isinstance(file, dict) or not file.get("fileName") or not file.get("uploadDestinationId"):
            raise errors.invalid_input("attachments: fileName and uploadDestinationId are required.")
        if not is_uploaded(call, str(file["uploadDestinationId"]), kind.name):
            raise errors.invalid_input(
                "attachments: the uploadDestinationId is unknown or holds no matching file."
            )
    return files


for _kind in KINDS:
    _register(_kind)
