import json
import socket
import subprocess
import sys

import pytest

from devstack import files, kept, lock
from devstack.console import Trouble


@pytest.fixture
def dev(tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "DEV", tmp_path)
    for name, file in (("DEMO_LOCK", "demo.lock"), ("DEMO_ENV", "env.json"), ("PORTS", "ports.json")):
        monkeypatch.setattr(kept, name, tmp_path / file)
    return tmp_path


@pytest.fixture
def running_demo(dev):
    """Another process that holds the data as a demo does."""
    code = "import sys, time; from devstack import lock; from pathlib import Path\n"
    code += "with lock.hold(Path(sys.argv[1]), 'demo'): print('held', flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code, dev / "demo.lock"], stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        yield process
        process.kill()


def test_second_demo_is_refused_with_the_first_ones_address(dev, running_demo):
    files.write_private(dev / "env.json", {"SITE_URL": "http://127.0.0.1:8000"})
    with (
        pytest.raises(Trouble, match=f"pid {running_demo.pid}, http://127.0.0.1:8000.*run stop"),
        kept.held("demo"),
    ):
        pass


def test_fresh_start_leaves_locks_and_what_others_work_in(dev):
    for name in ("demo.lock", "sandbox.sqlite"):
        (dev / name).touch()
    for name in ("pg", "test-1", "test-2"):
        (dev / name).mkdir()
    (dev / "test-1" / "file").touch()
    with lock.hold(dev / "test-2" / "lock", "test"):
        kept.throw_away()
    assert sorted(path.name for path in dev.iterdir()) == ["demo.lock", "test-2"]


def test_fresh_start_does_not_follow_links(dev, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "precious").touch()
    (dev / "media").symlink_to(elsewhere)
    kept.throw_away()
    assert (elsewhere / "precious").exists()
    assert not (dev / "media").exists()


def test_web_port_that_is_taken_is_refused_by_number(dev):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Trouble, match=f"Port {port} is taken"):
            kept._ports(port)


def test_asked_port_is_for_once(dev):
    asked = kept.ports.pick()
    assert kept._ports(asked)["web"] == asked
    assert json.loads((dev / "ports.json").read_text())["web"] != asked
