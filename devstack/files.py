"""Small JSON files, written whole or not at all."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any


def write_private(path: Path, value: Any) -> None:
    """Readable by us alone (0600); a reader sees the old file or the new one, never a half."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(value, file, indent=1)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink()
        raise


def read(path: Path) -> dict[str, Any] | None:
    """The file's object; None where there is no file or where it is not JSON."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return value if isinstance(value, dict) else None
