"""One sandbox process for a whole module of tests; each test gets a seller of its own."""

from __future__ import annotations

import gc
import itertools
import json
import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.sandbox import CLIENT_ID, CLIENT_SECRET, ROOT, SandboxControl, running_sandbox

_numbers = itertools.count(1)
NOW = "2026-11-20T12:00:00Z"


@pytest.fixture(autouse=True)
def _collect_foreign_sockets() -> Iterator[None]:
    """Other people's clients leave sockets to the collector, after a broken connection above all: here, not in another test."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxControl]:
    with running_sandbox("--report-delay", "0.2") as box:
        yield box


@pytest.fixture
def box(sandbox: SandboxControl) -> Iterator[SandboxControl]:
    """The module's sandbox with nothing wrong and full buckets, its clock at a known moment."""
    sandbox.reset("ledger")
    sandbox.set_clock(NOW)
    before = sandbox.get("settings")
    yield sandbox
    sandbox.clear_faults()
    sandbox.settings(**before)


@dataclass
class Account:
    """A seller of the sandbox as an application sees it: its id and calls made with its token."""

    box: SandboxControl
    seller: str
    refresh_token: str
    token: str

    def call(self, method: str, path: str, **given: Any) -> httpx.Response:
        headers = {"x-amz-access-token": self.token, **given.pop("headers", {})}
        return self.box.client.request(method, self.box.http + path, headers=headers, **given)

    def get(self, path: str, **params: Any) -> httpx.Response:
        return self.call("GET", path, params=params)

    def post(self, path: str, json: Any = None, **params: Any) -> httpx.Response:
        return self.call("POST", path, params=params, json=json)

    def order(self, **facts: Any) -> dict[str, Any]:
        return self.box.make_order(self.seller, **facts)

    def search(self, **params: Any) -> dict[str, Any]:
        response = self.get(
            "/orders/2026-01-01/orders", **{"lastUpdatedAfter": "2026-01-01T00:00:00Z", **params}
        )
        assert response.status_code == 200, response.text
        return response.json()

    def renew(self) -> None:
        self.token = self.box.access_token(self.refresh_token)


@pytest.fixture
def account(box: SandboxControl) -> Account:
    return open_account(box)


def open_account(box: SandboxControl, **facts: Any) -> Account:
    seller = f"ASELLER{next(_numbers):05d}"
    box.add_seller(seller, **facts)
    refresh_token = box.grant(seller, facts.pop("client_id", ""))
    return Account(box, seller, refresh_token, box.access_token(refresh_token))


@pytest.fixture
def grantless(box: SandboxControl) -> str:
    """A token for notifications that belongs to no seller."""
    form = {
        "grant_type": "client_credentials",
        "scope": "sellingpartnerapi::notifications",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
    }
    return box.client.post(f"{box.http}/auth/o2/token", data=form).json()["access_token"]


@pytest.fixture(scope="session")
def models() -> Path:
    """Amazon's published models; they are not part of this repository."""
    folder = Path(os.environ.get("SP_API_MODELS") or ROOT.parent / "shared" / "sp-api-models")
    if not (folder / "models").is_dir():
        pytest.skip(f"Amazon's models are not at {folder}; set SP_API_MODELS to their folder")
    return folder


def model(models: Path, name: str) -> dict[str, Any]:
    return json.loads(next((models / "models").rglob(name)).read_text())
