"""Catalog Items API 2022-04-01: titles and pictures of what the sandbox sells (Amazon's model, read
2026-11).
"""

from __future__ import annotations

from typing import Any

from .. import errors
from ..gateway import Call, Reply, operation
from .common import one_marketplace

ROLES = ("Product Listing",)
DATA = frozenset(
    (
        "attributes",
        "classifications",
        "dimensions",
        "identifiers",
        "images",
        "productTypes",
        "relationships",
        "salesRanks",
        "summaries",
        "vendorDetails",
    )
)
MOST = 20


@operation("searchCatalogItems", "GET", "/catalog/2022-04-01/items", 2, 2, ROLES)
def search(call: Call) -> Reply:
    marketplace, wanted = one_marketplace(call), _wanted(call)
    identifiers, kind = [i for i in call.many("identifiers") if i], call.text("identifiersType")
    words = " ".join(call.many("keywords")).strip()
    if (
        bool(identifiers) == bool(words)
        or (identifiers and kind not in ("ASIN", "SKU"))
        or len(identifiers) > MOST
    ):
        raise errors.invalid_input(
            "Give identifiers with identifiersType ASIN or SKU, at most 20, or keywords."
        )
    rows = (
        _by_words(call, marketplace, words) if words else _by_identifier(call, marketplace, kind, identifiers)
    )
    items = [_item(row, marketplace, wanted) for row in rows]
    return Reply(200, {"numberOfResults": len(items), "items": items})


@operation("getCatalogItem", "GET", "/catalog/2022-04-01/items/{asin}", 2, 2, ROLES)
def get(call: Call) -> Reply:
    marketplace, wanted = one_marketplace(call), _wanted(call)
    rows = _by_identifier(call, marketplace, "ASIN", [call.path["asin"]])
    if not rows:
        raise errors.not_found(
            f"Requested item '{call.path['asin']}' not found in marketplace {marketplace}."
        )
    return Reply(200, _item(rows[0], marketplace, wanted))


def _wanted(call: Call) -> frozenset[str]:
    wanted = frozenset(value for value in call.many("includedData") if value) or frozenset(("summaries",))
    if not wanted <= DATA:
        raise errors.invalid_input(f"Invalid includedData value: {min(wanted - DATA)}")
    return wanted


def _by_identifier(call: Call, marketplace: str, kind: str, identifiers: list[str]) -> list[Any]:
    column, marks = "asin" if kind == "ASIN" else "sku", ",".join("?" * len(identifiers))
    # One ASIN is one page of the catalogue, however many sellers offer it.
    sql = f"SELECT * FROM products WHERE marketplace=? AND {column} IN ({marks}) GROUP BY asin"  # noqa: S608
    return call.sandbox.store.all(sql, marketplace, *identifiers)


def _by_words(call: Call, marketplace: str, words: str) -> list[Any]:
    sql = "SELECT * FROM products WHERE marketplace=? AND title LIKE ? GROUP BY asin LIMIT ?"
    return call.sandbox.store.all(sql, marketplace, f"%{words}%", MOST)


def _item(row: Any, marketplace: str, wanted: frozenset[str]) -> dict[str, Any]:
    shown: dict[str, Any] = {"asin": row["asin"]}
    if "summaries" in wanted:
        shown["summaries"] = [
            {
                "marketplaceId": marketplace,
                "brand": row["brand"],
                "itemName": row["title"],
                "itemClassification": "BASE_PRODUCT",
                "packageQuantity": 1,
            }
        ]
    if "images" in wanted:
        shown["images"] = [{"marketplaceId": marketplace, "images": []}]
    if "productTypes" in wanted:
        shown["productTypes"] = [{"marketplaceId": marketplace, "productType": "HOME"}]
    return shown
