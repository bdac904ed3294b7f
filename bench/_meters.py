"""Where processor time goes: each server's seconds so far, whether we started it or not, as long as it runs on this machine."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import redis
from django.conf import settings
from django.db import connection as db

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Seconds:
    """Processor seconds of one stretch of work."""

    workers: float
    postgres: float
    valkey: float
    sandbox: float
    #: Processors that others on this machine kept busy meanwhile.
    foreign: float = 0.0

    @property
    def ours(self) -> float:
        """The product's: Amazon would answer from machines of its own."""
        return self.workers + self.postgres + self.valkey

    @property
    def total(self) -> float:
        return self.workers + self.postgres + self.valkey + self.sandbox

    def a_message(self, count: int) -> str:
        """Milliseconds a message, by whose they are."""
        parts = (
            f"{name} {1e3 * spent / count:.2f}"
            for name, spent in (
                ("workers", self.workers), ("PostgreSQL", self.postgres), ("Valkey", self.valkey), ("sandbox", self.sandbox),
            )
        )  # fmt: skip
        return (
            f"{1e3 * self.total / count:.1f} ms of processor each ({', '.join(parts)}); "
            f"others kept {self.foreign:.1f} of {os.cpu_count()} processors busy"
        )


class Meters:
    """From its making on; the workers tell their own."""

    def __init__(self, sandbox_pid: int) -> None:
        self._read: dict[str, Callable[[], float]] = {
            "postgres": lambda: _family(_postmaster()),
            "valkey": _valkey,
            "sandbox": lambda: _of(sandbox_pid),
        }
        self._before = {name: read() for name, read in self._read.items()}
        self._started_at, self._busy = time.monotonic(), _busy()

    def since(self) -> Seconds:
        """Without the workers: `with_workers` adds what they tell."""
        spent = {name: read() - self._before[name] for name, read in self._read.items()}
        everybody, seconds = _busy() - self._busy, time.monotonic() - self._started_at
        return Seconds(0.0, **spent, foreign=(everybody - sum(spent.values())) / seconds)


def with_workers(spent: Seconds, workers: float, seconds: float) -> Seconds:
    """`seconds` is how long the stretch lasted by the clock."""
    return replace(spent, workers=workers, foreign=max(spent.foreign - workers / seconds, 0.0))


def _busy() -> float:
    """Seconds that all processors of this machine have worked."""
    user, nice, system, _, _, irq, softirq, *_ = map(
        int, Path("/proc/stat").read_text().split("\n")[0].split()[1:]
    )
    return (user + nice + system + irq + softirq) / _TICKS


class Request:
    """What one request takes of a processor here: this process's seconds and its database session's. Unlike the clock's it is
    the same on a busy machine. Without the session where that cannot be seen."""

    def __init__(self) -> None:
        with db.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            self._session = Path(f"/proc/{int(cursor.fetchone()[0])}/schedstat")
        self._before = self._now()

    def since(self) -> float:
        return self._now() - self._before

    def _now(self) -> float:
        spent = 0.0
        with suppress(OSError):
            spent = int(self._session.read_text().split()[0]) / 1e9  # nanoseconds on a processor
        return time.process_time() + spent


def _postmaster() -> int:
    """0 where the server is on another machine, or is not to be seen."""
    with db.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = int(cursor.fetchone()[0])
    with suppress(OSError):
        return int(_stat(pid)[1])
    return 0


def _family(parent: int) -> float:
    """The server, its living children, and those that have ended."""
    if not parent:
        return 0.0
    total = _of(parent, ended_children=True)
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if int(_stat(int(folder.name))[1]) == parent:
                total += _of(int(folder.name))
    return total


def _of(pid: int, *, ended_children: bool = False) -> float:
    fields = _stat(pid)
    return sum(int(field) for field in fields[11 : 15 if ended_children else 13]) / _TICKS


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat from the state on."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _valkey() -> float:
    spent = redis.Redis.from_url(settings.CACHES["default"]["LOCATION"]).info("cpu")
    return float(spent["used_cpu_user"]) + float(spent["used_cpu_sys"])
