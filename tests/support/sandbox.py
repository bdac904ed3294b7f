"""A sandbox for tests: started as its own process on free ports, driven over HTTP, stopped by its pid.

    with running_sandbox("--now", "2026-11-01T08:00:00Z") as box:
        box.add_seller("A1TESTSELLER", orders=50)
        token = box.grant("A1TESTSELLER")
        box.fault("internal_failure", operation="searchOrders", count=2)
        ...
        assert box.summary()["duplicates"] == 0

`box.http` is the base address for Login with Amazon, the API and the consent page; `box.smtp` is the relay
(host, port).
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[2]
CLIENT_ID = "amzn1.application-oa2-client.permitted-demo"
CLIENT_SECRET = "amzn1.oa2-cs.v1.permitted-demo"
APPLICATION_ID = "amzn1.sp.solution.permitted-demo"
US, DE, JP = "ATVPDKIKX0DER", "A1PA6795UKMFR9", "A1VC38T7YXB528"
READY_WITHIN = 30.0  # seconds
Json = dict[str, Any]


class SandboxRefused(Exception):
    """The control API said no; the text is its own."""


@dataclass
class SandboxControl:
    """A running sandbox. Times go in and come out as ISO 8601 (UTC); durations are seconds."""

    http: str
    smtp: tuple[str, int]
    process: subprocess.Popen[str] | None = None
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=120, trust_env=False))

    # -- worlds

    def add_seller(
        self,
        selling_partner_id: str,
        *,
        orders: int = 0,
        days: int = 30,
        region: str = "",
        marketplaces: list[str] | None = None,
        name: str = "",
        business_name: str = "",
        fulfilment: dict[str, float] | None = None,
        seed: int | None = None,
    ) -> Json:
        """A seller with a history of `orders` over the last `days`. Known already: `created` is False."""
        given = {
            "selling_partner_id": selling_partner_id,
            "orders": orders,
            "days": days,
            "region": region,
            "marketplaces": marketplaces,
            "name": name,
            "business_name": business_name,
            "fulfilment": fulfilment,
            "seed": seed,
        }
        return self.post("sellers", **{k: v for k, v in given.items() if v not in (None, "")})

    def grant(self, selling_partner_id: str, client_id: str = "") -> str:
        """The refresh token of a new authorisation."""
        return str(
            self.post("grants", selling_partner_id=selling_partner_id, client_id=client_id)["refresh_token"]
        )

    def revoke(self, selling_partner_id: str) -> int:
        return int(self.post("revoke", selling_partner_id=selling_partner_id)["revoked"])

    def access_token(self, refresh_token: str) -> str:
        """What Login with Amazon answers, for tests that call the API by hand."""
        form = {
            "grant_type": "refresh_token",
            "refresh_token": refresh_token,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
        }
        return str(self.client.post(f"{self.http}/auth/o2/token", data=form).json()["access_token"])

    def add_app(self, **facts: Any) -> Json:
        """Create or replace an application: client_id, application_id, secrets, roles, redirect_uris,
        draft, listed.
        """
        return self.post("apps", **facts)

    def reset(self, what: str = "world") -> None:
        """`world` forgets all but applications and settings; `ledger` only what was asked and sent."""
        self.post("reset", what=what)

    # -- time

    def now(self) -> str:
        return str(self.get("clock")["now"])

    def set_clock(self, at: str) -> Json:
        return self.post("clock", set=at)

    def advance(
        self, seconds: float = 0, *, days: float = 0, hours: float = 0, new_orders: bool = False
    ) -> Json:
        """Move the clock forward; what was to happen until then happens, each thing at its own time."""
        return self.post("clock", advance=seconds + hours * 3600 + days * 86_400, new_orders=new_orders)

    def speed(self, factor: float) -> Json:
        return self.post("clock", speed=factor)

    def tick(self, new_orders: bool = True) -> Json:
        return self.post("tick", new_orders=new_orders)

    # -- orders and buyers

    def make_order(self, selling_partner_id: str, **facts: Any) -> Json:
        """One order with exactly these facts (see sandbox/world/facts.py); all of it comes back."""
        return self.post("orders", selling_partner_id=selling_partner_id, **facts)

    def order(self, order_id: str) -> Json:
        """Every fact, the hidden ones too."""
        return dict(self.get(f"orders/{order_id}"))

    def orders(self, **filters: Any) -> list[Json]:
        """`selling_partner_id`, `status`, `fulfilled_by`, `marketplace`, `relay`, `limit`, `offset`."""
        return list(self.get("orders", **filters))

    def change_order(self, order_id: str, **facts: Any) -> Json:
        """`happen="ship"|"deliver"|"cancel"|"refund"|"return"|...` with `at`, or facts to set."""
        return self.post(f"orders/{order_id}", **facts)

    def opt_out(self, order_id: str, opted_out: bool = True) -> Json:
        return self.post("buyers/opt-out", order_id=order_id, opted_out=opted_out)

    def approve_sender(self, selling_partner_id: str, address: str) -> None:
        self.post("senders", selling_partner_id=selling_partner_id, address=address)

    def withdraw_sender(self, selling_partner_id: str, address: str) -> None:
        self.delete("senders", selling_partner_id=selling_partner_id, address=address)

    # -- what goes wrong, how fast, how

    def fault(self, kind: str, **facts: Any) -> int:
        """See sandbox/faults.py: seller, operation, region, count, probability, duration, stage, seconds,
        code ...
        """
        return int(self.post("faults", kind=kind, **facts)["id"])

    def clear_faults(self) -> None:
        self.delete("faults")

    def rate(self, rate: float, burst: float, *, selling_partner_id: str = "", operation: str = "") -> None:
        self.post(
            "buckets", rate=rate, burst=burst, selling_partner_id=selling_partner_id, operation=operation
        )

    def settings(self, **changes: Any) -> Json:
        """Change settings (see SETTINGS in sandbox/context.py); all of them come back."""
        return self.post("settings", **changes)

    # -- the ledger

    def summary(self) -> Json:
        return dict(self.get("summary"))

    def ledger(self, kind: str = "calls", /, **filters: Any) -> list[Json]:
        """`kind`: calls, solicitations, messages or mails; filters: seller, operation, status, order_id,
        since ...
        """
        return list(self.get(f"ledger/{kind}", **filters))

    def bounces(self, since: int = 0) -> list[Json]:
        return list(self.get("mail/bounces", since=since))

    def notifications(self, since: int = 0) -> list[Json]:
        return list(self.get("notifications", since=since))

    # -- plumbing

    def get(self, path: str, **query: Any) -> Any:
        return self._answer(self.client.get(f"{self.http}/__sandbox/{path}", params=query))

    def post(self, path: str, **body: Any) -> Any:
        return self._answer(self.client.post(f"{self.http}/__sandbox/{path}", json=body))

    def delete(self, path: str, **body: Any) -> Any:
        return self._answer(self.client.request("DELETE", f"{self.http}/__sandbox/{path}", json=body))

    def _answer(self, response: httpx.Response) -> Any:
        if response.status_code >= 400:
            raise SandboxRefused(f"{response.request.url.path}: {response.text}")
        return response.json()

    def stop(self) -> None:
        """End this sandbox's own process. May run twice."""
        self.client.close()
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
        self._close_output()

    def kill(self) -> None:
        """As a power cut would."""
        assert self.process is not None
        self.client.close()
        self.process.kill()
        self.process.wait(10)
        self._close_output()

    def _close_output(self) -> None:
        """An open pipe would be found by the collector in the middle of somebody else's test."""
        if self.process is not None and self.process.stdout is not None:
            self.process.stdout.close()


def start_sandbox(*options: str) -> SandboxControl:
    """Start a sandbox with these command line options and wait until it is ready. Raises RuntimeError
    with its output.
    """
    command = [sys.executable, "-m", "sandbox", *options]
    env = {**os.environ, "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    line = _first_line(process)
    parts = dict(part.split("=", 1) for part in line.split() if "=" in part)
    host, _, port = parts["smtp"].rpartition(":")
    return SandboxControl(parts["http"], (host, int(port)), process)


def _first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    started, seen = time.monotonic(), []
    while time.monotonic() - started < READY_WITHIN:
        line = process.stdout.readline()
        if line.startswith("sandbox ready"):
            return line
        if not line and process.poll() is not None:
            break
        seen.append(line)
    process.kill()
    process.wait(10)
    process.stdout.close()
    raise RuntimeError(f"the sandbox did not start: {''.join(seen)}")


@contextmanager
def running_sandbox(*options: str) -> Iterator[SandboxControl]:
    box = start_sandbox(*options)
    try:
        yield box
    finally:
        box.stop()
