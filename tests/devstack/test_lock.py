import os
import signal
import subprocess
import sys

import pytest

from devstack import lock
from devstack.lock import Holder

_HOLD = "import sys, time; from devstack import lock; from pathlib import Path\n"
_HOLD += "with lock.hold(Path(sys.argv[1]), 'demo'): print('held', flush=True); time.sleep(60)"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "demo.lock"


@pytest.fixture
def other_process(path):
    """Holds the lock until it is killed."""
    with subprocess.Popen([sys.executable, "-c", _HOLD, path], stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        yield process
        process.kill()


def test_second_holder_is_told_who_the_first_is(path, other_process):
    with pytest.raises(lock.Taken) as refused, lock.hold(path, "manage"):
        pass
    assert refused.value.holder == Holder(other_process.pid, "demo")


def test_lock_of_a_killed_process_is_free(path, other_process):
    other_process.send_signal(signal.SIGKILL)
    other_process.wait()
    assert path.read_text().startswith(str(other_process.pid))
    assert lock.holder(path) is None
    with lock.hold(path, "demo"):
        assert lock.holder(path) == Holder(os.getpid(), "demo")


def test_lock_is_free_after_the_block_even_when_it_fails(path):
    with pytest.raises(ZeroDivisionError), lock.hold(path, "demo"):
        1 / 0  # noqa: B018
    assert lock.holder(path) is None


def test_looking_does_not_disturb_the_holder(path, other_process):
    assert lock.holder(path) == lock.holder(path) == Holder(other_process.pid, "demo")


def test_lock_that_was_never_taken_is_free(path):
    assert lock.holder(path) is None


def test_holder_that_has_not_yet_signed_is_still_a_holder(path, other_process):
    path.write_text("")
    assert lock.holder(path) == Holder(0, "another command")
