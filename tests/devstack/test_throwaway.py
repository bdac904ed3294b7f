import pytest

from devstack import lock, throwaway


@pytest.fixture
def dev(tmp_path, monkeypatch):
    monkeypatch.setattr(throwaway, "DEV", tmp_path)
    return tmp_path


def test_folder_is_gone_after_the_command(dev):
    with throwaway._folder("test") as folder:
        (folder / "pg").mkdir()
    assert not folder.exists()


def test_folder_of_a_killed_command_is_swept_and_a_living_ones_is_not(dev):
    for name in ("test-1", "bench-2"):
        (dev / name).mkdir()
        (dev / name / "lock").touch()
    with lock.hold(dev / "bench-2" / "lock", "bench"), throwaway._folder("check"):
        pass
    assert {path.name for path in dev.iterdir() if path.is_dir()} == {"bench-2"}


def test_kept_data_is_never_swept(dev):
    (dev / "pg").mkdir()
    with throwaway._folder("test"):
        pass
    assert (dev / "pg").exists()
