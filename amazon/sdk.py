"""Amazon's official client (`amzn-sp-api`), tamed: it knows paths, parameters and media types; the wire is
ours.

Measured defects this file stands against (version 1.13.0): importing it configures the root logger; each
Configuration adds a log handler (100 orders: 8,500 handlers, seven times slower); an unknown enum value
raises; a client is not safe to share between threads; DEBUG logs bodies; its token cache retries a dead grant
for 14 s and loses the cause.
"""

from __future__ import annotations

import importlib
import json
import logging
import threading
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import ModuleType
from typing import Any
from urllib.parse import urlencode

from .operations import Operation
from .transport import Reply, Transport

_LOGGERS = ("spapi", "urllib3")


_loading = threading.Lock()


def _load() -> ModuleType:
    """The client, imported on first use: half a second that only those who call Amazon should pay."""
    with _loading:
        return _import()


@cache
def _import() -> ModuleType:
    watched = [logging.getLogger(), *(logging.getLogger(name) for name in _LOGGERS)]
    before = [(logger, list(logger.handlers), logger.level) for logger in watched]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # invalid escapes in generated docstrings
        spapi = importlib.import_module("spapi")
    base = spapi.Configuration()
    base.client_side_validation = False
    spapi.Configuration.set_default(base)
    for logger, handlers, level in before:
        logger.handlers[:] = handlers
        logger.setLevel(level)
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    return spapi


@dataclass(slots=True)
class _Wire:
    """Stands where the client keeps its REST client. One call at a time: there is one per thread."""

    transport: Transport
    before: Callable[[], None] | None = None

    def GET(self, url: str, **request: Any) -> _Answer:
        return self._exchange("GET", url, **request)

    def POST(self, url: str, **request: Any) -> _Answer:
        return self._exchange("POST", url, **request)

    def PUT(self, url: str, **request: Any) -> _Answer:
        return self._exchange("PUT", url, **request)

    def DELETE(self, url: str, **request: Any) -> _Answer:
        return self._exchange("DELETE", url, **request)

    def _exchange(
        self,
        method: str,
        url: str,
        query_params: Any = None,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        **_: Any,
    ) -> _Answer:
        if query_params:
            url = f"{url}?{urlencode(query_params)}"
        sent = {"Content-Type": "application/json", **(headers or {})}
        content = None if method in {"GET", "DELETE"} else json.dumps(body or {}).encode()
        return _Answer(self.transport.exchange(method, url, sent, content, self.before))


@dataclass(frozen=True, slots=True)
class _Answer:
    reply: Reply

    @property
    def status(self) -> int:
        return self.reply.status

    def getheaders(self) -> Mapping[str, str]:
        return self.reply.headers


@dataclass(slots=True)
class _Token:
    """What the client asks for a token; set before each call."""

    value: str = field(default="", repr=False)

    def get_lwa_access_token(self) -> str:
        return self.value


class Sdk:
    """The official client, one instance per thread, pointed anew for each call."""

    def __init__(self, transport: Transport, user_agent: str) -> None:
        self._transport = transport
        self._user_agent = user_agent
        self._local = threading.local()

    def call(
        self,
        operation: Operation,
        host: str,
        access_token: str,
        parameters: Mapping[str, Any],
        before: Callable[[], None] | None = None,
    ) -> Reply:
        """One exchange; parameters by the client's names (snake_case). Raises what Transport raises."""
        client = self._client()
        client.configuration.host = host
        client.configuration.safe_chars_for_path_param = operation.path_safe
        client.configuration.access_token_cache.value = access_token
        client.rest_client.before = before
        api = getattr(_load(), operation.api)(client)
        method = getattr(api, f"{operation.method}_with_http_info")
        try:
            answer, _, _ = method(**parameters, _preload_content=False)
        finally:
            client.rest_client.before = None
            client.configuration.access_token_cache.value = ""
            client.default_headers.pop("x-amz-access-token", None)
            client.last_response = None
        reply: Reply = answer.reply
        return reply

    def _client(self) -> Any:
        client = getattr(self._local, "client", None)
        if client is None:
            client = self._local.client = self._make()
        return client

    def _make(self) -> Any:
        spapi = _load()
        configuration = spapi.Configuration()
        configuration.access_token_cache = _Token()
        client = spapi.ApiClient(configuration)
        client.rest_client = _Wire(self._transport)
        client.user_agent = self._user_agent
        return client
