"""`./run manage …`: manage.py on the demo's data, with the running demo's servers or else its own."""

import os
import sys
from collections.abc import Sequence

from devstack import environment, files, kept, lock
from devstack.places import DEMO_ENV, DEMO_LOCK
from devstack.processes import foreground


def run(arguments: Sequence[str]) -> int:
    """manage.py's exit status. Raises Trouble when another command uses the data without a demo."""
    command = [sys.executable, "manage.py", *arguments]
    running = _environment_of_demo()
    if running:
        return foreground(command, environment.inherited(os.environ) | running)
    # No sandbox: a command that speaks to Amazon wants a running demo.
    with kept.held("manage"), kept.installation() as env:
        return foreground(command, env)


def _environment_of_demo() -> dict[str, str] | None:
    holder = lock.holder(DEMO_LOCK)
    return files.read(DEMO_ENV) if holder and holder.purpose == "demo" else None
