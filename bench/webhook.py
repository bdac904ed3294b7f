"""Stripe at the door of the real server: how long an answer takes, alone and in a burst, while others apply what came.

Server time is what gunicorn's own log says from a request read to its answer written; two workers, as on two cores.
"""

import http.client
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from accounts.models import StripeEvent
from accounts.services.billing import applying
from bench.billing import SECRET, SELLS, customers
from bench.figures import Figure, at_least, at_most
from tests.accounts.billing import lives

_WORKERS, _AT_ONCE = 2, 8
_LOCK = threading.Lock()
Job = tuple[bytes, str]  # a body, and its signature


def run(small: bool = False) -> list[Figure]:
    alone, burst = (100, 200) if small else (500, 1_000)
    with customers(20) as accounts, _server() as server:
        ids = [account.customer.stripe_id for account in accounts]
        list(map(server.post, _jobs(ids, "warm", 40)))
        singles = _jobs(ids, "one", alone)
        before = server.processor_seconds()
        one = server.timed(lambda: list(map(server.post, singles)))
        processor = 1e3 * (server.processor_seconds() - before) / alone
        jobs = _jobs(ids, "burst", burst)
        again = [*jobs, *jobs[: burst // 10]]
        random.Random(7).shuffle(again)
        with _applying(ids) as applied:
            many = server.timed(lambda: _all_at_once(server, again))
        stored, twice = _kept(ids), max(0, sum(applied.values()) - _events_of(ids))
    told = f"of {len(again)} deliveries, {_AT_ONCE} at once, {burst // 10} of them for the second time"
    return [
        at_most("webhook: server time, 99th percentile", _percentile(one), "ms", 50, _spread(one, "one after the other")),
        at_most("webhook: server time in a burst, 99th percentile", _percentile(many), "ms", 50, _spread(many, told)),
        Figure("webhook: processor time an answer", processor, "ms", note=_load()),
        at_least("webhook: events of the burst stored", 100 * stored / burst, "%", 100),
        at_most("webhook: events applied twice", twice, "events", 0, "two workers applying meanwhile"),
    ]  # fmt: skip


def _jobs(ids: list[str], name: str, n: int) -> list[Job]:
    """Signed beforehand: that is Stripe's work."""
    bodies = [lives.body_of(ids[k % len(ids)], f"{name}{k}", 2) for k in range(n)]
    return [(body, lives.signed(body, SECRET)) for body in bodies]


def _percentile(taken: list[float]) -> float:
    return statistics.quantiles(taken, n=100)[98]


def _spread(taken: list[float], told: str) -> str:
    return f"{told}; median {statistics.median(taken):.1f} ms, longest {max(taken):.1f} ms"


def _load() -> str:
    """Without it a figure of waiting says little."""
    return f"the machine's load was {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"


# -- the server


@dataclass
class _Server:
    port: int
    log: Path
    pid: int

    def post(self, job: Job) -> None:
        body, signature = job
        headers = {"Content-Type": "application/json", "Stripe-Signature": signature}
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        line.request("POST", "/stripe/webhook", body, headers)
        answer = line.getresponse()
        if answer.status != 200:
            raise AssertionError(f"answered {answer.status} {answer.read()!r}")
        line.close()

    def timed(self, act: Callable[[], object]) -> list[float]:
        """Milliseconds of each request that `act` made, by the server's log."""
        known = len(self._logged())
        act()
        time.sleep(0.5)
        return self._logged()[known:]

    def processor_seconds(self) -> float:
        """Of its workers, as the kernel counts them (proc(5): fields 4, 14 and 15 of stat)."""
        ticks = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                fields = stat.read_text().rpartition(")")[2].split()
                ticks += int(fields[11]) + int(fields[12]) if int(fields[1]) == self.pid else 0
        return ticks / os.sysconf("SC_CLK_TCK")

    def _logged(self) -> list[float]:
        return [int(line) / 1e3 for line in self.log.read_text().splitlines()]


@contextmanager
def _server() -> Iterator[_Server]:
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as door:
        log = Path(folder) / "times"
        log.touch()
        command = [
            sys.executable, "-m", "gunicorn", "config.wsgi", "--preload", "--workers", str(_WORKERS), "--no-control-socket",
            "--bind", f"fd://{door.fileno()}", "--access-logfile", str(log), "--access-logformat", "%(D)s",
            "--log-level", "error",
        ]  # fmt: skip
        process = subprocess.Popen(command, env={**os.environ, **SELLS}, pass_fds=[door.fileno()])
        try:
            yield _Server(door.getsockname()[1], log, process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


# -- the burst


def _all_at_once(server: _Server, jobs: list[Job]) -> None:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(server.post, jobs))


@contextmanager
def _applying(ids: list[str]) -> Iterator[Counter[str]]:
    """Two workers that take what waits, each at any customer, until all is applied; how many events each customer had."""
    found: Counter[str] = Counter()
    ended = threading.Event()

    def work(seed: int) -> None:
        connection.set_schema_to_public()  # type: ignore[attr-defined]
        rng = random.Random(seed)
        while not ended.is_set():
            _apply(rng.sample(waiting, len(waiting)) if (waiting := _waiting()) else [], found)
            time.sleep(0.2)
        _apply(ids, found)
        connection.close()

    with ThreadPoolExecutor(2) as pool:
        tasks = [pool.submit(work, seed) for seed in range(2)]
        yield found
        ended.set()
        for task in tasks:
            task.result()


def _waiting() -> list[str]:
    rows = StripeEvent.objects.filter(next_try_at__isnull=False)
    return list(rows.values_list("customer_id", flat=True).distinct())


def _apply(customers: list[str], found: Counter[str]) -> None:
    for customer in customers:
        settled = applying.apply_events(customer, lambda c: lives.snapshot(c, 2))
        with _LOCK:
            found[customer] += settled


def _events_of(ids: list[str]) -> int:
    return StripeEvent.objects.filter(customer_id__in=ids).count()


def _kept(ids: list[str]) -> int:
    """Events of the burst that were stored; all of them are applied."""
    if StripeEvent.objects.filter(customer_id__in=ids, applied_at=None).exists():
        raise AssertionError("an event was left unapplied")
    return StripeEvent.objects.filter(event_id__startswith="evt_burst").count()
