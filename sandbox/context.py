"""Everything one sandbox is made of, in one hand."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .auth import Auth
from .clock import Clock, parsed
from .faults import Faults
from .ledger import Ledger
from .limits import Limits
from .store import Store


@dataclass(slots=True)
class Options:
    """How a sandbox is started. `now` is ISO 8601; `orders_lag` in seconds; `bounce_smtp` and
    `sqs_endpoint` may be ''.
    """

    host: str = "127.0.0.1"
    port: int = 0
    smtp_port: int = 0
    data: str = ":memory:"
    seed: int = 7
    now: str = ""
    speed: float = 1.0
    orders_lag: float = 0.0
    live: bool = False
    static: str = ""
    smtp_tls: bool = False
    smtp_user: str = ""
    smtp_password: str = ""
    bounce_smtp: str = ""
    sqs_endpoint: str = ""
    report_delay: float = 2.0


# What a control call may change while the sandbox runs, with the value it has from the start.
SETTINGS: dict[str, Any] = {
    "orders_lag": 0.0,  # seconds until a new order can be found
    "window": "true",  # review window from the "true" delivery, or as the "docs" say from the promised dates
    "pii_without_role": "omit",  # or "deny"
    "v0_ends_at": "2027-03-27T00:00:00Z",
    "empty_actions": 0.0,  # share of eligible orders whose action list is empty by Amazon's mistake
    "report_delay": 2.0,  # seconds a report is in the queue, and as long again in progress
    "report_encoding": "utf-8",
    "shuffle_columns": False,
    "harsh_shipments_report": False,
    "notify_duplicates": 0.0,
    "notify_loss": 0.0,
    "notify_reorder": False,
}


@dataclass(slots=True)
class Sandbox:
    options: Options
    store: Store
    clock: Clock
    rng: random.Random
    auth: Auth
    limits: Limits
    faults: Faults
    ledger: Ledger
    settings: dict[str, Any] = field(default_factory=dict)
    base_url: str = ""
    smtp_address: str = ""
    held_notifications: list[Any] = field(default_factory=list)

    def change_settings(self, changes: dict[str, Any]) -> None:
        """Raises ValueError naming an unknown setting or a value of the wrong kind."""
        for name, value in changes.items():
            if name not in SETTINGS:
                raise ValueError(f"setting {name!r}: unknown; use {', '.join(SETTINGS)}")
            known = SETTINGS[name]
            right = (
                isinstance(value, int | float) if isinstance(known, float) else isinstance(value, type(known))
            )
            if not right:
                raise ValueError(f"setting {name}: {value!r} is not a {type(known).__name__}")
            self.settings[name] = value
        self.store.remember("settings", self.settings)

    def save_clock(self) -> None:
        self.store.remember("clock", self.clock.state())


def open_sandbox(options: Options) -> Sandbox:
    """A sandbox on its data file. A file of an earlier run goes on where it was unless `now` is given."""
    if options.data != ":memory:":
        Path(options.data).parent.mkdir(parents=True, exist_ok=True)
    store = Store(options.data)
    clock = _clock(options, store)
    rng = random.Random(options.seed)
    sandbox = Sandbox(
        options,
        store,
        clock,
        rng,
        Auth(store, clock),
        Limits(clock, rng),
        Faults(clock, store, rng),
        Ledger(store, clock),
    )
    started = {"orders_lag": options.orders_lag, "report_delay": options.report_delay}
    sandbox.settings = {**SETTINGS, **started, **store.recall("settings", {})}
    sandbox.save_clock()
    return sandbox


def _clock(options: Options, store: Store) -> Clock:
    if options.now:
        return Clock(parsed(options.now), options.speed)
    state = store.recall("clock")
    if state is None:
        return Clock(speed=options.speed)
    clock = Clock.resumed(state)
    clock.run_at(options.speed)
    return clock
