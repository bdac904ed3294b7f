import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from devstack.console import Trouble
from devstack.processes import Crew, foreground

_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell children of our death")

# Prints the pid of a child of its own.
_PARENT = """
import subprocess, time
print(subprocess.Popen(["sleep", "60"]).pid, flush=True)
time.sleep(60)
"""
_DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", flush=True)
time.sleep(60)
"""
_SUPERVISOR = """
import os, sys, time
from pathlib import Path
from devstack.processes import Crew
crew = Crew(Path(sys.argv[1]))
print(crew.start("sleeper", ["sleep", "60"], os.environ).process.pid, flush=True)
time.sleep(60)
"""


def _python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def _first_line(log: Path) -> str:
    for _ in range(400):
        if log.exists() and (text := log.read_text()).endswith("\n"):
            return text.splitlines()[0]
        time.sleep(0.05)
    raise AssertionError(f"{log} stays empty")


def _is_gone(pid: int) -> bool:
    for _ in range(400):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{pid}/stat").exists() and _is_zombie(pid):
            return True
        time.sleep(0.05)
    return False


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


def test_children_and_their_children_end_with_the_block(tmp_path):
    with Crew(tmp_path) as crew:
        child = crew.start("parent", _python(_PARENT), os.environ)
        grandchild = int(_first_line(child.log))
    assert child.process.returncode is not None
    assert _is_gone(grandchild)


def test_child_that_does_not_listen_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr("devstack.processes.GRACE", 0.2)
    with Crew(tmp_path) as crew:
        child = crew.start("deaf", _python(_DEAF), os.environ)
        _first_line(child.log)
    assert child.process.returncode == -signal.SIGKILL


@_LINUX
def test_children_end_when_we_are_killed(tmp_path):
    with subprocess.Popen([*_python(_SUPERVISOR), tmp_path], stdout=subprocess.PIPE) as supervisor:
        child = int(supervisor.stdout.readline())
        supervisor.kill()
    assert _is_gone(child)


def test_child_that_ends_by_itself_is_reported_with_the_end_of_its_log(tmp_path):
    with Crew(tmp_path) as crew:
        child = crew.start("web", _python("import sys; sys.exit('port is taken')"), os.environ)
        child.process.wait()
        with pytest.raises(Trouble, match=r"web ended by itself \(status 1\)[\s\S]*port is taken"):
            crew.check()


def test_failing_step_stops_the_start_and_quotes_its_log(tmp_path):
    with (
        Crew(tmp_path) as crew,
        pytest.raises(Trouble, match=r"prepare failed with status 3[\s\S]*no such table"),
    ):
        crew.step("prepare", ["sh", "-c", "echo no such table; exit 3"], os.environ)


def test_step_does_not_wait_for_what_a_dead_server_cannot_give(tmp_path):
    with Crew(tmp_path) as crew:
        crew.start("postgres", ["sh", "-c", "exit 1"], os.environ)
        with pytest.raises(Trouble, match="postgres ended by itself"):
            crew.step("prepare", ["sleep", "60"], os.environ)


def test_finished_step_is_not_mistaken_for_a_dead_child(tmp_path):
    with Crew(tmp_path) as crew:
        crew.step("prepare", ["true"], os.environ)
        crew.check()


def test_foreground_command_passes_its_status_on():
    assert foreground(["sh", "-c", "exit 5"], os.environ) == 5


def test_foreground_command_ended_by_a_signal_answers_as_a_shell_does():
    assert foreground(["sh", "-c", "kill -TERM $$"], os.environ) == 128 + signal.SIGTERM
