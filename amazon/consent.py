"""A seller lets us in: the addresses of the consent round trip, and what may come back. Pure, but for the
exchange.

Who may finish which round trip (the `state`) is kept by accounts. Flow and parameters: Amazon's website
authorisation and re-authorisation workflows, read 2026-11-23. Pages that hold `state` want `Referrer-Policy:
no-referrer`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from .client import Client
from .regions import ALL, Marketplace
from .settings import AmazonSettings, is_loopback
from .tokens import Grant


class ConsentRefused(ValueError):
    """What came back from the consent page cannot be used; the message is for the user."""


@dataclass(frozen=True, slots=True)
class Callback:
    """What Amazon sends the browser back with. The user can change `selling_partner_id`: never let it move an
    account.
    """

    state: str = field(repr=False)
    selling_partner_id: str
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class LoginRequest:
    """What Amazon opens our login address with when a seller starts from the Appstore or re-authorises."""

    callback_uri: str
    amazon_state: str = field(repr=False)
    selling_partner_id: str


def consent_url(
    settings: AmazonSettings,
    marketplace: Marketplace,
    state: str,
    redirect_uri: str = "",
    *,
    is_draft: bool = False,
) -> str:
    """Where to send the browser. `redirect_uri` must be registered with Amazon; `is_draft`: the app is not
    published.
    """
    query = {"application_id": settings.application_id, "state": state}
    if redirect_uri:
        query["redirect_uri"] = redirect_uri
    if is_draft:
        query["version"] = "beta"
    return f"{settings.consent_page(marketplace)}?{urlencode(query)}"


def parse_callback(query: Mapping[str, str]) -> Callback:
    """Raises ConsentRefused where the seller declined or a part is missing."""
    if query.get("error"):
        raise ConsentRefused(
            "Amazon reports that access was not granted. Connect again if that was not meant."
        )
    names = {"state": "state", "selling_partner_id": "selling_partner_id", "spapi_oauth_code": "code"}
    missing = [name for name in names if not query.get(name)]
    if missing:
        raise ConsentRefused(f"Amazon's answer lacks {', '.join(missing)}. Start connecting again.")
    return Callback(**{ours: query[amazons] for amazons, ours in names.items()})


def exchange_code(client: Client, code: str, redirect_uri: str) -> Grant:
    """Within five minutes, once. Raises AmazonError `reconnect` for a code that is old or used."""
    return client.lwa.exchange_code(code, redirect_uri)


def parse_login(query: Mapping[str, str], settings: AmazonSettings) -> LoginRequest:
    """Amazon's visit to our login address. Raises ConsentRefused, also for a callback that is not Amazon's
    own.
    """
    names = ("amazon_callback_uri", "amazon_state", "selling_partner_id")
    missing = [name for name in names if not query.get(name)]
    if missing:
        raise ConsentRefused(f"Amazon's request lacks {', '.join(missing)}. Start again in Seller Central.")
    if not is_amazons(query["amazon_callback_uri"], settings):
        raise ConsentRefused("amazon_callback_uri does not lead to Amazon. Start again in Seller Central.")
    return LoginRequest(*(query[name] for name in names))


def login_answer(request: LoginRequest, state: str, redirect_uri: str = "", *, is_draft: bool = False) -> str:
    """Where to send the browser once the user has signed in with us; Amazon then answers as after
    `consent_url`.
    """
    query = {"amazon_state": request.amazon_state, "state": state}
    if redirect_uri:
        query["redirect_uri"] = redirect_uri
    if is_draft:
        query["version"] = "beta"
    joint = "&" if urlsplit(request.callback_uri).query else "?"
    return f"{request.callback_uri}{joint}{urlencode(query)}"


_SUFFIXES = frozenset(store.domain for store in ALL)


def is_amazons(uri: str, settings: AmazonSettings) -> bool:
    """https on a host of Amazon's stores, or the host that plays Amazon here. Anything else is an open
    redirect.
    """
    try:
        parts = urlsplit(uri)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.username is not None or "\\" in uri or any(ord(letter) <= 32 for letter in uri):
        return False
    stand_in = urlsplit(settings.consent_url) if settings.consent_url else None
    if stand_in is not None and (host, port) == (stand_in.hostname, stand_in.port):
        may_be_plain = is_loopback(host) or settings.allows_plain_http
        return parts.scheme == "https" or (parts.scheme == "http" and may_be_plain)
    if parts.scheme != "https" or port not in (None, 443):
        return False
    return any(host == domain or host.endswith(f".{domain}") for domain in _SUFFIXES)
