"""The wire: one HTTP exchange at a time, with the one distinction everything above needs: did the request
leave?

The standard library's client, not the official one's: only here can a caller place work between "connected"
and "sent" (the rate token, the fence of an outgoing message), and only here is nothing ever repeated behind
the caller's back. Bodies, headers and tokens are never logged.
"""

from __future__ import annotations

import http.client
import os
import select
import socket
import ssl
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

import certifi

from .settings import Timeouts

MAX_BODY = 64 << 20
_CHUNK = 1 << 16


class NeverLeft(Exception):
    """No connection could be made: the other side has seen nothing."""


class MayHaveLeft(Exception):
    """The connection broke or fell silent after the request began to leave."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A status line arrived. `is_whole` is False where the body broke off: judge by the status first."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_whole: bool = True

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    def header(self, name: str) -> str:
        wanted = name.lower()
        return next((value for key, value in self.headers.items() if key.lower() == wanted), "")


@dataclass(slots=True)
class _Line:
    connection: http.client.HTTPConnection
    used_at: float


class Stream:
    """An answer whose body is read while it comes. Used up or closed, it gives its connection back.

    Iterating raises MayHaveLeft where the body breaks off before its end.
    """

    def __init__(self, connection: http.client.HTTPConnection, response: http.client.HTTPResponse) -> None:
        self._connection = connection
        self._response = response
        self.status = response.status
        self.headers: Mapping[str, str] = dict(response.headers.items())

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self._response.close()
        self._connection.close()

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from _body(self._response)
        except (OSError, http.client.HTTPException) as error:
            raise MayHaveLeft(_describe(error)) from error


_Lines = dict[tuple[str, str], _Line]


class Transport:
    """Keeps one connection per thread and host; safe to share between threads, and across a fork.

    Redirects are not followed and nothing is retried. Raises NeverLeft and MayHaveLeft, nothing else of the
    network.
    """

    def __init__(self, timeouts: Timeouts | None = None, user_agent: str = "") -> None:
        self.timeouts = timeouts or Timeouts()
        self.user_agent = user_agent
        self._local = threading.local()
        self._tls: ssl.SSLContext | None = None

    def exchange(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        before: Callable[[], None] | None = None,
    ) -> Reply:
        """Connect, run `before`, send, read the whole answer. What `before` raises goes through; nothing was
        sent then.
        """
        scheme, host, target = _split(url)
        line = self._connected(scheme, host)
        if before is not None:
            before()
            line = self._connected(scheme, host)  # `before` took its time: the peer may have hung up
        deadline = time.monotonic() + self.timeouts.total
        with self._broken_line_dropped(scheme, host):
            response = self._send(line, method, target, headers, body)
            reply = _read(response, deadline)
        line.used_at = time.monotonic()
        if not reply.is_whole or response.will_close:
            self._drop(scheme, host)
        return reply

    def stream(self, url: str) -> Stream:
        """GET on a connection of its own, the body in pieces as they come."""
        scheme, host, target = _split(url)
        connection = self._dial(scheme, host)
        try:
            return Stream(connection, self._send(_Line(connection, 0.0), "GET", target, {}, None))
        except BaseException:
            connection.close()
            raise

    def _send(
        self, line: _Line, method: str, target: str, headers: Mapping[str, str], body: bytes | None
    ) -> http.client.HTTPResponse:
        sent = {"User-Agent": self.user_agent, **headers} if self.user_agent else dict(headers)
        try:
            line.connection.request(method, target, body=body, headers=sent)
            return line.connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            raise MayHaveLeft(_describe(error)) from error

    def _connected(self, scheme: str, host: str) -> _Line:
        lines = self._lines()
        line = lines.get((scheme, host))
        if line is not None and self._is_alive(line):
            return line
        self._drop(scheme, host)
        line = lines[(scheme, host)] = _Line(self._dial(scheme, host), time.monotonic())
        return line

    def _dial(self, scheme: str, host: str) -> http.client.HTTPConnection:
        connection = self._connection(scheme, host)
        try:
            connection.connect()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise NeverLeft(_describe(error)) from error
        sock: socket.socket = connection.sock
        weakref.finalize(connection, sock.close)  # when its thread ends, or the transport is dropped
        sock.settimeout(self.timeouts.read)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def _connection(self, scheme: str, host: str) -> http.client.HTTPConnection:
        if scheme == "http":
            return http.client.HTTPConnection(host, timeout=self.timeouts.connect)
        if self._tls is None:
            self._tls = _tls_context()
        return http.client.HTTPSConnection(host, timeout=self.timeouts.connect, context=self._tls)

    def _is_alive(self, line: _Line) -> bool:
        sock: socket.socket | None = line.connection.sock
        if sock is None or time.monotonic() - line.used_at > self.timeouts.keep_alive:
            return False
        # An idle line has nothing to say: readable means closed, or talking out of turn.
        poll = select.poll()
        poll.register(sock, select.POLLIN)
        return not poll.poll(0)

    def _lines(self) -> _Lines:
        # A child of fork must not talk on its parent's connections.
        if getattr(self._local, "pid", None) != os.getpid():
            self._local.pid, self._local.lines = os.getpid(), {}
        lines: _Lines = self._local.lines
        return lines

    def _drop(self, scheme: str, host: str) -> None:
        line = self._lines().pop((scheme, host), None)
        if line is not None:
            with suppress(OSError):
                line.connection.close()

    def _broken_line_dropped(self, scheme: str, host: str) -> _DropOnError:
        return _DropOnError(self, scheme, host)


@dataclass(slots=True)
class _DropOnError:
    transport: Transport
    scheme: str
    host: str

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self.transport._drop(self.scheme, self.host)


def _split(url: str) -> tuple[str, str, str]:
    parts = urlsplit(url)
    target = parts.path or "/"
    return parts.scheme, parts.netloc.rpartition("@")[2], f"{target}?{parts.query}" if parts.query else target


def _read(response: http.client.HTTPResponse, deadline: float) -> Reply:
    """The whole body, or what came of it before it broke off, grew out of bounds or took too long."""
    pieces, size, is_whole = [], 0, True
    try:
        for piece in _body(response):
            pieces.append(piece)
            size += len(piece)
            if size > MAX_BODY or time.monotonic() > deadline:
                is_whole = False
                break
    except (OSError, http.client.HTTPException):
        is_whole = False
    return Reply(response.status, dict(response.headers.items()), b"".join(pieces), is_whole)


def _body(response: http.client.HTTPResponse) -> Iterator[bytes]:
    """As it arrives: `read` would wait for a full chunk, and a dripping peer could hold it for hours.

    The length is counted here because `read1` counts it only from Python 3.12 on. Raises IncompleteRead.
    """
    left = response.length  # None: chunked, or until the peer closes
    while left is None or left > 0:
        piece = response.read1(_CHUNK if left is None else min(_CHUNK, left))
        if not piece:
            break
        left = None if left is None else left - len(piece)
        yield piece
    if left:
        raise http.client.IncompleteRead(b"", left)
    response.close()  # the line stays open for the next request


def _tls_context() -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE") or certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _describe(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:300]
