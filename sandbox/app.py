"""The web side of the sandbox: its own pages and controls by route, Stripe below its prefix, the rest to the gateway."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from . import (
    api,  # noqa: F401 - importing it registers every operation
    control,
    publishing,
)
from .api import reports, uploads
from .auth import LwaError
from .context import Sandbox
from .gateway import Gateway, Receive, Scope, Send
from .pages import consent, inbox
from .stripe import app as stripe
from .wire import abort

TOKEN_FAULTS = ("latency", "reset", "internal_failure", "html_503", "throttle")
# Whatever does not begin like this is Amazon's.
OWN = ("/__sandbox", "/auth/", "/apps/", "/appstore/", "/inbox", "/documents/", "/stripe/")


class Application:
    """One ASGI application. The busiest paths never meet the router."""

    def __init__(self, sandbox: Sandbox) -> None:
        publishing.watch()
        self.sandbox = sandbox
        self.gateway = Gateway(sandbox)
        self.stripe = stripe.build(sandbox)
        self.own = Starlette(routes=[*_routes(), Mount(stripe.PREFIX, app=self.stripe)])
        self.own.state.sandbox = sandbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not (scope["path"].startswith(OWN) or scope["path"] == "/"):
            await self.gateway(scope, receive, send)
            return
        with suppress(ConnectionError):
            await self.own(scope, receive, send)


def _routes() -> list[BaseRoute]:
    return [
        Route("/", inbox.index),
        Route("/auth/o2/token", token, methods=["POST"]),
        Route("/__sandbox/put/{upload}", put_upload, methods=["PUT"]),
        Route("/documents/{document}", document),
        Mount("/__sandbox", routes=control.routes()),
        *consent.routes(),
        *inbox.routes(),
    ]


async def token(request: Request) -> Response:
    """Login with Amazon's token server."""
    sandbox: Sandbox = request.app.state.sandbox
    form = {name: str(value) for name, value in (await request.form()).items()}
    seller = _seller_of(sandbox, form)
    broken = await _token_fault(request, sandbox, seller)
    if broken is not None:
        return broken
    try:
        answer, status = sandbox.auth.exchange(form), 200
    except LwaError as error:
        answer, status = error.body(), error.status
    _record(sandbox, form, seller, status)
    return _json(answer, status)


async def _token_fault(request: Request, sandbox: Sandbox, seller: str) -> Response | None:
    """Only faults made for the operation `token`; one for every operation of the API leaves sign-in alone."""
    fault = sandbox.faults.strike(TOKEN_FAULTS, seller, "token", only=True)
    if fault is None:
        return None
    if fault.kind == "latency":
        await asyncio.sleep(fault.seconds)
        return None
    if fault.kind == "reset":
        abort(request.scope)
    if fault.kind == "throttle":
        return _json({"error": "slow_down", "error_description": "Too many requests"}, 429)
    status = 500 if fault.kind == "internal_failure" else 503
    return Response("<html><body>Service Unavailable</body></html>", status, media_type="text/html")


def _seller_of(sandbox: Sandbox, form: dict[str, str]) -> str:
    sql = "SELECT seller FROM grants WHERE refresh_token=? UNION SELECT seller FROM codes WHERE code=?"
    return str(sandbox.store.scalar(sql, form.get("refresh_token", ""), form.get("code", "")) or "")


def _record(sandbox: Sandbox, form: dict[str, str], seller: str, status: int) -> None:
    shown: dict[str, Any] = {
        name: form[name] for name in ("grant_type", "scope", "redirect_uri") if name in form
    }
    sandbox.ledger.call(
        client_id=form.get("client_id", ""),
        seller=seller,
        region="",
        operation="token",
        method="POST",
        path="/auth/o2/token",
        params=shown,
        status=status,
        request_id="",
    )


def _json(content: object, status: int) -> Response:
    headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}
    return Response(orjson.dumps(content), status, headers, "application/json;charset=UTF-8")


async def put_upload(request: Request) -> Response:
    """Where an upload destination points to."""
    status, word = uploads.put(
        request.app.state.sandbox, request.path_params["upload"], await request.body(), dict(request.headers)
    )
    return PlainTextResponse(word, status)


async def document(request: Request) -> Response:
    """Where a report's address points to: the file, compressed, for five minutes."""
    sandbox: Sandbox = request.app.state.sandbox
    content = reports.download(
        sandbox, request.path_params["document"], request.query_params.get("expires", "")
    )
    if content is None:
        return Response(
            "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>",
            403,
            media_type="application/xml",
        )
    return Response(content, media_type="application/octet-stream")
