"""The stand-in for Stripe inside a running sandbox, as tests drive it; and people at its pages.

stand = Stand(box)              # tests/support/sandbox.py started the box
stand.settings(copies=3)        # sandbox/stripe/settings.py lists them
stand.advance(days=31)
stand.pay_checkout(url, number=GOOD)
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import stripe

from tests.support.sandbox import SandboxControl

KEY = "sk_test_permitted"
SECRET = "whsec_permitted_test"
GOOD, FAILS, DECLINED, ASKS = "4242424242424242", "4000000000000341", "4000000000000002", "4000002500003155"


class StandRefused(Exception):
    """The controls said no; the text is their own."""


@dataclass
class Stand:
    box: SandboxControl

    @property
    def url(self) -> str:
        """The base address for `stripe.StripeClient`."""
        return f"{self.box.http}/stripe"

    def client(self) -> stripe.StripeClient:
        base: Any = {"api": self.url, "connect": self.url, "files": self.url, "meter_events": self.url}
        return stripe.StripeClient(KEY, base_addresses=base, max_network_retries=0)

    # -- controls

    def settings(self, **changes: Any) -> dict[str, Any]:
        return dict(self._post("settings", **changes))

    def endpoint(self, url: str, secret: str = SECRET, kinds: Iterable[str] = ("*",)) -> None:
        self._post("endpoint", url=url, secret=secret, enabled_events=sorted(kinds))

    def advance(self, *, days: float = 0, seconds: float = 0) -> None:
        self._post("advance", days=days, seconds=seconds)

    def give_card(self, customer: str, number: str) -> None:
        self._post("card", customer=customer, number=number)

    def become(self, subscription: str, status: str) -> None:
        self._post("become", subscription=subscription, status=status)

    def end(self, subscription: str) -> None:
        self._post("end", subscription=subscription)

    def redeliver(self, **what: Any) -> None:
        self._post("redeliver", **what)

    def reset(self, *, keep_prices: bool = False) -> None:
        self._post("reset", keep_prices=keep_prices)

    def state(self) -> dict[str, Any]:
        return dict(self._get("state"))

    def objects(self, kind: str, customer: str = "") -> list[dict[str, Any]]:
        return list(self._get("objects", kind=kind, customer=customer))

    def calls(self) -> list[dict[str, Any]]:
        return list(self._get("calls"))

    @contextmanager
    def being_down(self) -> Iterator[None]:
        self.settings(down=True)
        try:
            yield
        finally:
            self.settings(down=False)

    def await_delivered(self, seconds: float = 20) -> None:
        """Until no delivery waits."""
        until = time.monotonic() + seconds
        while self.state()["deliveries"].get("waiting"):
            assert time.monotonic() < until, f"still waiting: {self.state()['deliveries']}"
            time.sleep(0.05)

    # -- people at its pages

    def pay_checkout(self, url: str, number: str = GOOD, **form: str) -> httpx.Response:
        """Press the button of a checkout page: 303 to the success address, 402 where the bank says no."""
        return self.box.client.post(url, data={"number": number, **form})

    def at_portal(self, url: str, action: str, **form: str) -> httpx.Response:
        return self.box.client.post(url, data={"action": action, **form})

    # -- plumbing

    def _get(self, path: str, **query: Any) -> Any:
        return self._answer(self.box.client.get(f"{self.url}/__sandbox/{path}", params=query))

    def _post(self, path: str, **body: Any) -> Any:
        return self._answer(self.box.client.post(f"{self.url}/__sandbox/{path}", json=body))

    def _answer(self, response: httpx.Response) -> Any:
        if response.status_code >= 400:
            raise StandRefused(f"{response.request.url.path}: {response.text}")
        return response.json()
