"""Check a text, or a file of cases, from the command line. No database is needed."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any, get_args

from django.core.management.base import BaseCommand, CommandError

from compliance.corpus_case import answer_line, answer_of, draft_of, visible_outcome
from compliance.engine.errors import EngineError
from compliance.engine.run import check
from compliance.engine.types import Draft, DraftStage, Finding, Fulfilment, Medium, Purpose
from compliance.rewriting import rewrite

STATUS = {"pass": 0, "review": 1, "block": 2}
UNREADABLE = 3


class Command(BaseCommand):
    help = (
        "Check FILE (or - for standard input) against Amazon's rules. Exit status: 0 pass, 1 review, 2 block, 3 unreadable. "
        "--jsonl reads cases from standard input, one JSON object a line, and writes one answer a line."
    )
    requires_system_checks: list[str] = []  # noqa: RUF012 (Django's own form)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", metavar="FILE", help="a text or HTML file, or -")
        parser.add_argument("--medium", choices=get_args(Medium), default="relay_email")
        parser.add_argument("--purpose", choices=get_args(Purpose), default="review_request")
        parser.add_argument(
            "--language", default="en-US", metavar="TAG", help="the buyer's language: en-US, de-DE"
        )
        parser.add_argument("--marketplace", default="US", metavar="STORE", help="two letters: US, DE, JP")
        parser.add_argument("--fulfilment", choices=get_args(Fulfilment), default="FBM")
        parser.add_argument("--stage", choices=get_args(DraftStage), default="rendered")
        parser.add_argument("--order-id", default="", metavar="ID")
        parser.add_argument("--subject", default="")
        parser.add_argument(
            "--html", action="store_true", help="the text is HTML whatever the file is called"
        )
        parser.add_argument("--json", action="store_true", help="answer as JSON")
        parser.add_argument(
            "--fix", action="store_true", help="print the text with the safe rewrites applied"
        )
        parser.add_argument("--jsonl", action="store_true", help="cases from standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["jsonl"]:
            self._answer_lines(sys.stdin.buffer)
        elif options["file"]:
            sys.exit(self._check_file(options))
        else:
            raise CommandError("Name a FILE, or - for standard input, or use --jsonl.", returncode=UNREADABLE)

    def _answer_lines(self, lines: Iterable[bytes]) -> None:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                self.stdout.write(json.dumps(answer_line(number, line), ensure_ascii=False))

    def _check_file(self, options: dict[str, Any]) -> int:
        body = _read(options["file"])
        try:
            draft = draft_of({**options, "body": body, "body_format": _format(options, body)})
        except EngineError as error:
            raise CommandError(str(error), returncode=UNREADABLE) from error
        report = check(draft)
        outcome = visible_outcome(report)
        if options["json"]:
            self.stdout.write(json.dumps(answer_of(options["file"], report), ensure_ascii=False, indent=2))
        elif not options["fix"]:
            self._say(outcome, [f for f in report.findings if not f.shadow], body)
        if options["fix"]:
            self._fix(draft, as_json=options["json"])
        return STATUS[outcome]

    def _say(self, outcome: str, findings: Iterable[Finding], body: str) -> None:
        for finding in sorted(findings, key=lambda f: (-f.outcome.rank, f.where, f.start)):
            place = (
                f"line {body.count(chr(10), 0, finding.start) + 1}"
                if finding.where == "body"
                else finding.where
            )
            words = f" “{finding.text:.80}”" if finding.text else ""
            self.stdout.write(
                f"{finding.outcome:<7} {finding.rule} ({place}){words}\n        {finding.message}"
            )
        self.stdout.write(outcome)

    def _fix(self, draft: Draft, *, as_json: bool) -> None:
        done = rewrite(draft)
        if not as_json:
            self.stdout.write(done.draft.body, ending="")
        count = len(done.applied)
        self.stderr.write(f"{count} rewrite{'' if count == 1 else 's'} applied; check the text again.")


def _read(name: str) -> str:
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return data.decode("utf-8-sig")
    except OSError as error:
        raise CommandError(
            f"{name}: {error.strerror}; name a file that can be read.", returncode=UNREADABLE
        ) from error
    except UnicodeDecodeError as error:
        remedy = f"byte {error.start + 1} is not UTF-8; save the file as UTF-8."
        raise CommandError(f"{name}: {remedy}", returncode=UNREADABLE) from error


def _format(options: dict[str, Any], body: str) -> str:
    is_html = options["html"] or options["file"].lower().endswith((".html", ".htm"))
    return "html" if is_html or (options["file"] == "-" and body.lstrip()[:1] == "<") else "text"
