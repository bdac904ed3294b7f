"""Sellers API v1 (Amazon's model, read 2026-11)."""

from __future__ import annotations

from typing import Any

import orjson

from ..gateway import Call, Reply, operation
from ..marketplaces import BY_ID

ROLES = ("Selling Partner Insights",)


@operation("getMarketplaceParticipations", "GET", "/sellers/v1/marketplaceParticipations", 0.016, 15, ROLES)
def participations(call: Call) -> Reply:
    return Reply(200, {"payload": _participations(call)})


@operation("getAccount", "GET", "/sellers/v1/account", 0.016, 15, ROLES)
def account(call: Call) -> Reply:
    row = _seller(call)
    place = BY_ID[orjson.loads(row["marketplaces"])[0]]
    address = {
        "addressLine1": "1 Sandbox Way",
        "city": "Millbrook",
        "postalCode": "00000",
        "countryCode": place.country,
    }
    payload = {
        "businessType": "PRIVATE_LIMITED",
        "sellingPlan": "PROFESSIONAL",
        "marketplaceParticipationList": _participations(call),
        "business": {"name": row["business_name"], "registeredBusinessAddress": address},
        "primaryContact": {"name": row["name"], "address": address},
    }
    return Reply(200, {"payload": payload})


def _seller(call: Call) -> Any:
    return call.sandbox.store.one("SELECT * FROM sellers WHERE seller=?", call.seller)


def _participations(call: Call) -> list[dict[str, Any]]:
    row = _seller(call)
    return [_participation(row["name"], marketplace) for marketplace in orjson.loads(row["marketplaces"])]


def _participation(store_name: str, marketplace: str) -> dict[str, Any]:
    place = BY_ID[marketplace]
    return {
        "marketplace": {
            "id": place.id,
            "countryCode": place.country,
            "name": place.name,
            "defaultCurrencyCode": place.currency,
            "defaultLanguageCode": place.language,
            "domainName": place.domain,
        },
        "storeName": store_name,
        "participation": {"isParticipating": True, "hasSuspendedListings": False},
    }
