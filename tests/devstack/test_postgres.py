import os
import subprocess
import sys

import pytest

from devstack import postgres
from devstack.console import Trouble
from devstack.identity import Identity


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "pg"
    folder.mkdir()
    return folder


@pytest.fixture
def living_server(data):
    """A process with a server's arguments, which the system shows only once it has begun."""
    code = "import time; print(flush=True); time.sleep(60)"
    command = [sys.executable, "-c", code, "-D", str(data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        yield process
        process.kill()


def _write_pid(data, pid: int) -> None:
    (data / "postmaster.pid").write_text(f"{pid}\n{data}\n1700000000\n21000\n")


def test_pid_file_of_a_dead_server_is_removed(data):
    ended = subprocess.Popen(["true"])
    ended.wait()
    _write_pid(data, ended.pid)
    postgres._clear_stale_pid(data)
    assert not (data / "postmaster.pid").exists()


def test_pid_that_went_to_another_program_does_not_bar_the_start(data):
    _write_pid(data, os.getpid())
    postgres._clear_stale_pid(data)
    assert not (data / "postmaster.pid").exists()


def test_pid_file_of_a_living_server_stays(data, living_server, monkeypatch):
    monkeypatch.setattr(postgres, "_FAREWELL", 0.0)
    _write_pid(data, living_server.pid)
    with pytest.raises(Trouble, match=f"pid {living_server.pid}"):
        postgres._clear_stale_pid(data)
    assert (data / "postmaster.pid").exists()


def test_data_of_another_major_version_is_refused_with_a_way_out(data):
    (data / "PG_VERSION").write_text("15\n")
    cluster = postgres._Cluster(data, "18.4", Identity(data.parent), "pw", is_durable=True)
    with pytest.raises(Trouble, match=r"PostgreSQL 15 made the data, this is 18\.4.*--fresh"):
        postgres._expect_same_version(cluster)


def test_pg_dump_lies_beside_the_server():
    assert (postgres.binaries() / "pg_dump").exists()
