"""Sellers API v1: in which stores a connected account sells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .client import Caller
from .regions import MARKETPLACES


@dataclass(frozen=True, slots=True)
class Participation:
    marketplace_id: str
    country: str
    name: str
    domain: str
    currency: str
    language: str
    store_name: str
    is_participating: bool
    has_suspended_listings: bool

    @property
    def is_usable(self) -> bool:
        """An Amazon store we know, where this seller sells. Amazon also lists stores of its own making
        ("Non-Amazon").
        """
        return self.is_participating and self.marketplace_id in MARKETPLACES


def participations(seller: Caller) -> tuple[Participation, ...]:
    """All of them. Scarce (one a minute): once after connecting, then daily. Raises AmazonError."""
    data = seller.call("getMarketplaceParticipations").data
    return tuple(_participation(entry) for entry in data.get("payload") or ())


def _participation(entry: dict[str, Any]) -> Participation:
    store, taking_part = entry.get("marketplace") or {}, entry.get("participation") or {}
    return Participation(
        marketplace_id=store.get("id", ""),
        country=store.get("countryCode", ""),
        name=store.get("name", ""),
        domain=str(store.get("domainName", "")).removeprefix("www."),
        currency=store.get("defaultCurrencyCode", ""),
        language=str(store.get("defaultLanguageCode", "")).replace("_", "-"),
        store_name=entry.get("storeName", ""),
        is_participating=bool(taking_part.get("isParticipating")),
        has_suspended_listings=bool(taking_part.get("hasSuspendedListings")),
    )
