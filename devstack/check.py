"""`./run check`: all that can be said about the code without running it. Every step runs, whatever fails."""

import argparse
import sys
import time
from collections.abc import Mapping, Sequence

from devstack import throwaway
from devstack.console import say
from devstack.processes import foreground

_STEPS = {
    "ruff check": ["-m", "ruff", "check", "."],
    "ruff format": ["-m", "ruff", "format", "--check", "."],
    "mypy": ["-m", "mypy"],
    "import contracts": [
        "-c",
        "from importlinter.cli import lint_imports_command as main; main()",
        "--no-logo",
    ],
    "migrations": ["manage.py", "makemigrations", "--check", "--dry-run"],
}


def run(arguments: Sequence[str]) -> int:
    """0 when every step succeeds, else 1."""
    argparse.ArgumentParser("./run check", description=__doc__).parse_args(arguments)
    # mypy's Django plugin loads the settings and makemigrations asks the database.
    with throwaway.installation("check") as env:
        failed = [name for name, step in _STEPS.items() if not _passes(name, step, env)]
    say(f"\nFailed: {', '.join(failed)}" if failed else "\nAll checks passed.")
    return 1 if failed else 0


def _passes(name: str, step: Sequence[str], env: Mapping[str, str]) -> bool:
    say(f"\n--- {name}")
    started = time.monotonic()
    status = foreground([sys.executable, *step], env)
    say(f"--- {name}: {'failed' if status else 'passed'} in {time.monotonic() - started:.1f} s")
    return status == 0
