"""How it stands with what a seller handed in: who must act, until when, what was said, and whether it can be appealed."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from accounts.models import Seller
from compliance.desk.permits import APPEAL_WITHIN, appeal_refusal
from compliance.models import Appeal, Case, Verdict


@dataclass(frozen=True)
class Standing:
    """`verdict` is the last answer that counts (None: none yet); `why_no_appeal` is empty where it can be appealed."""

    case: Case
    verdict: Verdict | None
    appeal: Appeal | None  # of that verdict, or the one now heard
    why_no_appeal: str
    appeal_until: datetime | None

    @property
    def is_waiting(self) -> bool:
        """A person will look at it; `expected_at` says by when. It says so too while a decision may still be undone."""
        return self.case.status == Case.Status.WAITING or (
            self.verdict is None and self.case.status != Case.Status.WITHDRAWN
        )

    @property
    def expected_at(self) -> datetime | None:
        return self.case.due_at if self.is_waiting else None


def standing_of(
    seller: Seller, subject_ids: Collection[uuid.UUID], now: datetime
) -> dict[uuid.UUID, Standing]:
    """By subject, of each subject's newest case. Three statements, whatever the number."""
    cases: dict[uuid.UUID, Case] = {}
    rows = Case.objects.filter(seller=seller, subject_id__in=subject_ids).defer("snapshot")
    for case in rows.order_by("submitted_at", "pk"):
        cases[case.subject_id] = case
    standings = standing_of_cases(list(cases.values()), now)
    return {subject: standings[case.pk] for subject, case in cases.items()}


def standing_of_cases(cases: Collection[Case], now: datetime) -> dict[int, Standing]:
    """By case, of one or more of a subject. Two statements, whatever the number."""
    pks = [case.pk for case in cases]
    rows = Verdict.objects.standing().filter(case_id__in=pks).select_related("about")
    verdicts = {v.case_id: v for v in rows.order_by("pk")}
    appeals = {a.verdict_id: a for a in Appeal.objects.filter(verdict__case_id__in=pks)}
    heard = {a.case_id: a for a in appeals.values()}
    return {
        case.pk: _standing(case, verdicts.get(case.pk), appeals, heard.get(case.pk), now) for case in cases
    }


def _standing(
    case: Case, verdict: Verdict | None, appeals: dict[int, Appeal], heard: Appeal | None, now: datetime
) -> Standing:
    if verdict is None:
        return Standing(case, None, heard, "There is no answer yet.", None)
    of_case = [pk for pk, appeal in appeals.items() if appeal.case_id == case.pk]
    refused = appeal_refusal(
        answer=verdict.answer, is_last=case.status != Case.Status.WAITING, is_of_appeal=verdict.answers_appeal(of_case),
        is_appealed=verdict.pk in appeals, effective_at=verdict.effective_at, now=now,
    )  # fmt: skip
    until = None if refused else verdict.effective_at + APPEAL_WITHIN
    return Standing(case, verdict, appeals.get(verdict.pk) or heard, str(refused or ""), until)
