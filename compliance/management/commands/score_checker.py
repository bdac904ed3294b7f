"""Score the checker on labelled messages, by language and rule. No database is needed."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from compliance import scoring
from compliance.engine.errors import EngineError
from compliance.meaning import doubts
from compliance.scoring import Judged

CASES = Path(settings.BASE_DIR) / "tests/compliance/cases"
ASIDE = "aside"
"""Cases in a folder of this name are scored and never shown."""
SHIFTS = (-0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.25)


class Command(BaseCommand):
    help = (
        "Score the checker on labelled messages (by default both halves of tests/compliance/cases): caught, leaked, let "
        "through, by language and by rule. Of a folder called “aside” only figures are shown."
    )
    requires_system_checks: list[str] = []  # noqa: RUF012 (Django's own form)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="*", metavar="PATH", help="files of cases, or folders with such")
        parser.add_argument("--misses", action="store_true", help="name what was judged otherwise")
        parser.add_argument(
            "--curve", action="store_true", help="leaked against let through, over the model's limits"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for path in map(Path, options["paths"] or (CASES / "open", CASES / ASIDE)):
            cases = _cases(path)
            self.stdout.write(f"\n== {path.name}: {len(cases)} messages")
            if options["curve"]:
                self._say_curve(cases)
                continue
            judged = _judged(cases)
            for line in scoring.lines(judged):
                self.stdout.write(line)
            if options["misses"] and ASIDE not in path.resolve().parts:
                self._say_misses(judged)

    def _say_misses(self, judged: list[Judged]) -> None:
        self.stdout.write("\nid  wanted  got  rules wanted  rules named")
        for one in judged:
            if not one.is_as_wanted:
                wanted, named = ",".join(sorted(one.rules)) or "-", ",".join(sorted(one.named)) or "-"
                self.stdout.write(f"{one.id}  {one.wanted}  {one.got}  {wanted}  {named}")

    def _say_curve(self, cases: list[dict[str, Any]]) -> None:
        self.stdout.write("limits    caught  leaked  let through")
        for shift in SHIFTS:
            with doubts.shifted(shift):
                found = scoring.figures(_judged(cases))
            values = (found["caught"], found["leaked"], found["let through"])
            self.stdout.write(f"{shift:+6.2f}  " + "  ".join(f"{value:8.3f}" for value in values))


def _cases(path: Path) -> list[dict[str, Any]]:
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    try:
        found = [json.loads(line) for file in files for line in _lines(file)]
    except (OSError, ValueError) as error:
        raise CommandError(f"{path}: {error}; name a file of cases, one JSON object a line.") from error
    if not found:
        raise CommandError(f"{path}: there are no cases in it; name a file or a folder with *.jsonl.")
    return found


def _lines(file: Path) -> Iterator[str]:
    return (line for line in file.read_text("utf-8").splitlines() if line.strip())


def _judged(cases: list[dict[str, Any]]) -> list[Judged]:
    try:
        return [scoring.judge(case) for case in cases]
    except (KeyError, EngineError) as error:
        raise CommandError(f"A case cannot be scored: {error!r}.") from error
