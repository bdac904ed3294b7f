import pytest

from devstack import files


def test_value_comes_back(tmp_path):
    files.write_private(tmp_path / "a.json", {"b": 1})
    assert files.read(tmp_path / "a.json") == {"b": 1}


def test_value_that_cannot_be_written_leaves_the_old_file_and_nothing_else(tmp_path):
    files.write_private(tmp_path / "a.json", {"b": 1})
    with pytest.raises(TypeError):
        files.write_private(tmp_path / "a.json", {"b": object()})
    assert files.read(tmp_path / "a.json") == {"b": 1}
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


@pytest.mark.parametrize("content", ["", "{", "[1]"])
def test_file_that_is_no_object_reads_as_none(tmp_path, content):
    (tmp_path / "a.json").write_text(content)
    assert files.read(tmp_path / "a.json") is None


def test_missing_file_reads_as_none(tmp_path):
    assert files.read(tmp_path / "a.json") is None
