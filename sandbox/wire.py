"""How a connection is cut: the server below ASGI keeps its transports where a fault can find them."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import MutableMapping
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_transports: dict[tuple[str, int], asyncio.Transport] = {}


class KnownConnections(HttpToolsProtocol):
    """Remembers each client's transport while it is connected."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self.client is not None:
            _transports[self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self.client is not None:
            _transports.pop(self.client, None)
        super().connection_lost(exc)


def abort(scope: MutableMapping[str, Any]) -> None:
    """Reset the caller's connection without an answer."""
    transport = _transports.get(tuple(scope["client"] or ()))
    if transport is not None:
        reset(transport)


def reset(transport: asyncio.BaseTransport) -> None:
    sock = transport.get_extra_info("socket")
    if sock is not None:
        # Linger of zero makes the close a reset, which is what a dead peer looks like.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if isinstance(transport, asyncio.Transport):
        transport.abort()
