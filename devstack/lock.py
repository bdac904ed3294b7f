"""One holder at a time, by flock: the kernel lets go when the holder dies, so a left file bars nobody."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Holder:
    pid: int  # 0 while the holder has not yet written it
    purpose: str  # the command that holds, in one word


class Taken(Exception):
    """Someone else holds the lock; `holder` says who."""

    def __init__(self, holder: Holder) -> None:
        super().__init__(f"held by {holder.purpose} (pid {holder.pid})")
        self.holder = holder


@contextmanager
def hold(path: Path, purpose: str) -> Iterator[None]:
    """Hold `path` for the block. Raises Taken."""
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _lock(file):
            raise Taken(_read(path))
        os.truncate(file, 0)
        os.pwrite(file, f"{os.getpid()} {purpose}\n".encode(), 0)
        try:
            yield
        finally:
            os.truncate(file, 0)  # emptied, not deleted: that would race with the next holder
    finally:
        os.close(file)


@contextmanager
def queue(path: Path) -> Iterator[None]:
    """Like `hold`, but waits its turn."""
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)


def holder(path: Path) -> Holder | None:
    """Who holds `path` now; None where nobody does, whatever the file says."""
    try:
        file = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read(path)
    else:
        return None
    finally:
        os.close(file)


def _lock(file: int) -> bool:
    # A few tries: `holder` takes the lock for an instant to look.
    for _ in range(5):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.05)
        else:
            return True
    return False


def _read(path: Path) -> Holder:
    pid, _, purpose = path.read_text().strip().partition(" ")
    return Holder(int(pid) if pid.isdigit() else 0, purpose or "another command")
