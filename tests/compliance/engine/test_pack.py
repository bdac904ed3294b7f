"""The rule pack's version."""

from compliance import pack


def tree(root, **files):
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_toml", ".toml").replace("_py", ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())


def test_version_changes_with_a_phrase_and_not_with_line_ends_or_other_files(tmp_path):
    tree(tmp_path, rules__a_py="x\n", rules__phrases__a_toml="[en]\n", engine__b_py="y\n")
    first = pack._digest(tmp_path)
    tree(tmp_path, rules__a_py="x\r\n", rules__notes="z", views_py="q")
    assert pack._digest(tmp_path) == first
    tree(tmp_path, rules__phrases__a_toml="[en]\ng = []\n")
    assert pack._digest(tmp_path) != first


def test_version_is_stable_within_a_process():
    assert pack.version() == pack.version()
    assert len(pack.version()) == 12
