"""The door, read as a module: it has no .py ending."""

import ast
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from types import ModuleType

import pytest

from devstack.places import ROOT


@pytest.fixture
def door(tmp_path, monkeypatch) -> ModuleType:
    """`run`, looking at an environment in a temporary folder."""
    spec = spec_from_loader("door", SourceFileLoader("door", str(ROOT / "run")))
    module = module_from_spec(spec)
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    spec.loader.exec_module(module)
    module.LOCK, module.PYTHON, module.STAMP = (tmp_path / name for name in ("lock", "python", "stamp"))
    module.LOCK.write_text("django==5.2\n")
    return module


def _finish_set_up(door: ModuleType) -> None:
    door.PYTHON.touch(mode=0o755)
    door.STAMP.write_text(door.wanted())


def test_finished_environment_is_ready(door):
    _finish_set_up(door)
    assert door.is_ready()


def test_interrupted_set_up_is_not_ready(door):
    door.PYTHON.touch(mode=0o755)
    assert not door.is_ready()


def test_changed_lock_is_noticed(door):
    _finish_set_up(door)
    door.LOCK.write_text("django==5.3\n")
    assert not door.is_ready()
    assert door.is_whole()


def test_environment_whose_interpreter_is_gone_is_made_anew(door):
    _finish_set_up(door)
    door.PYTHON.unlink()
    door.PYTHON.symlink_to("/nowhere/python3")
    assert not door.is_whole()


def test_python_settings_of_the_shell_are_left_behind(door, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example/simple")
    kept = door.clean_environment()
    assert "PYTHONPATH" not in kept
    assert "PIP_INDEX_URL" in kept


def test_old_python_can_read_it_to_look_for_a_new_one():
    ast.parse((ROOT / "run").read_text(), feature_version=(3, 5))


def test_lock_names_no_host_and_hashes_everything():
    """Each machine installs from the index it is set to."""
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    pinned = [line for line in lock.splitlines() if line and not line.startswith((" ", "#"))]
    assert all("==" in line and line.endswith("\\") for line in pinned)
