"""`./run lock`: bring requirements.lock into line with pyproject.toml. Needs uv.

Pins that still fit stay; `./run lock --upgrade` or `--upgrade-package django` moves them (options go to uv).
"""

import os
import re
import shutil
import subprocess
from collections.abc import Sequence

from devstack.console import Trouble
from devstack.places import ROOT

_COMPILE = ["uv", "pip", "compile", "--no-config", "--universal", "--generate-hashes"]
# No addresses in the file: each machine installs from the index it is set to.
_PLAIN = ["--no-annotate", "--no-emit-index-url", "--no-header"]
_WHAT = ["--group", "pyproject.toml:embedded", "--group", "pyproject.toml:dev", "pyproject.toml"]


def run(arguments: Sequence[str]) -> int:
    if not shutil.which("uv"):
        raise Trouble(
            "uv is not here. Install it in an environment of its own and put its bin folder on PATH."
        )
    # A machine's own index must not decide what is locked for all.
    env = {
        name: value for name, value in os.environ.items() if not re.match(r"UV_.*INDEX|UV_FIND_LINKS", name)
    }
    command = [*_COMPILE, *_PLAIN, *_WHAT, "-o", "requirements.lock", *arguments]
    return subprocess.run(command, check=False, cwd=ROOT, env=env, stdout=subprocess.DEVNULL).returncode
