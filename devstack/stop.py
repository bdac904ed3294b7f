"""`./run stop`: end this checkout's demo from elsewhere."""

import argparse
import os
import signal
import time
from collections.abc import Sequence

from devstack import lock
from devstack.console import Trouble, say
from devstack.places import DEMO_ENV, DEMO_LOCK
from devstack.processes import GRACE

# It ends its processes, then its servers, each within the grace.
_PATIENCE = 3 * GRACE


def run(arguments: Sequence[str]) -> int:
    """Raises Trouble when there is one that does not end."""
    argparse.ArgumentParser("./run stop", description=__doc__).parse_args(arguments)
    holder = lock.holder(DEMO_LOCK)
    if holder is None:
        DEMO_ENV.unlink(missing_ok=True)  # of one that was killed
        say("No demo runs in this checkout.")
        return 0
    _end(holder)
    say(f"Stopped the demo (pid {holder.pid}).")
    return 0


def _end(holder: lock.Holder) -> None:
    if holder.purpose != "demo" or not holder.pid:
        raise Trouble(f"No demo runs, but `{holder.purpose}` (pid {holder.pid}) uses its data: let it end.")
    # The kernel holds the lock for a living process only: this pid has not been given to another.
    os.kill(holder.pid, signal.SIGTERM)
    deadline = time.monotonic() + _PATIENCE
    while lock.holder(DEMO_LOCK) == holder:
        if time.monotonic() > deadline:
            raise Trouble(f"The demo (pid {holder.pid}) has not ended within {_PATIENCE:.0f} s.")
        time.sleep(0.1)
