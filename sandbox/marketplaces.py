"""Amazon's stores as the sandbox knows them."""

from __future__ import annotations

from typing import NamedTuple


class Marketplace(NamedTuple):
    id: str
    region: str
    country: str
    name: str
    currency: str
    language: str
    domain: str
    decimals: int
    rate: float  # units of the currency for one US dollar, roughly: prices only need to look right
    prefixes: tuple[int, ...]  # how an order id begins there


def _store(
    marketplace: str,
    region: str,
    country: str,
    suffix: str,
    currency: str,
    language: str,
    rate: float,
    *prefixes: int,
) -> Marketplace:
    decimals = 0 if currency == "JPY" else 2
    name, domain = f"Amazon.{suffix}", f"www.amazon.{suffix}"
    return Marketplace(
        marketplace, region, country, name, currency, language, domain, decimals, rate, prefixes
    )


ALL = (
    _store("ATVPDKIKX0DER", "na", "US", "com", "USD", "en_US", 1.0, 111, 112, 113, 114),
    _store("A2EUQ1WTGCTBG2", "na", "CA", "ca", "CAD", "en_CA", 1.37, 701, 702),
    _store("A1AM78C64UM0Y8", "na", "MX", "com.mx", "MXN", "es_MX", 18.0, 701, 702),
    _store("A2Q3Y263D00KWC", "na", "BR", "com.br", "BRL", "pt_BR", 5.4, 701, 702),
    _store("A1RKKUPIHCS9HS", "eu", "ES", "es", "EUR", "es_ES", 0.92, 404, 405, 406),
    _store("A1F83G8C2ARO7P", "eu", "GB", "co.uk", "GBP", "en_GB", 0.79, 202, 203, 204, 205, 206),
    _store("A13V1IB3VIYZZH", "eu", "FR", "fr", "EUR", "fr_FR", 0.92, 402, 403, 404),
    _store("AMEN7PMS3EDWL", "eu", "BE", "com.be", "EUR", "fr_BE", 0.92, 408),
    _store("A1805IZSGTT6HS", "eu", "NL", "nl", "EUR", "nl_NL", 0.92, 406, 407),
    _store("A1PA6795UKMFR9", "eu", "DE", "de", "EUR", "de_DE", 0.92, 302, 303, 304, 305, 306),
    _store("APJ6JRA9NG5V4", "eu", "IT", "it", "EUR", "it_IT", 0.92, 402, 403, 405),
    _store("A2NODRKZP88ZB9", "eu", "SE", "se", "SEK", "sv_SE", 10.5, 404),
    _store("A1C3SOZRARQ6R3", "eu", "PL", "pl", "PLN", "pl_PL", 3.9, 408),
    _store("A28R8C7NBKEWEA", "eu", "IE", "ie", "EUR", "en_IE", 0.92, 204),
    _store("ARBP9OOSHTCHU", "eu", "EG", "eg", "EGP", "ar_AE", 48.0, 404),
    _store("A33AVAJ2PDY3EV", "eu", "TR", "com.tr", "TRY", "tr_TR", 34.0, 404),
    _store("A17E79C6D8DWNP", "eu", "SA", "sa", "SAR", "ar_AE", 3.75, 404),
    _store("A2VIGQ35RCS4UG", "eu", "AE", "ae", "AED", "en_AE", 3.67, 404),
    _store("A21TJRUUN4KGV", "eu", "IN", "in", "INR", "en_IN", 84.0, 402, 403, 404),
    _store("AE08WJ6YKNBMC", "eu", "ZA", "co.za", "ZAR", "en_ZA", 18.0, 404),
    _store("A19VAU5U5O7RUS", "fe", "SG", "sg", "SGD", "en_SG", 1.34, 503),
    _store("A39IBJ37TRP1C6", "fe", "AU", "com.au", "AUD", "en_AU", 1.52, 503),
    _store("A1VC38T7YXB528", "fe", "JP", "co.jp", "JPY", "ja_JP", 150.0, 249, 250, 503),
)
BY_ID = {store.id: store for store in ALL}
REGIONS = ("na", "eu", "fe")


def money(minor: int, store: Marketplace) -> dict[str, str]:
    """Amazon's Money of an amount in minor units."""
    amount = str(minor) if not store.decimals else f"{minor // 100}.{minor % 100:02d}"
    return {"amount": amount, "currencyCode": store.currency}


def relay_domain(store: Marketplace) -> str:
    return "marketplace." + store.domain.removeprefix("www.")
