import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from devstack import guardian

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the guardian reads /proc")

# Starts what survives the ordinary farewell: deaf to it, and in a session of its own.
_SUPERVISOR = """
import subprocess, sys, time
from devstack import guardian
guardian.post(grace=0.2)
deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
print(subprocess.Popen([sys.executable, "-c", deaf], start_new_session=True).pid, flush=True)
time.sleep(60)
"""


def _is_marked(pid: int, mark: bytes) -> bool:
    return mark in guardian._environment(pid)


def _ends(pid: int, mark: bytes) -> bool:
    for _ in range(400):
        if not _is_marked(pid, mark):
            return True
        time.sleep(0.05)
    return False


def _mark_of(pid: int) -> bytes:
    return next(entry for entry in guardian._environment(pid) if entry.startswith(guardian.MARK.encode()))


def test_what_survives_our_kill_is_killed_too():
    with subprocess.Popen([sys.executable, "-c", _SUPERVISOR], stdout=subprocess.PIPE) as supervisor:
        survivor = int(supervisor.stdout.readline())
        mark = _mark_of(survivor)
        supervisor.kill()
    assert _ends(survivor, mark)


def test_processes_of_others_carry_no_mark_of_ours():
    assert os.getpid() not in guardian._marked(b"DEVSTACK_RUN=" + b"0" * 32)


def test_process_that_is_gone_carries_nothing():
    ended = subprocess.Popen(["true"])
    ended.wait()
    assert guardian._environment(ended.pid) == []


def test_guardian_needs_nothing_installed():
    """It starts with neither environment nor site-packages."""
    source = Path(guardian.__file__).read_text()
    assert "from devstack" not in source
