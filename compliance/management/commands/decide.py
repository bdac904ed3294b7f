"""Decide a waiting case from the command line. The desk is where it is seen in full."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import User
from compliance import selectors
from compliance.errors import ComplianceError
from compliance.models import Case, Verdict
from compliance.services import review

ANSWERS = {
    "approve": Verdict.Answer.APPROVED,
    "change": Verdict.Answer.CHANGES_REQUESTED,
    "reject": Verdict.Answer.REJECTED,
}


class Command(BaseCommand):
    help = "List the texts that wait for a person, or decide one: manage.py decide CASE approve|change|reject --reason '…'"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "case", nargs="?", help="the case's id, as listed (a beginning that is unique is enough)"
        )
        parser.add_argument("answer", nargs="?", choices=sorted(ANSWERS))
        parser.add_argument("--reason", default="", help="what the author reads; needed unless you approve")
        parser.add_argument("--by", help="e-mail address of the reviewer")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["case"]:
            self._list()
        elif not options["answer"]:
            self._show(self._find(options["case"]))
        else:
            self._decide(options)

    def _list(self) -> None:
        cases = list(selectors.waiting_cases()[:50])
        for case in cases:
            self.stdout.write(
                f"{str(case.public_id)[:8]}  {case.submitted_at:%Y-%m-%d %H:%M}  {case.seller.name}: {case.title}"
            )
        self.stdout.write(
            f"{selectors.waiting_cases().count()} waiting." if cases else "Nothing waits for a person."
        )

    def _show(self, case: Case) -> None:
        for part in case.snapshot:
            draft = part["draft"]
            self.stdout.write(f"\n[{draft['language']}] {draft['subject']}\n{draft['body']}\n")
        for finding in review.holding_findings(case):
            self.stdout.write(f"{finding.outcome}: {finding.rule}: {finding.message} {finding.text!r}")

    def _decide(self, options: dict[str, Any]) -> None:
        case = self._find(options["case"])
        try:
            verdict = review.decide(
                case.pk,
                ANSWERS[options["answer"]],
                reviewer=self._reviewer(options["by"]),
                reason=options["reason"],
                now=timezone.now(),
            )
        except ComplianceError as error:
            raise CommandError(str(error)) from error
        waits = ", and waits for a second person" if verdict.awaits_second else ""
        self.stdout.write(f"{case.title}: {verdict.get_answer_display().lower()}{waits}.")

    def _find(self, beginning: str) -> Case:
        cases = [
            c for c in Case.objects.select_related("seller") if str(c.public_id).startswith(beginning.lower())
        ]
        if len(cases) != 1:
            raise CommandError(
                f"{len(cases)} cases begin with {beginning!r}; `manage.py decide` lists those that wait."
            )
        return cases[0]

    def _reviewer(self, email: str | None) -> User | None:
        if not email:
            return None
        try:
            return User.objects.get(email__iexact=email)
        except (User.DoesNotExist, ValidationError) as error:
            raise CommandError(f"Nobody here has the address {email}.") from error
