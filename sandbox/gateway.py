"""The door of the Selling Partner API: who calls, may they, how often, what goes wrong on purpose, what
was answered.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode

import orjson

from . import errors, static
from .auth import App, Identity
from .context import Sandbox
from .errors import ApiError
from .faults import Fault
from .limits import Rate
from .marketplaces import REGIONS
from .wire import abort

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

HAL = b"application/hal+json"
JSON = b"application/json"
MAX_BODY = 2_000_000


@dataclass(slots=True)
class Reply:
    status: int
    body: Any
    media: bytes = JSON


@dataclass(slots=True)
class Call:
    """One authorised request. `query` holds each parameter's list with comma-separated values taken apart."""

    sandbox: Sandbox
    operation: Operation
    app: App
    identity: Identity
    region: str
    path: dict[str, str]
    query: dict[str, list[str]]
    raw_body: bytes
    request_id: str
    order_id: str = ""
    note: str = ""

    @property
    def seller(self) -> str:
        return self.identity.seller

    @property
    def now(self) -> float:
        return self.sandbox.clock.now()

    def text(self, name: str, default: str = "") -> str:
        values = self.query.get(name)
        return ",".join(values) if values else default

    def many(self, name: str) -> list[str]:
        return self.query.get(name, [])

    def json(self) -> dict[str, Any]:
        try:
            body = orjson.loads(self.raw_body)
        except orjson.JSONDecodeError:
            raise errors.invalid_input("The request body is not valid JSON.") from None
        if not isinstance(body, dict):
            raise errors.invalid_input("The request body must be an object.")
        return body

    def strikes(self, kind: str, value: str = "") -> Fault | None:
        return self.sandbox.faults.strike(
            (kind,), self.seller, self.operation.name, self.region, value=value, order_id=self.order_id
        )


Handler = Callable[[Call], Reply]


@dataclass(frozen=True, slots=True)
class Operation:
    """`roles`: any one of them is enough. `grantless`: needs a token without a seller, of that scope."""

    name: str
    method: str
    template: str
    rate: Rate
    roles: frozenset[str]
    grantless: str
    handler: Handler
    pattern: re.Pattern[str] = field(default=re.compile(""))


class Registry:
    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self._by_area: dict[tuple[str, str], list[Operation]] = {}
        self._exact: dict[tuple[str, str], Operation] = {}

    def operation(
        self,
        name: str,
        method: str,
        template: str,
        rate: float,
        burst: int,
        roles: tuple[str, ...] = (),
        *,
        grantless: str = "",
    ) -> Callable[[Handler], Handler]:
        def keep(handler: Handler) -> Handler:
            pattern = re.sub(r"\{(\w+)\+\}", r"(?P<\1>.+)", template)
            pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern)
            op = Operation(
                name,
                method,
                template,
                Rate(rate, burst),
                frozenset(roles),
                grantless,
                handler,
                re.compile(pattern + "/?$"),
            )
            self.operations.append(op)
            if "{" not in template:
                self._exact[(method, template)] = op
            self._by_area.setdefault((method, template.split("/")[1]), []).append(op)
            return handler

        return keep

    def find(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        exact = self._exact.get((method, path))
        if exact is not None:
            return exact, {}
        area = path.split("/", 2)[1] if path.count("/") else ""
        for op in self._by_area.get((method, area), ()):
            match = op.pattern.match(path)
            if match is not None:
                return op, {name: unquote(value) for name, value in match.groupdict().items()}
        return None


registry = Registry()
operation = registry.operation


@dataclass(slots=True)
class _Visit:
    """What is known so far of one request, for the ledger."""

    method: str
    path: str
    region: str
    request_id: str
    query: dict[str, list[str]]
    body: bytes = b""
    client_id: str = ""
    seller: str = ""
    operation: Operation | None = None
    fault: str = ""
    note: str = ""
    order_id: str = ""


@dataclass(slots=True)
class _Raw:
    status: int
    content: bytes
    media: bytes = JSON
    rate: str = ""


class Gateway:
    """The ASGI application behind every path that is not the sandbox's own."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.pairs = static.load(sandbox.options.static) if sandbox.options.static else []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        visit = self._visit(scope)
        if scope["method"] in ("POST", "PUT", "PATCH", "DELETE"):
            visit.body = await _body(receive)
        if self.pairs:
            await _send(send, visit, self._static(visit))
            return
        token = _header(scope, b"x-amz-access-token")
        try:
            call = self._admit(visit, token)
        except ApiError as error:
            self._record(visit, error.status)
            await _send(send, visit, _raw_error(error, visit.operation))
            return
        await self._serve(scope, send, visit, call)

    async def _serve(self, scope: Scope, send: Send, visit: _Visit, call: Call) -> None:
        latency = self._strike(visit, "latency")
        if latency is not None:
            await asyncio.sleep(latency.seconds)
        before = self._strike(
            visit, "reset", "internal_failure", "html_503", "denied", "dead_token", "throttle"
        )
        raw = _broken(before) if before is not None else self._answer(visit, call)
        after = self._strike(visit, "lost_answer", "truncated") if before is None else None
        self._record(visit, raw.status if raw is not None else 0)
        if raw is None:
            abort(scope)
            return
        if after is not None and after.kind == "lost_answer":
            await asyncio.sleep(after.seconds or 30)
            abort(scope)
            return
        if after is not None:
            raw.content = raw.content[: len(raw.content) // 2]
        await _send(send, visit, raw)

    def _static(self, visit: _Visit) -> _Raw:
        pair = static.answer(self.pairs, visit.method, visit.path, visit.query, visit.body)
        if pair is None:
            return _raw_error(errors.invalid_input("No static sandbox pair fits."), None)
        content = b"" if pair.response is None else orjson.dumps(pair.response)
        return _Raw(pair.status, content, pair.media.encode())

    def _strike(self, visit: _Visit, *kinds: str) -> Fault | None:
        name = visit.operation.name if visit.operation else ""
        fault = self.sandbox.faults.strike(kinds, visit.seller, name, visit.region, order_id=visit.order_id)
        if fault is not None:
            visit.fault = f"{visit.fault},{fault.kind}".lstrip(",")
        return fault

    def _visit(self, scope: Scope) -> _Visit:
        path: str = scope["path"]
        region = ""
        head = path.split("/", 2)
        if len(head) > 2 and head[1] in REGIONS:
            region, path = head[1], "/" + head[2]
        if not region:
            host = _header(scope, b"host")
            region = next((r for r in REGIONS if f"sellingpartnerapi-{r}." in host), "")
        rid = f"{self.sandbox.rng.getrandbits(128):032x}"
        request_id = f"{rid[:8]}-{rid[8:12]}-{rid[12:16]}-{rid[16:20]}-{rid[20:]}"
        return _Visit(scope["method"], path, region, request_id, _query(scope["query_string"]))

    def _admit(self, visit: _Visit, token: str) -> Call:
        found = registry.find(visit.method, visit.path)
        if found is None or not token:
            visit.operation = found[0] if found else None
            raise errors.unknown_path()
        op, path = found
        visit.operation = op
        visit.order_id = path.get("amazonOrderId") or path.get("orderId") or ""
        identity = self.sandbox.auth.identify(token)
        if identity is None:
            raise errors.dead_token()
        visit.client_id, visit.seller = identity.client_id, identity.seller
        app = self.sandbox.auth.app(identity.client_id)
        if app is None:
            raise errors.dead_token()
        if bool(op.grantless) != (not identity.seller) or (op.grantless and op.grantless != identity.scope):
            raise errors.denied()
        self._check_region(visit)
        return Call(
            self.sandbox,
            op,
            app,
            identity,
            visit.region,
            path,
            visit.query,
            visit.body,
            visit.request_id,
            visit.order_id,
        )

    def _check_region(self, visit: _Visit) -> None:
        """A seller is known in one region. A caller that names none is taken to mean the right one."""
        if not visit.seller:
            return
        home = self.sandbox.store.scalar("SELECT region FROM sellers WHERE seller=?", visit.seller)
        if visit.region and home != visit.region:
            raise errors.denied()
        visit.region = home or visit.region

    def _answer(self, visit: _Visit, call: Call) -> _Raw:
        op = call.operation
        rate = self.sandbox.limits.rate_for(call.seller, op.name, op.rate)
        try:
            if not self.sandbox.limits.take(call.app.application_id, call.seller, op.name, rate):
                raise errors.throttled()
            if not call.app.holds(op.roles):
                raise errors.denied()
            reply = op.handler(call)
        except ApiError as error:
            visit.note, visit.order_id = call.note, call.order_id
            return _raw_error(error, op, rate)
        visit.note, visit.order_id = call.note, call.order_id
        content = b"" if reply.body is None else orjson.dumps(reply.body)
        return _Raw(reply.status, content, reply.media, rate.header)

    def _record(self, visit: _Visit, status: int) -> None:
        params: dict[str, Any] = {name: ",".join(values) for name, values in visit.query.items()}
        if visit.body:
            params["body"] = visit.body[:4000].decode("utf-8", "replace")
        self.sandbox.ledger.call(
            client_id=visit.client_id,
            seller=visit.seller,
            region=visit.region,
            operation=visit.operation.name if visit.operation else "unknown",
            method=visit.method,
            path=visit.path,
            params=params,
            status=status,
            request_id=visit.request_id,
            order_id=visit.order_id,
            fault=visit.fault,
            note=visit.note,
        )


def _broken(fault: Fault) -> _Raw | None:
    """What a fault answers instead of the operation; None when the connection is to be reset."""
    if fault.kind == "reset":
        return None
    if fault.kind == "html_503":
        words = b"Service Unavailable"
        page = b"<html><head><title>503 " + words + b"</title></head><body>" + words + b"</body></html>"
        return _Raw(503, page, b"text/html")
    made = {
        "internal_failure": errors.internal_failure,
        "denied": errors.denied,
        "dead_token": errors.dead_token,
        "throttle": errors.throttled,
    }
    return _raw_error(made[fault.kind](), None)


def _raw_error(error: ApiError, op: Operation | None, rate: Rate | None = None) -> _Raw:
    """Amazon shows the rate with 20x, 400 and 404 only (usage plans guide, read 2026-11)."""
    shown = rate.header if rate is not None and error.status in (400, 404) else ""
    hal = op is not None and op.template.startswith(("/solicitations/", "/messaging/"))
    return _Raw(error.status, orjson.dumps(error.body()), HAL if hal else JSON, shown)


async def _send(send: Send, visit: _Visit, raw: _Raw) -> None:
    headers = [(b"x-amzn-requestid", visit.request_id.encode())]
    if raw.status == 204:
        raw.content = b""  # HTTP allows no body here, whatever an example shows
    else:
        headers += [(b"content-type", raw.media), (b"content-length", str(len(raw.content)).encode())]
    if raw.rate:
        headers.append((b"x-amzn-ratelimit-limit", raw.rate.encode()))
    if raw.status == 403:
        headers.append((b"x-amzn-errortype", b"AccessDeniedException"))
    await send({"type": "http.response.start", "status": raw.status, "headers": headers})
    await send({"type": "http.response.body", "body": raw.content})


async def _body(receive: Receive) -> bytes:
    chunks, size = [], 0
    while True:
        message = await receive()
        chunk = message.get("body", b"")
        size += len(chunk)
        if size <= MAX_BODY:
            chunks.append(chunk)
        if not message.get("more_body"):
            return b"".join(chunks)


def _header(scope: Scope, name: bytes) -> str:
    for key, value in scope["headers"]:
        if key == name:
            return str(value.decode("latin-1"))
    return ""


def _query(raw: bytes) -> dict[str, list[str]]:
    if not raw:
        return {}
    parsed = parse_qs(raw.decode("latin-1"), keep_blank_values=True)
    return {name: [part for value in values for part in value.split(",")] for name, values in parsed.items()}


def link(path: str, **query: str) -> str:
    return f"{path}?{urlencode(query)}" if query else path
