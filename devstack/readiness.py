"""Waiting for a child's first answer."""

import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

from devstack.console import Trouble
from devstack.processes import Crew

_PATIENCE = 60.0  # seconds
Answer = TypeVar("Answer")


def port_of(url: str) -> int:
    port = urlsplit(url).port
    if port is None:
        raise ValueError(f"{url} names no port")
    return port


def answers_http(crew: Crew, url: str, what: str) -> int:
    """The status of the first answer, whatever it is. Raises Trouble when a child dies or time runs out."""
    return _wait(crew, what, lambda: _http_status(url))


def answers_smtp(crew: Crew, url: str, what: str) -> None:
    _wait(crew, what, lambda: _smtp_greeting(port_of(url)))


def _wait(crew: Crew, what: str, ask: Callable[[], Answer]) -> Answer:
    deadline = time.monotonic() + _PATIENCE
    while True:
        crew.check()
        try:
            return ask()
        except OSError as error:
            if time.monotonic() > deadline:
                raise Trouble(f"No answer from {what} within {_PATIENCE:.0f} s ({error})") from None
        time.sleep(0.05)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


# No proxy: the person's http_proxy is not the way to their own machine.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)


def _http_status(url: str) -> int:
    try:
        with _opener.open(url, timeout=30) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:  # an OSError too, but an answer
        return error.code


def _smtp_greeting(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        if not connection.recv(512).startswith(b"220"):
            raise ConnectionError("no SMTP greeting yet")
