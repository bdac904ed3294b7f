"""From a posted form to a Decision. What cannot be read is refused in words."""

import contextlib
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import QueryDict

from compliance.desk.reasons import Given, UnknownReason, find
from compliance.errors import AnswerMissing, LimitsWrong, UnknownCanned
from compliance.models import Case, Verdict
from compliance.services.deciding import Decision
from compliance.services.recording import Limits
from compliance.views.desk.shown import given_from

_MOST_MESSAGES = 2_000_000_000  # what the column holds


def decision_from(data: QueryDict, case: Case) -> Decision:
    """Raises a DeskError naming what to mend."""
    answer = data.get("answer", "")
    if answer not in {*Verdict.FINAL, Verdict.Answer.ESCALATED}:
        raise AnswerMissing
    sends_back = answer in (Verdict.Answer.CHANGES_REQUESTED, Verdict.Answer.REJECTED)
    return Decision(
        Verdict.Answer(answer),
        data.get("words", "").replace("\0", "")[:4_000],
        _given(data, case) if sends_back else (),
        _limits(data) if answer == Verdict.Answer.APPROVED_LIMITED else Limits(),
    )


def _given(data: QueryDict, case: Case) -> list[Given]:
    values = [*data.getlist("given"), *filter(None, [data.get("code", "")])]
    found = [given_from(value, case) for value in values]
    for value, given in zip(values, found, strict=True):
        try:
            find(given.code if given else 0)
        except UnknownReason as unknown:
            raise UnknownCanned(value) from unknown
    return [given for given in found if given]


def _limits(data: QueryDict) -> Limits:
    return Limits(
        tuple(sorted(data.getlist("marketplaces"))),
        _volume(data.get("volume", "")),
        _until(data.get("until", "")),
    )


def _volume(typed: str) -> int | None:
    if not typed.strip():
        return None
    with contextlib.suppress(ValueError):
        count = int(typed)
        if 0 <= count <= _MOST_MESSAGES:
            return count
    raise LimitsWrong(f"“{typed[:20]}” is no number of messages. Write a whole number, such as 500.")


def _until(typed: str) -> datetime | None:
    """The end of that day on the desk's clock."""
    if not typed.strip():
        return None
    try:
        day = date.fromisoformat(typed.strip())
    except ValueError:
        raise LimitsWrong(f"“{typed[:20]}” is no day. Write it as 2026-12-31.") from None
    return datetime.combine(day, time.max, ZoneInfo(settings.REVIEW_TIMEZONE))
