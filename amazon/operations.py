"""Every operation we call: how often Amazon allows it, whether it reaches a buyer, and where the client keeps
it.

Rates are the defaults per seller and application in Amazon's models (commit 34dc93f, read 2026-11-23).
sendInvoice states none; its neighbours' is used.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Operation:
    """`rate` is requests per second, `burst` how many may come at once.

    `sends`: a buyer hears of it, so an unknown outcome is never repeated. `grantless`: called as the
    application, with a token of that scope and no seller.
    """

    name: str
    rate: float
    burst: int
    api: str  # the class in the official client
    method: str
    sends: bool = False
    grantless: str = ""
    #: About one order: a 404 speaks of that order, not of us.
    of_order: bool = False
    #: Characters Amazon wants unescaped in path parameters.
    path_safe: str = ""


NOTIFICATIONS_SCOPE = "sellingpartnerapi::notifications"


def _messaging(name: str, method: str) -> Operation:
    return Operation(name, 1, 5, "MessagingApi", method, sends=True, of_order=True)


_ALL = (
    Operation("searchOrders", 0.0056, 20, "SearchOrdersApi", "search_orders"),
    Operation("getOrder", 0.5, 30, "GetOrderApi", "get_order", of_order=True),
    Operation(
        "getSolicitationActionsForOrder",
        1,
        5,
        "SolicitationsApi",
        "get_solicitation_actions_for_order",
        of_order=True,
    ),
    Operation(
        "createProductReviewAndSellerFeedbackSolicitation",
        1,
        5,
        "SolicitationsApi",
        "create_product_review_and_seller_feedback_solicitation",
        sends=True,
        of_order=True,
    ),
    Operation(
        "getMessagingActionsForOrder", 1, 5, "MessagingApi", "get_messaging_actions_for_order", of_order=True
    ),
    Operation("GetAttributes", 1, 5, "MessagingApi", "get_attributes", of_order=True),
    _messaging("confirmCustomizationDetails", "confirm_customization_details"),
    _messaging("createConfirmDeliveryDetails", "create_confirm_delivery_details"),
    _messaging("createConfirmOrderDetails", "create_confirm_order_details"),
    _messaging("createConfirmServiceDetails", "create_confirm_service_details"),
    _messaging("createUnexpectedProblem", "create_unexpected_problem"),
    _messaging("createDigitalAccessKey", "create_digital_access_key"),
    _messaging("CreateWarranty", "create_warranty"),
    _messaging("createLegalDisclosure", "create_legal_disclosure"),
    _messaging("sendInvoice", "send_invoice"),
    Operation(
        "createUploadDestinationForResource",
        10,
        10,
        "UploadsApi",
        "create_upload_destination_for_resource",
        path_safe="/",
    ),
    Operation("getMarketplaceParticipations", 0.016, 15, "SellersApi", "get_marketplace_participations"),
    Operation("createReport", 0.0167, 15, "ReportsApi", "create_report"),
    Operation("getReport", 2, 15, "ReportsApi", "get_report"),
    Operation("getReports", 0.0222, 10, "ReportsApi", "get_reports"),
    Operation("getReportDocument", 0.0167, 15, "ReportsApi", "get_report_document"),
    Operation("createSubscription", 1, 5, "NotificationsApi", "create_subscription"),
    Operation("getSubscription", 1, 5, "NotificationsApi", "get_subscription"),
    Operation(
        "deleteSubscriptionById",
        1,
        5,
        "NotificationsApi",
        "delete_subscription_by_id",
        grantless=NOTIFICATIONS_SCOPE,
    ),
    Operation(
        "createDestination", 1, 5, "NotificationsApi", "create_destination", grantless=NOTIFICATIONS_SCOPE
    ),
    Operation("getDestinations", 1, 5, "NotificationsApi", "get_destinations", grantless=NOTIFICATIONS_SCOPE),
    Operation(
        "deleteDestination", 1, 5, "NotificationsApi", "delete_destination", grantless=NOTIFICATIONS_SCOPE
    ),
)

OPERATIONS: dict[str, Operation] = {operation.name: operation for operation in _ALL}


def find(name: str) -> Operation:
    try:
        return OPERATIONS[name]
    except KeyError:
        raise ValueError(
            f"{name!r} is not an operation we call; add it to amazon/operations.py with its rate"
        ) from None
