"""The Starlette application below `/stripe`."""

from __future__ import annotations

import asyncio

from starlette.applications import Starlette
from starlette.routing import Mount, Route

from ..context import Sandbox
from . import api, control, deliveries, life
from .books import Books
from .pages import board, checkout, invoice, portal

PREFIX = "/stripe"


def build(sandbox: Sandbox) -> Starlette:
    app = Starlette(
        routes=[
            Mount("/__sandbox", routes=control.routes()),
            Route("/v1/{path:path}", api.handle, methods=["GET", "POST", "DELETE"]),
            *board.routes(),
            *checkout.routes(),
            *portal.routes(),
            *invoice.routes(),
        ]
    )
    app.state.books = Books(sandbox.store, sandbox.clock)
    return app


def start(app: Starlette, base_url: str) -> list[asyncio.Task[None]]:
    """What runs beside the answers: time, and deliveries."""
    books: Books = app.state.books
    books.base_url = base_url + PREFIX
    return [asyncio.create_task(work(books)) for work in (life.live, deliveries.live)]
