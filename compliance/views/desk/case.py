"""The case's page: everything a decision needs, and the keys that make it."""

import uuid
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts import answers
from accounts.access import requires
from accounts.roles import Permission
from compliance.desk import permits, reasons, trust
from compliance.desk.permits import Action, Hold
from compliance.errors import DeskError
from compliance.models import Appeal, Case, Verdict
from compliance.selectors import desk as selectors
from compliance.selectors import records, twins
from compliance.services import holding
from compliance.views.desk import shown
from compliance.views.desk.common import find, is_lead, page, undoable, user_of


@require_GET
@requires(Permission.REVIEW)
def one_case(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    return case_page(request, find(case))


def case_page(
    request: HttpRequest, case: Case, *, refused: DeskError | None = None, status: int = 200
) -> HttpResponse:
    """The page; after a refused decision with what was typed still in it. Notes about one's own seller are not shown."""
    me = user_of(request)
    if holding.belongs_to(me, case):
        return answers.forbidden(
            request, PermissionError("You belong to this seller, so its cases are not shown to you.")
        )
    now = timezone.now()
    situation = holding.situation(holding.seen(case), me)
    before = selectors.last_approved(case)
    verdicts = selectors.verdicts_of(case)
    context = page(
        case=case, parts=shown.parts_of(case, before), before=before, verdicts=verdicts, seen=len(verdicts),
        is_mine=situation.hold is Hold.MINE and case.status == Case.Status.WAITING,
        why_not=permits.refusal(Action.TAKE, situation), held_by=case.leased_to if situation.hold is Hold.OTHERS else None,
        is_lapsed=situation.hold is Hold.LAPSED, lead=is_lead(request), undo=undoable(request, now),
        alike=twins.waiting_alike(case).count() if case.queue == "new" else 0,
        last=_last(verdicts), appeals=_appeals(case), refused=refused, typed=_typed(request),
        chapters=_chapters(), **_about_seller(case, now),
    )  # fmt: skip
    return render(request, "review/case.html", context, status=status)


def _about_seller(case: Case, now: datetime) -> dict[str, Any]:
    record = records.record_of(case.seller, now)
    return {
        "record": record,
        "trust": trust.judge(record),
        "incidents": records.incidents_of(case.seller),
        "notes": records.notes_of(case.seller),
        "others": selectors.others_of_seller(case),
    }


def _appeals(case: Case) -> QuerySet[Appeal]:
    return case.appeals.select_related("made_by", "verdict").order_by("pk")


def _last(verdicts: list[Verdict]) -> Verdict | None:
    """The last answer to the author."""
    undone = {v.corrects_id for v in verdicts if v.answer == Verdict.Answer.UNDONE}
    final = [v for v in verdicts if v.answer in Verdict.FINAL and not v.awaits_second and v.pk not in undone]
    return final[-1] if final else None


def _typed(request: HttpRequest) -> dict[str, Any]:
    """What a refused form held."""
    data = request.POST
    return {
        "answer": data.get("answer", ""),
        "words": data.get("words", ""),
        "given": data.getlist("given"),
        "code": data.get("code", ""),
        "marketplaces": data.getlist("marketplaces"),
        "volume": data.get("volume", ""),
        "until": data.get("until", ""),
    }


def _chapters() -> list[tuple[str, list[reasons.Reason]]]:
    offered = [r for r in reasons.every() if not r.is_retired]
    return [
        (title, [r for r in offered if r.code // 100 == number]) for number, title in reasons.CHAPTERS.items()
    ]
