"""Who PostgreSQL runs as: it refuses to be root."""

import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from devstack.console import Trouble
from devstack.places import ROOT

_NAMESPACE = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]


@dataclass(frozen=True)
class Identity:
    folder: Path  # where this identity can keep its files
    prefix: list[str] = field(default_factory=list)  # goes before the command
    options: dict[str, Any] = field(default_factory=dict)  # goes to subprocess
    owner: tuple[str, str] | None = None  # user and group that must own the files

    def own(self, path: Path) -> None:
        if self.owner:
            shutil.chown(path, *self.owner)


def choose(folder: Path, program: Path) -> Identity:
    """How to run `program` on files in `folder` (elsewhere where root must be `nobody`). Raises Trouble."""
    if os.geteuid() != 0:
        return Identity(folder)
    # A user namespace of one uid satisfies PostgreSQL without touching any file's owner or mode.
    if _works([*_NAMESPACE, "true"]):
        return Identity(folder, prefix=_NAMESPACE)
    return _as_nobody(folder, program)


def _as_nobody(folder: Path, program: Path) -> Identity:
    """Where user namespaces are forbidden. `nobody` can seldom enter the checkout: files go to /var/tmp."""
    group = "nogroup" if _works(["getent", "group", "nogroup"]) else "nobody"
    options = {"user": "nobody", "group": group, "extra_groups": []}
    if not _works([str(program), "--version"], **options):
        raise Trouble(
            "PostgreSQL refuses to run as root, user namespaces are forbidden here, and `nobody` cannot\n"
            f"read {program}. Run as an ordinary user, or set DATABASE_URL to a PostgreSQL server."
        )
    home = Path("/var/tmp") / f"permitted-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]}"  # noqa: S108
    home.mkdir(mode=0o755, exist_ok=True)
    if home.stat().st_uid != 0:
        raise Trouble(f"{home} belongs to somebody else: remove it")
    inside = home / folder.name
    inside.mkdir(mode=0o755, exist_ok=True)
    return Identity(inside, options=options, owner=("nobody", group))


def _works(command: list[str], **options: Any) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False, cwd="/", **options).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False
