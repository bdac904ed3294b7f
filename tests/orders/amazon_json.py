"""Orders as Amazon writes them, with something personal in every field that can hold it."""

from typing import Any

BAIT = "PIIBAIT"
DE = "A1PA6795UKMFR9"


def amazon_order(number: str = "302-1234567-7654321", **changes: Any) -> dict[str, Any]:
    """A shipped, merchant-fulfilled order of amazon.de. `changes` replace fields; None removes one."""
    order: dict[str, Any] = {
        "orderId": number,
        "orderAliases": [{"aliasId": BAIT, "aliasType": "SELLER_ORDER_ID"}],
        "createdTime": "2026-11-01T08:00:00Z",
        "lastUpdatedTime": "2026-11-03T09:00:00Z",
        "programs": ["PRIME"],
        "salesChannel": {"channelName": "AMAZON", "marketplaceId": DE, "marketplaceName": "Amazon.de"},
        "buyer": {"buyerName": BAIT, "buyerEmail": "abc123@marketplace.amazon.de", "buyerCompanyName": BAIT},
        "recipient": {"deliveryAddress": {"name": BAIT, "city": BAIT, "postalCode": BAIT, "phone": BAIT}},
        "proceeds": {"grandTotal": {"amount": "49.80", "currencyCode": "EUR"}},
        "fulfillment": {
            "fulfillmentStatus": "SHIPPED",
            "fulfilledBy": "MERCHANT",
            "deliverByWindow": {
                "earliestDateTime": "2026-11-04T00:00:00Z",
                "latestDateTime": "2026-11-06T22:59:59Z",
            },
        },
        "orderItems": [amazon_item("1")],
        "packages": [package("IN_TRANSIT")],
    }
    order.update(changes)
    return {name: value for name, value in order.items() if value is not None}


def amazon_item(number: str = "1", **changes: Any) -> dict[str, Any]:
    item = {
        "orderItemId": number,
        "quantityOrdered": 2,
        "product": {
            "asin": "B0C7GPRS41",
            "title": "Felt Desk Pad",
            "sellerSku": "PAD-80",
            "price": {"unitPrice": {"amount": "24.90", "currencyCode": "EUR"}},
            "customization": {"customizedUrl": f"https://{BAIT}"},
        },
        "fulfillment": {"packing": {"giftOption": {"giftMessage": BAIT}}},
    }
    return {**item, **changes}


def package(status: str, detailed: str = "", shipped: str = "2026-11-02T15:00:00Z") -> dict[str, Any]:
    return {
        "packageReferenceId": "1",
        "packageStatus": {"status": status, "detailedStatus": detailed or status},
        "shipTime": shipped,
        "trackingNumber": BAIT,
        "shipFromAddress": {"city": BAIT},
    }
