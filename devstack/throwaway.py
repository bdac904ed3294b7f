"""Servers for one command, in a folder of its own, so that several may go on at once; gone with it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from devstack import environment, lock, postgres, servers
from devstack.places import DEV, private_folder

_KINDS = ("test", "check", "bench")


@contextmanager
def installation(kind: str, *, is_durable: bool = False, debug: bool = True) -> Iterator[dict[str, str]]:
    """The environment of a throw-away installation with empty servers and no sandbox."""
    with _folder(kind) as folder:
        kept = environment.load_secrets(folder / "secrets.json")
        product = environment.of_product(kept, "http://testserver", folder / "media", debug)
        with servers.running(folder, kept, is_durable) as addresses:
            yield environment.inherited(os.environ) | product | addresses


@contextmanager
def _folder(kind: str) -> Iterator[Path]:
    folder = private_folder(DEV) / f"{kind}-{os.getpid()}"
    with ExitStack() as held:
        # One critical section, so that nobody sweeps a folder between its making and its locking.
        with lock.queue(DEV / "sweep.lock"):
            _sweep()
            private_folder(folder)
            held.enter_context(lock.hold(folder / "lock", kind))
        try:
            yield folder
        finally:
            _remove(folder)


def _sweep() -> None:
    """Remove the folders of runs that were killed: nobody holds their lock."""
    for kind in _KINDS:
        for folder in DEV.glob(f"{kind}-*"):
            if lock.holder(folder / "lock") is None:
                _remove(folder)


def _remove(folder: Path) -> None:
    postgres.remove(folder)
    shutil.rmtree(folder, ignore_errors=True)
