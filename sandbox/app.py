"""The web side of the sandbox: its own pages and controls by route, everything else to the gateway."""

from __future__ import annotations

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

# Whatever does not begin like this is Amazon's.
OWN = ("/__sandbox", "/auth/", "/apps/", "/appstore/", "/inbox", "/documents/")


class Application:
    """One ASGI application. The busiest paths never meet the router."""

    def __init__(self, sandbox: Sandbox) -> None:
        publishing.watch()
        self.sandbox = sandbox
        self.gateway = Gateway(sandbox)
        self.own = Starlette(routes=_routes())
        self.own.state.sandbox = sandbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not (scope["path"].startswith(OWN) or scope["path"] == "/"):
            return await self.gateway(scope, receive, send)
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
    if sandbox.faults.strike(("internal_failure", "html_503"), seller, "token"):
        return Response("<html><body>Service Unavailable</body></html>", 503, media_type="text/html")
    if sandbox.faults.strike(("throttle",), seller, "token"):
        return _json({"error": "slow_down", "error_description": "Too many requests"}, 429)
    try:
        answer, status = sandbox.auth.exchange(form), 200
    except LwaError as error:
        answer, status = error.body(), error.status
    _record(sandbox, form, seller, status)
    return _json(answer, status)


def _seller_of(sandbox: Sandbox, form: dict[str, str]) -> str:
    sql = "SELECT seller FROM grants WHERE refresh_token=? UNION SELECT seller FROM codes WHERE code=?"
    return str(sandbox.store.scalar(sql, form.get("refresh_token", ""), form.get("code", "")) or "")


def _record(sandbox: Sandbox, form: dict[str, str], seller: str, status: int) -> None:
    shown: dict[str, Any] = {name: form[name] for name in ("grant_type", "scope", "redirect_uri") if name in form}
    sandbox.ledger.call(client_id=form.get("client_id", ""), seller=seller, region="", operation="token", method="POST",
                        path="/auth/o2/token", params=shown, status=status, request_id="")  # fmt: skip


def _json(content: object, status: int) -> Response:
    headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}
    return Response(orjson.dumps(content), status, headers, "application/json;charset=UTF-8")


async def put_upload(request: Request) -> Response:
    """Where an upload destination points to."""
    status, word = uploads.put(request.app.state.sandbox, request.path_params["upload"], await request.body(),
                               dict(request.headers))  # fmt: skip
    return PlainTextResponse(word, status)


async def document(request: Request) -> Response:
    """Where a report's address points to: the file, compressed, for five minutes."""
    sandbox: Sandbox = request.app.state.sandbox
    content = reports.download(
        sandbox, request.path_params["document"], request.query_params.get("expires", "")
    )
    if content is None:
        return Response("<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>", 403,
                        media_type="application/xml")  # fmt: skip
    return Response(content, media_type="application/octet-stream")
