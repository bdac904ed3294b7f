"""The desk's figures over the last days: a handful of statements. Planted cases count for audits only."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from accounts.database import connection

# Words of persons that answer the author and were not undone; `was_overturned`: a later one took their place.
_WORDS = """
WITH word AS (
    SELECT v.id, v.answer, v.reviewer_id, v.decided_at, v.queued_at, v.due_at, v.seconds, v.quoted, v.about_id, v.is_agreed,
           c.languages, c.known_answer_id, c.submitted_at, v.answer LIKE 'approved%%' AS is_approval,
           extract(epoch FROM v.decided_at - v.queued_at) AS waited,
           EXISTS (SELECT FROM public.compliance_verdict k WHERE k.corrects_id = v.id AND k.answer <> 'undone' AND NOT EXISTS
               (SELECT FROM public.compliance_verdict u WHERE u.corrects_id = k.id AND u.answer = 'undone')) AS was_overturned
    FROM public.compliance_verdict v JOIN public.compliance_case c ON c.id = v.case_id
    WHERE v.decided_at >= %(since)s AND v.reviewer_id IS NOT NULL AND NOT v.awaits_second
      AND v.answer IN ('approved', 'approved_limited', 'changes_requested', 'rejected')
      AND NOT EXISTS (SELECT FROM public.compliance_verdict u WHERE u.corrects_id = v.id AND u.answer = 'undone')
), told AS (SELECT * FROM word WHERE known_answer_id IS NULL)
"""
_MEASURES = """
    count(*) AS decided, percentile_cont(0.5) WITHIN GROUP (ORDER BY waited) AS median,
    percentile_cont(0.95) WITHIN GROUP (ORDER BY waited) AS p95, count(*) FILTER (WHERE decided_at <= due_at) AS in_time,
    count(*) FILTER (WHERE NOT is_approval) AS sent_back, count(*) FILTER (WHERE was_overturned) AS overturned
"""


@dataclass(frozen=True)
class Row:
    """One line of a table. Times in seconds; `median` and `p95` are of the time from queue to decision."""

    name: str
    decided: int
    median: float | None
    p95: float | None
    in_time: int
    sent_back: int
    overturned: int
    more: dict[str, Any]


def totals(since: datetime) -> Row:
    sql = f"{_WORDS} SELECT '' AS name, {_MEASURES} FROM told"  # noqa: S608 (parts are constants)
    return _rows(sql, since=since)[0]


def by_day(since: datetime) -> list[Row]:
    """On the desk's calendar; days without a decision are absent."""
    day = "to_char(decided_at AT TIME ZONE %(zone)s, 'YYYY-MM-DD')"
    return _rows(
        f"{_WORDS} SELECT {day} AS name, {_MEASURES} FROM told GROUP BY 1 ORDER BY 1",  # noqa: S608 (parts are constants)
        since=since, zone=settings.REVIEW_TIMEZONE,
    )  # fmt: skip


def by_reviewer(since: datetime) -> list[Row]:
    """`known`, `known_found`: texts with a known answer, and those judged right; `audited`, `agreed` alike."""
    return _rows(
        f"""{_WORDS}, scored AS (
            SELECT reviewer_id, count(*) AS known, count(*) FILTER (WHERE is_agreed) AS known_found
            FROM word WHERE known_answer_id IS NOT NULL GROUP BY 1
        ), heard AS (
            SELECT before.reviewer_id, count(*) AS audited, count(*) FILTER (WHERE w.is_agreed) AS agreed
            FROM told w JOIN public.compliance_verdict before ON before.id = w.about_id WHERE w.is_agreed IS NOT NULL GROUP BY 1
        ), each AS (
            SELECT reviewer_id, {_MEASURES}, percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS looked FROM told GROUP BY 1
        )
        SELECT coalesce(nullif(u.name, ''), u.email) AS name, each.*, coalesce(known, 0) AS known,
               coalesce(known_found, 0) AS known_found, coalesce(audited, 0) AS audited, coalesce(agreed, 0) AS agreed
        FROM each JOIN public.accounts_user u ON u.id = each.reviewer_id
        LEFT JOIN scored ON scored.reviewer_id = each.reviewer_id LEFT JOIN heard ON heard.reviewer_id = each.reviewer_id
        ORDER BY decided DESC, name""",  # noqa: S608 (parts are constants)
        since=since,
    )


def by_language(since: datetime) -> list[Row]:
    """A case in several languages counts for each."""
    return _rows(
        f"{_WORDS} SELECT language AS name, {_MEASURES} FROM told, unnest(languages) language GROUP BY 1 ORDER BY 2 DESC, 1",  # noqa: S608 (parts are constants)
        since=since,
    )


def by_rule(since: datetime) -> list[Row]:
    """Of the rules that sent a text to a person: how often the person let it be is how precise the rule is."""
    rule = "SELECT DISTINCT finding ->> 'rule' AS rule FROM jsonb_array_elements(told.quoted) AS finding"
    return _rows(
        f"{_WORDS} SELECT rule AS name, {_MEASURES} FROM told, LATERAL ({rule}) held GROUP BY 1 ORDER BY 2 DESC, 1",  # noqa: S608 (parts are constants)
        since=since,
    )


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


@dataclass(frozen=True)
class Flow:
    """What was submitted, how much of it needed no person, and how many second looks said the same."""

    submitted: int
    automatic: int
    audits: int
    agreed: int


def flow(since: datetime) -> Flow:
    (row,) = _dicts(
        """SELECT (SELECT count(*) FROM public.compliance_case
                   WHERE submitted_at >= %(since)s AND known_answer_id IS NULL) AS submitted,
               count(*) FILTER (WHERE v.reviewer_id IS NULL AND v.answer = 'approved') AS automatic,
               count(*) FILTER (WHERE v.is_agreed IS NOT NULL AND c.known_answer_id IS NULL) AS audits,
               count(*) FILTER (WHERE v.is_agreed AND c.known_answer_id IS NULL) AS agreed
        FROM public.compliance_verdict v JOIN public.compliance_case c ON c.id = v.case_id WHERE v.decided_at >= %(since)s""",
        {"since": since},
    )
    return Flow(**row)


def arrivals(since: datetime) -> dict[str, int]:
    """Cases that needed a person, by the day they came."""
    rows = _dicts(
        """SELECT to_char(submitted_at AT TIME ZONE %(zone)s, 'YYYY-MM-DD') AS day, count(*) AS n
        FROM public.compliance_case WHERE submitted_at >= %(since)s AND why <> '[]' AND known_answer_id IS NULL GROUP BY 1""",
        {"since": since, "zone": settings.REVIEW_TIMEZONE},
    )
    return {row["day"]: row["n"] for row in rows}


_OWN = ("name", "decided", "median", "p95", "in_time", "sent_back", "overturned")


def _rows(sql: str, **parameters: Any) -> list[Row]:
    return [
        Row(**{name: row[name] for name in _OWN}, more={k: v for k, v in row.items() if k not in _OWN})
        for row in _dicts(sql, parameters)
    ]


def _dicts(sql: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
