"""Made-up "All orders" files."""

from typing import Any

COLUMNS = (
    "amazon-order-id", "merchant-order-id", "purchase-date", "last-updated-date", "order-status",
    "fulfillment-channel", "sales-channel", "order-channel", "url", "ship-service-level", "product-name",
    "sku", "asin", "item-status", "quantity", "currency", "item-price", "item-tax", "shipping-price",
    "shipping-tax", "gift-wrap-price", "gift-wrap-tax", "item-promotion-discount", "ship-promotion-discount",
    "ship-city", "ship-state", "ship-postal-code", "ship-country", "promotion-ids", "is-business-order",
    "purchase-order-number", "price-designation",
)  # fmt: skip
BAIT = "PIIBAIT"


def number(n: int) -> str:
    return f"302-{n // 10**7 % 10**7:07d}-{n % 10**7:07d}"


def line(n: int = 1, **changes: Any) -> dict[str, str]:
    """One line of a shipped order of amazon.de. Names are the columns' with underscores."""
    row = {
        "amazon-order-id": number(n), "purchase-date": "2026-11-01T08:00:00+00:00",
        "last-updated-date": "2026-11-03T09:00:00+00:00", "order-status": "Shipped",
        "fulfillment-channel": "Merchant", "sales-channel": "Amazon.de", "product-name": "Felt Desk Pad",
        "sku": "PAD-80", "asin": "B0C7GPRS41", "item-status": "Shipped", "quantity": "2", "currency": "EUR",
        "item-price": "49.80", "ship-city": BAIT, "ship-state": BAIT, "ship-postal-code": BAIT,
        "ship-country": "DE", "is-business-order": "false",
    }  # fmt: skip
    return {**row, **{name.replace("_", "-"): str(value) for name, value in changes.items()}}


def written(rows: list[dict[str, str]], columns: tuple[str, ...] = COLUMNS, delimiter: str = "\t") -> str:
    body = [delimiter.join(row.get(column, "") for column in columns) for row in rows]
    return "\r\n".join([delimiter.join(columns), *body]) + "\r\n"
