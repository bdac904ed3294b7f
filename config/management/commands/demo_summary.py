"""Wait until the demo's pipeline is quiet, then say what happened. Exit status 0 only if the ledger agrees."""

import json
import sys
import time
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.core.management.base import BaseCommand

from config.demo import summary

_QUIET_FOR = 2  # looks in a row: between two stages nothing is due for a moment


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--wait",
            type=int,
            default=0,
            metavar="SECONDS",
            help="at most this long for the pipeline to fall quiet",
        )
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: Any, **options: Any) -> None:
        self._wait(options["wait"])
        found = summary.take()
        self.stdout.write(
            json.dumps(found.as_json(), indent=2, ensure_ascii=False)
            if options["as_json"]
            else in_words(found)
        )
        sys.exit(1 if found.disagreements else 0)

    def _wait(self, seconds: int) -> None:
        until, quiet = time.monotonic() + seconds, 0
        while quiet < _QUIET_FOR and time.monotonic() < until:
            time.sleep(1)
            quiet = quiet + 1 if summary.is_quiet() else 0
        if seconds and quiet < _QUIET_FOR:
            self.stderr.write(f"Still working after {seconds} s; the figures are a snapshot.")


def in_words(found: summary.Summary) -> str:
    lines = [
        f"Orders synced: {found.orders_synced}",
        f"Sent: {_listed(found.sent)}",
        f"Planned for later: {found.planned}",
        f"Skipped: {_listed(found.skipped)}",
        f"Blocked by a rule: {_listed(found.blocked)}",
        f"Held: {_listed(found.held)}",
        f"Refused by Amazon: {_listed(found.refused)}",
        f"Too late: {found.expired}",
        f"Uncertain: {found.uncertain}",
        f"Calls to Amazon: {_listed(found.amazon_calls)}",
        f"Orders contacted twice: {found.duplicates}",
    ]
    verdict = (
        "; ".join(found.disagreements)
        if found.disagreements
        else "The sandbox's ledger agrees with the database."
    )
    return "\n".join([*lines, verdict])


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {n}" for name, n in sorted(counts.items(), key=lambda pair: -pair[1])) or "none"
