"""What an installation must know to speak to Amazon. Pure: whoever composes the product gives the values."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from .regions import Marketplace, Region

#: Amazon requires a User-Agent that names the application, at most 500 characters (developer guide, read
#: 2026-11-23).
USER_AGENT = "Permitted/0.1 (Language=Python)"
TOKEN_URL = "https://api.amazon.com/auth/o2/token"  # noqa: S105  an address, not a secret
CONSENT_PATH = "/apps/authorize/consent"


class UnsafeAddress(ValueError):
    """A setting names an address that secrets or buyers' data may not travel to."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. `total` bounds one whole exchange, so that an answer dripping in cannot hold a worker."""

    connect: float = 3.0
    read: float = 30.0
    total: float = 60.0
    #: A connection idle for longer is made anew: Amazon may have closed it, and a request must not be lost in
    #: that gap.
    keep_alive: float = 15.0


@dataclass(frozen=True, slots=True)
class AmazonSettings:
    """`client_secrets`: one, or two while a rotation is under way; each is tried.

    `base_url`: empty for Amazon's own regional endpoints; otherwise every region goes there (`{region}` is
    filled in). `consent_url`: empty for the marketplace's Seller Central; a bare host gets Amazon's path.
    Raises UnsafeAddress for http to anything but this machine, unless `allows_plain_http` (never in
    production).
    """

    client_id: str
    client_secrets: tuple[str, ...] = field(repr=False)
    application_id: str = ""
    token_url: str = TOKEN_URL
    consent_url: str = ""
    base_url: str = ""
    user_agent: str = USER_AGENT
    timeouts: Timeouts = field(default_factory=Timeouts)
    allows_plain_http: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "client_secrets", tuple(secret for secret in self.client_secrets if secret))
        for name in ("token_url", "consent_url", "base_url"):
            if address := getattr(self, name):
                self.check_address(address, name)
        if not 0 < len(self.user_agent) <= 500:
            raise ValueError("user_agent must be 1 to 500 characters; Amazon refuses calls without one")

    def check_address(self, address: str, name: str = "address") -> str:
        """The address itself, if it may be used. Raises UnsafeAddress."""
        parts = urlsplit(address)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise UnsafeAddress(f"{name}={address!r} is not an http(s) address")
        if parts.scheme == "http" and not (self.allows_plain_http or is_loopback(parts.hostname)):
            raise UnsafeAddress(
                f"{name}={address!r} is plain http: use https, tokens would travel in the clear"
            )
        return address

    def endpoint(self, region: Region) -> str:
        if self.base_url:
            return self.base_url.replace("{region}", region.value.lower()).rstrip("/")
        return region.endpoint

    def consent_page(self, marketplace: Marketplace) -> str:
        base = (self.consent_url or marketplace.seller_central).rstrip("/")
        return base if urlsplit(base).path else base + CONSENT_PATH


def is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
