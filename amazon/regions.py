"""Amazon's three regions and the stores in them. Pure.

Sources, read 2026-11-23: Amazon's SP-API endpoints and marketplace ids pages; seller help on the buyer's
relay address (`@marketplace.amazon.<suffix>`). The Seller Central hosts of Ireland and South Africa follow
the pattern of the others and have not been seen in Amazon's own list.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Region(StrEnum):
    NA = "NA"
    EU = "EU"
    FE = "FE"

    @property
    def endpoint(self) -> str:
        return f"https://sellingpartnerapi-{self.value.lower()}.amazon.com"


@dataclass(frozen=True, slots=True)
class Marketplace:
    """One Amazon store. `languages` are those a buyer may choose there, the store's own first; all are BCP 47
    tags.
    """

    id: str
    country: str  # ISO 3166-1 alpha-2
    region: Region
    domain: str  # amazon.de
    seller_central: str  # https://sellercentral.amazon.de
    default_language: str
    languages: tuple[str, ...]
    timezone: str  # IANA
    currency: str  # ISO 4217
    relay_domains: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.domain.replace("amazon", "Amazon", 1)


def _store(
    region: Region,
    country: str,
    store_id: str,
    suffix: str,
    languages: str,
    timezone: str,
    currency: str,
    seller_central: str = "",
) -> Marketplace:
    tags = tuple(languages.split())
    return Marketplace(
        id=store_id,
        country=country,
        region=region,
        domain=f"amazon.{suffix}",
        seller_central=f"https://{seller_central or f'sellercentral.amazon.{suffix}'}",
        default_language=tags[0],
        languages=tags,
        timezone=timezone,
        currency=currency,
        relay_domains=(f"marketplace.amazon.{suffix}",),
    )


_EUROPE = "sellercentral-europe.amazon.com"

ALL: tuple[Marketplace, ...] = (
    _store(Region.NA, "US", "ATVPDKIKX0DER", "com", "en-US es-US", "America/Los_Angeles", "USD"),
    _store(Region.NA, "CA", "A2EUQ1WTGCTBG2", "ca", "en-CA fr-CA", "America/Toronto", "CAD"),
    _store(Region.NA, "MX", "A1AM78C64UM0Y8", "com.mx", "es-MX en-US", "America/Mexico_City", "MXN"),
    _store(Region.NA, "BR", "A2Q3Y263D00KWC", "com.br", "pt-BR", "America/Sao_Paulo", "BRL"),
    _store(Region.EU, "ES", "A1RKKUPIHCS9HS", "es", "es-ES pt-PT en-GB", "Europe/Madrid", "EUR", _EUROPE),
    _store(Region.EU, "GB", "A1F83G8C2ARO7P", "co.uk", "en-GB", "Europe/London", "GBP", _EUROPE),
    _store(Region.EU, "FR", "A13V1IB3VIYZZH", "fr", "fr-FR en-GB", "Europe/Paris", "EUR", _EUROPE),
    _store(Region.EU, "BE", "AMEN7PMS3EDWL", "com.be", "fr-BE nl-BE en-GB de-DE", "Europe/Brussels", "EUR"),
    _store(Region.EU, "NL", "A1805IZSGTT6HS", "nl", "nl-NL en-GB", "Europe/Amsterdam", "EUR"),
    _store(
        Region.EU,
        "DE",
        "A1PA6795UKMFR9",
        "de",
        "de-DE en-GB cs-CZ nl-NL pl-PL tr-TR da-DK",
        "Europe/Berlin",
        "EUR",
        _EUROPE,
    ),
    _store(Region.EU, "IT", "APJ6JRA9NG5V4", "it", "it-IT en-GB", "Europe/Rome", "EUR", _EUROPE),
    _store(Region.EU, "SE", "A2NODRKZP88ZB9", "se", "sv-SE en-GB", "Europe/Stockholm", "SEK"),
    _store(Region.EU, "PL", "A1C3SOZRARQ6R3", "pl", "pl-PL", "Europe/Warsaw", "PLN"),
    _store(Region.EU, "IE", "A28R8C7NBKEWEA", "ie", "en-IE", "Europe/Dublin", "EUR"),
    _store(Region.EU, "EG", "ARBP9OOSHTCHU", "eg", "ar-AE en-AE", "Africa/Cairo", "EGP"),
    _store(Region.EU, "TR", "A33AVAJ2PDY3EV", "com.tr", "tr-TR", "Europe/Istanbul", "TRY"),
    _store(Region.EU, "SA", "A17E79C6D8DWNP", "sa", "ar-AE en-AE", "Asia/Riyadh", "SAR"),
    _store(Region.EU, "AE", "A2VIGQ35RCS4UG", "ae", "en-AE ar-AE", "Asia/Dubai", "AED"),
    _store(
        Region.EU,
        "IN",
        "A21TJRUUN4KGV",
        "in",
        "en-IN hi-IN ta-IN te-IN kn-IN ml-IN bn-IN mr-IN",
        "Asia/Kolkata",
        "INR",
    ),
    _store(Region.EU, "ZA", "AE08WJ6YKNBMC", "co.za", "en-ZA", "Africa/Johannesburg", "ZAR"),
    _store(Region.FE, "SG", "A19VAU5U5O7RUS", "sg", "en-SG", "Asia/Singapore", "SGD"),
    _store(Region.FE, "AU", "A39IBJ37TRP1C6", "com.au", "en-AU", "Australia/Sydney", "AUD"),
    _store(Region.FE, "JP", "A1VC38T7YXB528", "co.jp", "ja-JP en-US zh-CN", "Asia/Tokyo", "JPY"),
)

MARKETPLACES: dict[str, Marketplace] = {store.id: store for store in ALL}
BY_COUNTRY: dict[str, Marketplace] = {store.country: store for store in ALL}
_BY_DOMAIN: dict[str, Marketplace] = {store.domain: store for store in ALL}
RELAY_DOMAINS: frozenset[str] = frozenset(domain for store in ALL for domain in store.relay_domains)


def in_region(region: Region) -> tuple[Marketplace, ...]:
    return tuple(store for store in ALL if store.region is region)


def marketplace_for_sales_channel(channel: str) -> Marketplace | None:
    """The store an order's sales channel names ("Amazon.in", "amazon.com.mx").

    None for a channel that is not an Amazon store ("Non-Amazon", "Non-Amazon US"): such orders belong to
    another shop.
    """
    return _BY_DOMAIN.get(channel.strip().lower().removeprefix("www."))
