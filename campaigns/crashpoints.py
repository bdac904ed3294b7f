"""Named places where a test may kill the process. Without the environment's word each is a comparison and
nothing more.

`PERMITTED_CRASH_AT=name` kills at that place; `name:3` at the third visit. `PERMITTED_STOP_AT` stops
(SIGSTOP) instead, so that a test can let the lease run out and wake the process.
"""

import os
import signal

_visits: dict[str, int] = {}


def crashpoint(name: str) -> None:
    if "PERMITTED_CRASH_AT" in os.environ and _is_reached(os.environ["PERMITTED_CRASH_AT"], name):
        os.kill(os.getpid(), signal.SIGKILL)
    if "PERMITTED_STOP_AT" in os.environ and _is_reached(os.environ["PERMITTED_STOP_AT"], name):
        os.kill(os.getpid(), signal.SIGSTOP)


def _is_reached(wanted: str, name: str) -> bool:
    place, _, visit = wanted.partition(":")
    if place != name:
        return False
    _visits[name] = _visits.get(name, 0) + 1
    return _visits[name] == int(visit or 1)
