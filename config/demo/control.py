"""The sandbox's controls, over HTTP: the demo sets the stage and reads the ledger; the product never does."""

import json
from typing import Any
from urllib.request import Request, urlopen

from django.conf import settings


class NoSandbox(Exception):
    """SANDBOX_URL is not set: the demo needs the sandbox, and never a real Amazon."""


def get(path: str) -> Any:
    return _call(path, None)


def post(path: str, body: dict[str, Any]) -> Any:
    return _call(path, body)


def post_stripe(path: str, body: dict[str, Any]) -> Any:
    """The controls of the stand-in for Stripe."""
    return _call(path, body, "/stripe/__sandbox")


def _call(path: str, body: dict[str, Any] | None, below: str = "/__sandbox") -> Any:
    if not settings.SANDBOX_URL:
        raise NoSandbox(NoSandbox.__doc__)
    data = None if body is None else json.dumps(body).encode()
    request = Request(f"{settings.SANDBOX_URL}{below}{path}", data, {"content-type": "application/json"})  # noqa: S310
    with urlopen(request, timeout=120) as answer:  # noqa: S310 (an address of our own settings)
        return json.load(answer)
