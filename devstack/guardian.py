"""Outlives us to end what a kill -9 of us leaves behind: a worker stuck in its own shutdown, a test's own children.

What we start, and what that starts, carries our mark in its environment. The guardian reads a pipe that closes when
we end, however we do; whoever still carries the mark after the grace is killed. Linux only: it reads /proc.
"""

import os
import secrets
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

MARK = "DEVSTACK_RUN"


def post(grace: float) -> None:
    """Mark this process's children from now on, and start a guardian over them."""
    if sys.platform != "linux":
        return
    os.environ[MARK] = secrets.token_hex(16)
    # No environment, so that it does not carry the mark; no site-packages, so that it costs nothing.
    command = [sys.executable, "-I", "-S", __file__, f"{MARK}={os.environ[MARK]}", str(grace)]
    watch = subprocess.Popen(command, env={}, cwd="/", stdin=subprocess.PIPE, start_new_session=True)
    # Never waited for and never closed by us: it is to see our end.
    _posted.append(watch)


_posted: list[subprocess.Popen[bytes]] = []


def _guard(mark: bytes, grace: float) -> None:
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.SIG_IGN)
    sys.stdin.read()
    deadline = time.monotonic() + grace
    while (left := _marked(mark)) and time.monotonic() < deadline:
        time.sleep(0.1)
    while left:  # again, because one may have started another meanwhile
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.1)
        left = _marked(mark)


def _marked(mark: bytes) -> list[int]:
    pids = (int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit())
    return [pid for pid in pids if mark in _environment(pid)]


def _environment(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:  # gone, or somebody else's
        return []


if __name__ == "__main__":
    _guard(sys.argv[1].encode(), float(sys.argv[2]))
