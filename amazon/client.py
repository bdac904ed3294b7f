"""One call to Amazon, in the only order that is right.

    breaker -> access token -> connection -> rate token -> fence -> request -> answer -> what it means

The rate token is taken last, when a request can really leave: taken earlier, tokens bunch up and Amazon
answers 429 (measured: 2,128 in 15,000). Nothing here sleeps: a wait is an error with `retry_after`, and the
caller does something else meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from . import operations
from .breaker import Breaker, is_amazons_failure
from .errors import (
    AmazonError,
    LimiterUnavailable,
    Outcome,
    Throttled,
    classify,
    connection_failed,
    is_dead_token,
)
from .limiter import Bucket, Limiter
from .operations import Operation
from .regions import Region
from .sdk import Sdk
from .settings import AmazonSettings
from .tokens import Lwa, TokenSource
from .transport import MayHaveLeft, NeverLeft, Reply, Transport

#: Called once, after everything that can refuse has agreed and before the first byte leaves. What it raises
#: goes through, and then nothing was sent. Once it has returned, only `unknown` leaves doubt whether
#: something was.
Fence = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Answer:
    """`data` is Amazon's JSON with every field, known to us or not. `rate` is requests a second, None if not
    told.
    """

    data: Any
    status: int
    request_id: str
    rate: float | None = None


class Caller(Protocol):
    """Who calls: a selling partner, or the application itself."""

    @property
    def region(self) -> Region: ...

    def call(self, operation: str, *, fence: Fence | None = None, **parameters: Any) -> Answer: ...


class Client:
    """Safe to share between threads; one per process. Connections and access tokens are kept per process."""

    def __init__(
        self, settings: AmazonSettings, limiter: Limiter, breaker: Breaker, transport: Transport | None = None
    ) -> None:
        self.settings = settings
        self.limiter = limiter
        self.breaker = breaker
        self.transport = transport or Transport(settings.timeouts, settings.user_agent)
        self.lwa = Lwa(settings, self.transport)
        self.tokens = TokenSource(self.lwa)
        self._sdk = Sdk(self.transport, settings.user_agent)

    def seller(self, region: Region | str, selling_partner_id: str, refresh_token: str) -> SellingPartner:
        return SellingPartner(self, Region(region), selling_partner_id, refresh_token)

    def application(self, region: Region | str) -> Application:
        return Application(self, Region(region))

    def call(
        self, who: _Identity, name: str, parameters: dict[str, Any], fence: Fence | None = None
    ) -> Answer:
        """Raises AmazonError: see its outcomes. A rejected access token is renewed and the call repeated,
        once.
        """
        operation = operations.find(name)
        self.breaker.admit(who.region, name)
        once = _Once(fence)
        try:
            try:
                answer = self._attempt(who, operation, parameters, once)
            except _DeadToken as dead:
                who.discard(dead.access_token)
                answer = self._attempt(who, operation, parameters, once, is_last=True)
        except AmazonError as error:
            self._note(who, name, error)
            raise
        except BaseException:  # the fence said no
            self.breaker.abandon(who.region, name)
            raise
        self.breaker.succeed(who.region, name, who.selling_partner_id)
        return answer

    def _attempt(
        self,
        who: _Identity,
        operation: Operation,
        parameters: dict[str, Any],
        once: _Once,
        is_last: bool = False,
    ) -> Answer:
        access_token = who.access_token(operation)
        bucket = Bucket(who.region, who.selling_partner_id, operation.name)
        reply = self._send(who, operation, access_token, parameters, lambda: self._admit(bucket, once))
        self._learn(bucket, reply)
        if reply.is_success:
            return _answer(operation, reply)
        error = classify(reply.status, reply.body, reply.headers, operation.name)
        if error.status == 429:
            self._drain(bucket, error)
        if is_dead_token(error) and not is_last:
            raise _DeadToken(access_token) from error
        raise error

    def _send(
        self,
        who: _Identity,
        operation: Operation,
        access_token: str,
        parameters: dict[str, Any],
        before: Callable[[], None],
    ) -> Reply:
        host = self.settings.endpoint(who.region)
        try:
            return self._sdk.call(operation, host, access_token, parameters, before)
        except NeverLeft as error:
            raise connection_failed(operation.name, error) from error
        except MayHaveLeft as error:
            outcome = Outcome.UNKNOWN if operation.sends else Outcome.RETRY
            raise AmazonError(outcome, message=str(error), operation=operation.name) from error

    def _admit(self, bucket: Bucket, once: _Once) -> None:
        wait = self.limiter.take(bucket)
        if wait:
            raise Throttled(retry_after=timedelta(seconds=wait), operation=bucket.operation)
        once()

    def _learn(self, bucket: Bucket, reply: Reply) -> None:
        rate = _rate(reply)
        if rate is not None:
            # What Amazon answered stands: told "not now" after a send, a caller would send again.
            with suppress(LimiterUnavailable):
                self.limiter.tune(bucket, rate)

    def _drain(self, bucket: Bucket, error: AmazonError) -> None:
        with suppress(LimiterUnavailable):
            error.retry_after = timedelta(seconds=self.limiter.drain(bucket))

    def _note(self, who: _Identity, name: str, error: AmazonError) -> None:
        """Only what this operation itself answered counts: the token server's refusals are the seller's or
        ours.
        """
        if error.operation != name or (error.outcome is Outcome.NOT_NOW and not error.status):
            self.breaker.abandon(who.region, name)
            return
        self.breaker.record(who.region, name, who.selling_partner_id, failed=is_amazons_failure(error))


@dataclass(frozen=True, slots=True)
class SellingPartner:
    """A seller's authorisation in one region. Cheap to make: the access token is kept in the client."""

    client: Client = field(repr=False)
    region: Region
    selling_partner_id: str
    refresh_token: str = field(repr=False)

    def call(self, operation: str, *, fence: Fence | None = None, **parameters: Any) -> Answer:
        """Call by Amazon's operation name, parameters by the official client's names. Raises AmazonError."""
        return self.client.call(self, operation, parameters, fence)

    def available(self, operation: str) -> int:
        """How many such calls Amazon would take from this seller now."""
        return self.client.limiter.available(Bucket(self.region, self.selling_partner_id, operation))

    def access_token(self, operation: Operation) -> str:
        if operation.grantless:
            raise ValueError(f"{operation.name} is called as the application: use Client.application(region)")
        return self.client.tokens.for_seller(self.refresh_token)

    def discard(self, access_token: str) -> None:
        self.client.tokens.discard(access_token, refresh_token=self.refresh_token)


@dataclass(frozen=True, slots=True)
class Application:
    """Our application speaking for itself in one region: destinations, deleting subscriptions."""

    client: Client = field(repr=False)
    region: Region
    selling_partner_id: str = ""

    def call(self, operation: str, *, fence: Fence | None = None, **parameters: Any) -> Answer:
        return self.client.call(self, operation, parameters, fence)

    def access_token(self, operation: Operation) -> str:
        if not operation.grantless:
            raise ValueError(f"{operation.name} is called for a seller: use Client.seller(...)")
        return self.client.tokens.for_application(operation.grantless)

    def discard(self, access_token: str) -> None:
        self.client.tokens.discard(access_token, scope=operations.NOTIFICATIONS_SCOPE)


_Identity = SellingPartner | Application


class _DeadToken(Exception):
    def __init__(self, access_token: str) -> None:
        super().__init__("Amazon rejected the access token")
        self.access_token = access_token


class _Once:
    """The fence falls once, also where a call is repeated with a fresh token."""

    def __init__(self, fence: Fence | None) -> None:
        self._fence = fence

    def __call__(self) -> None:
        fence, self._fence = self._fence, None
        if fence is not None:
            fence()


def _answer(operation: Operation, reply: Reply) -> Answer:
    """For a call that sends the status alone decides: 201 with half a body was still accepted."""
    data = _parse(reply)
    if not operation.sends and (data is None or _only_errors(data)):
        raise classify(reply.status, reply.body, reply.headers, operation.name)
    return Answer(data or {}, reply.status, reply.header("x-amzn-requestid"), _rate(reply))


def _only_errors(data: Any) -> bool:
    return isinstance(data, dict) and bool(data.get("errors")) and len(data) == 1


def _parse(reply: Reply) -> Any | None:
    if reply.status == 204 or (reply.is_whole and not reply.body.strip()):
        return {}
    try:
        return json.loads(reply.body) if reply.is_whole else None
    except ValueError:
        return None


def _rate(reply: Reply) -> float | None:
    try:
        return float(reply.header("x-amzn-ratelimit-limit"))
    except ValueError:
        return None
