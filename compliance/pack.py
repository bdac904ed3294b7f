"""The rule pack's version: changes exactly when a rule, its phrases, the suspicion model or the engine beneath them changes."""

import functools
import hashlib
from pathlib import Path

_HERE = Path(__file__).parent
_PARTS = ("engine", "meaning", "rules")
_KINDS = frozenset({".py", ".toml", ".bin"})


@functools.cache
def version() -> str:
    """Twelve hex digits, stable for the life of the process and the same on every machine."""
    return _digest(_HERE)


def _digest(root: Path) -> str:
    digest = hashlib.sha256()
    for path in _files(root):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0")
        digest.update(path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()[:12]


def _files(root: Path) -> list[Path]:
    found = (path for part in _PARTS for path in (root / part).rglob("*") if path.suffix in _KINDS)
    return sorted(found, key=lambda path: path.relative_to(root).as_posix())
