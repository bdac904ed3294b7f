"""The desk's figures over the last days: whole days as they were summed, today as it is. Planted cases count for audits only."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from accounts.database import connection
from compliance.desk.tallies import Sums, Word, sums
from compliance.models import DeskDay

# The days asked for, each with its beginning and end: only their own rows are read, however far apart they are.
_DAYS = (
    "unnest(%(days)s::date[], %(since)s::timestamptz[], %(until)s::timestamptz[]) AS asked(day, since, until)"
)
# Answers of persons to the author that were not undone; `is_overturned`: a later one took its place.
_WORDS = f"""
SELECT asked.day, v.reviewer_id AS reviewer, v.answer LIKE 'approved%%' AS is_approval,
       extract(epoch FROM v.decided_at - v.queued_at)::float AS waited, v.seconds AS looked,
       coalesce(v.decided_at <= v.due_at, false) AS is_in_time, v.is_agreed, c.known_answer_id IS NOT NULL AS is_known,
       before.reviewer_id AS heard, c.languages,
       ARRAY(SELECT DISTINCT finding ->> 'rule' FROM jsonb_array_elements(v.quoted) AS finding) AS rules,
       EXISTS (SELECT FROM public.compliance_verdict k WHERE k.corrects_id = v.id AND k.answer <> 'undone' AND NOT EXISTS
           (SELECT FROM public.compliance_verdict u WHERE u.corrects_id = k.id AND u.answer = 'undone')) AS is_overturned
FROM {_DAYS} JOIN public.compliance_verdict v ON v.decided_at >= asked.since AND v.decided_at < asked.until
JOIN public.compliance_case c ON c.id = v.case_id LEFT JOIN public.compliance_verdict before ON before.id = v.about_id
WHERE v.reviewer_id IS NOT NULL AND NOT v.awaits_second
  AND v.answer IN ('approved', 'approved_limited', 'changes_requested', 'rejected')
  AND NOT EXISTS (SELECT FROM public.compliance_verdict u WHERE u.corrects_id = v.id AND u.answer = 'undone')
"""  # noqa: S608 (parts are constants)
_FLOW = f"""
SELECT asked.day,
       (SELECT count(*) FROM public.compliance_case c WHERE c.submitted_at >= asked.since AND c.submitted_at < asked.until
        AND c.known_answer_id IS NULL) AS submitted,
       (SELECT count(*) FROM public.compliance_case c WHERE c.submitted_at >= asked.since AND c.submitted_at < asked.until
        AND c.known_answer_id IS NULL AND c.why <> '[]') AS came,
       (SELECT count(*) FROM public.compliance_verdict v WHERE v.decided_at >= asked.since AND v.decided_at < asked.until
        AND v.reviewer_id IS NULL AND v.answer = 'approved') AS automatic
FROM {_DAYS}
"""  # noqa: S608 (parts are constants)


def span(days: int, now: datetime) -> list[date]:
    """The last so many days on the desk's calendar, today the last of them."""
    today = now.astimezone(_zone()).date()
    return [today - timedelta(days=n) for n in reversed(range(days))]


def by_day(days: Sequence[date]) -> dict[date, Sums]:
    """Each day's sums. One statement for the days that are stored, two more for those that are not, as a rule today alone."""
    stored = DeskDay.objects.filter(day__in=days, figures__isnull=False).values_list("day", "figures")
    known = {day: Sums.from_json(figures) for day, figures in stored if figures is not None}
    return {**known, **counted([day for day in days if day not in known])}


def counted(days: Sequence[date]) -> dict[date, Sums]:
    """The sums of these days from the verdicts themselves."""
    if not days:
        return {}
    parameters = {
        "days": list(days),
        "since": [_midnight(day) for day in days],
        "until": [_midnight(day, 1) for day in days],
    }
    words: dict[date, list[Word]] = {day: [] for day in days}
    for row in _dicts(_WORDS, parameters):
        day, languages, rules = row.pop("day"), row.pop("languages"), row.pop("rules")
        words[day].append(Word(**row, languages=tuple(languages), rules=tuple(rules)))
    flow = {row.pop("day"): row for row in _dicts(_FLOW, parameters)}
    return {day: sums(words[day], **flow[day]) for day in days}


def day_of(at: datetime) -> date:
    return at.astimezone(_zone()).date()


def _midnight(day: date, days_later: int = 0) -> datetime:
    return datetime.combine(day + timedelta(days=days_later), time.min, _zone())


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.REVIEW_TIMEZONE)


@dataclass(frozen=True)
class Backlog:
    """How long what waits has waited, in steps; each with its upper end in hours (None: no end)."""

    steps: tuple[tuple[str, int], ...]
    oldest_at: datetime | None
    late: int


_STEPS = (
    ("below 1 h", 1),
    ("1 to 4 h", 4),
    ("4 to 8 h", 8),
    ("8 to 24 h", 24),
    ("1 to 3 days", 72),
    ("longer", None),
)


def backlog(now: datetime) -> Backlog:
    lower, columns = 0, []
    for n, (_, upper) in enumerate(_STEPS):
        at_least = f"age >= {lower}"
        columns.append(f"count(*) FILTER (WHERE {at_least}{f' AND age < {upper}' if upper else ''}) AS s{n}")
        lower = upper or lower
    (row,) = _dicts(
        f"""SELECT {", ".join(columns)}, min(queued_at) AS oldest, count(*) FILTER (WHERE due_at < %(now)s) AS late
        FROM (SELECT queued_at, due_at, extract(epoch FROM %(now)s - queued_at) / 3600 AS age
              FROM public.compliance_case WHERE status = 'waiting') AS waiting""",  # noqa: S608 (parts are constants)
        {"now": now},
    )
    steps = tuple((name, row[f"s{n}"]) for n, (name, _) in enumerate(_STEPS))
    return Backlog(steps, row["oldest"], row["late"])


def _dicts(sql: str, parameters: dict[str, Any]) -> Iterator[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        names = [column.name for column in cursor.description]
        rows = cursor.fetchall()
    return (dict(zip(names, row, strict=True)) for row in rows)
