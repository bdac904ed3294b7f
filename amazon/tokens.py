"""Login with Amazon: codes and refresh tokens become access tokens.

Access tokens live in this process's memory only, never in the shared cache or a log. Error bodies: Amazon's
website authorisation workflow and LWA credential rotation pages, read 2026-11-23.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from .errors import AmazonError, Outcome, Throttled, hear
from .settings import AmazonSettings
from .transport import MayHaveLeft, NeverLeft, Reply, Transport

OPERATION = "token"
#: A token this close to its end is not used: it might die on the way.
MARGIN = 60.0
_CACHED = 20_000
_FORM = {"Content-Type": "application/x-www-form-urlencoded;charset=UTF-8", "Accept": "application/json"}


@dataclass(frozen=True, slots=True)
class Grant:
    """`refresh_token` is empty for a grantless token; `expires_in` is in seconds."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: float


class Lwa:
    """Amazon's token server. Each live client secret is tried; the one that worked last goes first.

    Raises AmazonError: `reconnect` when the grant is dead, `our_fault` when our own credentials are, `retry`
    otherwise.
    """

    def __init__(self, settings: AmazonSettings, transport: Transport) -> None:
        self.settings = settings
        self.transport = transport
        self._works = 0

    def exchange_code(self, code: str, redirect_uri: str) -> Grant:
        """A consent's code, within five minutes and once. A second use answers `reconnect`."""
        return self._ask({"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri})

    def refresh(self, refresh_token: str) -> Grant:
        return self._ask({"grant_type": "refresh_token", "refresh_token": refresh_token})

    def grantless(self, scope: str) -> Grant:
        return self._ask({"grant_type": "client_credentials", "scope": scope})

    def _ask(self, form: dict[str, str]) -> Grant:
        reply = None
        for index in self._order():
            reply = self._post(form, self.settings.client_secrets[index])
            if not _rejects_us(reply):
                self._works = index
                break
        if reply is None:
            raise AmazonError(
                Outcome.OUR_FAULT, "No client secret is configured for Amazon.", operation=OPERATION
            )
        return _grant(reply)

    def _order(self) -> list[int]:
        count = len(self.settings.client_secrets)
        return sorted(range(count), key=lambda index: index != self._works)

    def _post(self, form: dict[str, str], secret: str) -> Reply:
        body = urlencode({**form, "client_id": self.settings.client_id, "client_secret": secret}).encode()
        try:
            return self.transport.exchange("POST", self.settings.token_url, _FORM, body)
        except (NeverLeft, MayHaveLeft) as error:
            # Asking for a token twice does no harm, so a lost answer is a plain retry.
            raise AmazonError(Outcome.RETRY, message=str(error), operation=OPERATION) from error


def _rejects_us(reply: Reply) -> bool:
    return reply.status in (400, 401) and hear(reply.body).code == "invalid_client"


def _grant(reply: Reply) -> Grant:
    if not reply.is_success:
        raise classify_token(reply)
    try:
        facts = json.loads(reply.body)
        return Grant(
            facts["access_token"], facts.get("refresh_token", ""), float(facts.get("expires_in", 3600))
        )
    except (ValueError, KeyError, TypeError):
        # The body holds tokens: it is never quoted.
        raise AmazonError(
            Outcome.RETRY, status=reply.status, message="unreadable token answer", operation=OPERATION
        ) from None


def classify_token(reply: Reply) -> AmazonError:
    """What a refusal by the token server means. The status alone does not tell: 400 is both a dead grant and
    our typo.
    """
    heard = hear(reply.body)
    facts: dict[str, Any] = {
        "status": reply.status,
        "code": heard.code,
        "message": heard.message,
        "operation": OPERATION,
        "request_id": reply.header("x-amzn-requestid"),
    }
    if reply.status == 429:
        return Throttled(retry_after=timedelta(seconds=5), **facts)
    if reply.status >= 500 or heard.is_silent:
        return AmazonError(Outcome.RETRY, **facts)
    if heard.code == "invalid_grant":
        return AmazonError(Outcome.RECONNECT, _dead_grant(heard.message), **facts)
    if heard.code == "invalid_client":
        return AmazonError(
            Outcome.OUR_FAULT,
            "Amazon does not accept our client id and secret: rotated or expired. Sellers need do nothing.",
            **facts,
        )
    return AmazonError(Outcome.OUR_FAULT, **facts)


def _dead_grant(message: str) -> str:
    if message.rstrip().endswith(": code"):
        return "Amazon's code was used already or is older than five minutes. Connect Amazon again."
    return ""


@dataclass(slots=True)
class _Slot:
    lock: threading.Lock = field(default_factory=threading.Lock)
    token: str = field(default="", repr=False)
    good_until: float = 0.0


class TokenSource:
    """Access tokens in memory, one per refresh token or scope, until a minute before they end. Thread-safe.

    One thread fetches, the others wait for it. What Lwa raises goes through and nothing is kept.
    """

    def __init__(self, lwa: Lwa, clock: Callable[[], float] = time.monotonic) -> None:
        self._lwa = lwa
        self._clock = clock
        self._slots: OrderedDict[str, _Slot] = OrderedDict()
        self._guard = threading.Lock()

    def for_seller(self, refresh_token: str) -> str:
        return self._current(_key(refresh_token), lambda: self._lwa.refresh(refresh_token))

    def for_application(self, scope: str) -> str:
        return self._current(scope, lambda: self._lwa.grantless(scope))

    def discard(self, access_token: str, *, refresh_token: str = "", scope: str = "") -> None:
        """Amazon rejected this token. A newer one, fetched meanwhile by another thread, stays."""
        slot = self._slot(scope or _key(refresh_token))
        with slot.lock:
            if slot.token == access_token:
                slot.token = ""

    def _current(self, key: str, fetch: Callable[[], Grant]) -> str:
        slot = self._slot(key)
        with slot.lock:
            if not slot.token or self._clock() >= slot.good_until:
                started_at = self._clock()
                grant = fetch()
                slot.token, slot.good_until = grant.access_token, started_at + grant.expires_in - MARGIN
            return slot.token

    def _slot(self, key: str) -> _Slot:
        with self._guard:
            slot = self._slots.setdefault(key, _Slot())
            self._slots.move_to_end(key)
            if len(self._slots) > _CACHED:
                self._slots.popitem(last=False)
            return slot


def _key(refresh_token: str) -> str:
    return hashlib.sha256(refresh_token.encode()).hexdigest()
