"""The desk's figures, as charts that are drawn here and tables that say the same."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import requires
from accounts.roles import Permission
from compliance.desk.charts import Chart, chart
from compliance.selectors import figures as selectors
from compliance.selectors.figures import Backlog, Row
from compliance.views.desk.common import is_lead, language_name, page

SPANS = (7, 30, 90)


@require_GET
@requires(Permission.REVIEW)
def figures(request: HttpRequest) -> HttpResponse:
    now, days = timezone.now(), _days(request)
    since = now - timedelta(days=days)
    by_day = selectors.by_day(since)
    waiting = selectors.backlog(now)
    context = page(
        days=days, spans=SPANS, totals=selectors.totals(since), flow=selectors.flow(since), backlog=waiting,
        charts=[*_over_time(by_day, selectors.arrivals(since), since, now), _ages(waiting)],
        reviewers=selectors.by_reviewer(since) if is_lead(request) else _only(selectors.by_reviewer(since), request),
        languages=[(language_name(row.name), row) for row in selectors.by_language(since)],
        rules=selectors.by_rule(since), lead=is_lead(request),
    )  # fmt: skip
    return render(request, "review/figures.html", context)


def _only(rows: list[Row], request: HttpRequest) -> list[Row]:
    """A reviewer sees their own line; the others' are the leads'."""
    return [row for row in rows if row.more["reviewer_id"] == request.user.pk]


def _days(request: HttpRequest) -> int:
    wanted = request.GET.get("days", "")
    return int(wanted) if wanted in {str(span) for span in SPANS} else 30


def _over_time(rows: list[Row], came: dict[str, int], since: datetime, now: datetime) -> list[Chart]:
    known = {row.name: row for row in rows}
    days = _calendar_days(since, now)
    times: list[tuple[str, Any]] = [(_day(d), _times(known.get(d))) for d in days]
    counts: list[tuple[str, Any]] = [
        (_day(d), (came.get(d, 0), known[d].decided if d in known else 0)) for d in days
    ]
    return [
        chart("Time to decision, in minutes", ("Median", "95th percentile"), times, unit="min", divide=60),
        chart("In and out, cases a day", ("Came in", "Decided"), counts),
    ]


def _times(row: Row | None) -> tuple[float | None, float | None]:
    return (row.median, row.p95) if row else (None, None)


def _ages(waiting: Backlog) -> Chart:
    return chart("Age of what waits, in cases", ("Waiting",), [(name, (n,)) for name, n in waiting.steps])


def _calendar_days(since: datetime, now: datetime) -> list[str]:
    zone = ZoneInfo(settings.REVIEW_TIMEZONE)
    first, last = since.astimezone(zone).date(), now.astimezone(zone).date()
    return [str(first + timedelta(days=n)) for n in range((last - first).days + 1)]


def _day(name: str) -> str:
    return f"{date.fromisoformat(name):%-d %b}"
