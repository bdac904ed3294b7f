"""The installation whose data stays in .dev: the demo's, and `./run manage`'s while no demo runs."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devstack import environment, files, lock, ports, postgres, servers
from devstack.console import Trouble, say
from devstack.places import DEMO_ENV, DEMO_LOCK, DEV, PORTS, private_folder


@contextmanager
def held(purpose: str) -> Iterator[None]:
    """Nobody else starts servers on this data meanwhile. Raises Trouble, which says who does already."""
    private_folder(DEV)
    try:
        with lock.hold(DEMO_LOCK, purpose):
            yield
    except lock.Taken as taken:
        raise Trouble(_who_holds(taken.holder)) from None


def _who_holds(holder: lock.Holder) -> str:
    if holder.purpose != "demo":
        return f"`./run {holder.purpose}` (pid {holder.pid}) is using this checkout's data: let it end first."
    at = (files.read(DEMO_ENV) or {}).get("SITE_URL", "still starting")
    return f"A demo already runs in this checkout (pid {holder.pid}, {at}). `./run stop` ends it."


@contextmanager
def installation(web_port: int | None = None) -> Iterator[dict[str, str]]:
    """Its servers for the block. Yields what children need; what is ours is in DEMO_ENV too. Hold first."""
    chosen = _ports(web_port)
    kept = environment.load_secrets(DEV / "secrets.json")
    product = environment.of_product(kept, f"http://127.0.0.1:{chosen['web']}", DEV / "media")
    DEMO_ENV.unlink(missing_ok=True)  # of one that was killed
    with servers.running(DEV, kept, is_durable=True) as addresses:
        ours = product | addresses | environment.of_sandbox(chosen["sandbox"], chosen["smtp"])
        files.write_private(DEMO_ENV, ours)
        try:
            yield environment.inherited(os.environ) | ours
        finally:
            DEMO_ENV.unlink(missing_ok=True)


def _ports(web_port: int | None) -> dict[str, int]:
    if web_port and not ports.is_free(web_port):
        raise Trouble(f"Port {web_port} is taken on 127.0.0.1: choose another --port, or none.")
    chosen = ports.kept(PORTS, {"web": 8000, "sandbox": None, "smtp": None})
    return chosen | ({"web": web_port} if web_port else {})


def throw_away() -> None:
    """Empty .dev, but for lock files and what other commands work in right now. Call while held."""
    if os.environ.get("DATABASE_URL"):
        say("--fresh: the database in DATABASE_URL is not ours to empty; it stays as it is.")
    postgres.remove(DEV)
    for path in DEV.iterdir():
        if path.is_dir() and not path.is_symlink():
            _delete_unless_used(path)
        elif path.suffix != ".lock":
            path.unlink()


def _delete_unless_used(folder: Path) -> None:
    if lock.holder(folder / "lock") is None:
        shutil.rmtree(folder)
