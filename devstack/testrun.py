"""The commands that work on a throw-away installation: `./run test` and `./run bench`."""

import signal
import sys
from collections.abc import Sequence

from devstack import throwaway
from devstack.processes import foreground

# As Ctrl-C: both then end their own children (the sandbox, workers) in order. SIGTERM would leave them.
_FAREWELL = signal.SIGINT


def test(arguments: Sequence[str]) -> int:
    """pytest's exit status."""
    with throwaway.installation("test") as env:
        return foreground([sys.executable, "-m", "pytest", *arguments], env, _FAREWELL)


def bench(arguments: Sequence[str]) -> int:
    """Figures are for a disk that keeps its promises, and without Django's record of every query."""
    with throwaway.installation("bench", is_durable=True, debug=False) as env:
        return foreground([sys.executable, "-m", "bench", *arguments], env, _FAREWELL)
