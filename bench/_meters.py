"""Where processor time goes: each server's seconds so far, whether we started it or not, as long as it runs on this machine."""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
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
        return f"{1e3 * self.total / count:.1f} ms of processor each ({', '.join(parts)})"


class Meters:
    """From its making on; the workers tell their own."""

    def __init__(self, sandbox_pid: int) -> None:
        self._read: dict[str, Callable[[], float]] = {
            "postgres": lambda: _family(_postmaster()),
            "valkey": _valkey,
            "sandbox": lambda: _of(sandbox_pid),
        }
        self._before = {name: read() for name, read in self._read.items()}

    def since(self, workers: float) -> Seconds:
        return Seconds(workers, **{name: read() - self._before[name] for name, read in self._read.items()})


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
