"""The desk's first page, the list of cases, the list of canned reasons."""

from itertools import groupby
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import requires
from accounts.paging import page_of, page_oldest_first, searched
from accounts.roles import Permission
from compliance.desk import reasons
from compliance.desk.queues import QUEUES, open_to
from compliance.engine.phrases import LANGUAGES
from compliance.selectors import desk as selectors
from compliance.services import calendar, holding
from compliance.views.desk.common import is_lead, language_name, page, undoable, user_of

FILTERS = ("q", "status", "queue", "language", "late")


@require_GET
@requires(Permission.REVIEW)
def desk(request: HttpRequest) -> HttpResponse:
    now, me = timezone.now(), user_of(request)
    midnight = now.astimezone(ZoneInfo(settings.REVIEW_TIMEZONE)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    lines = selectors.queue_lines(now)
    mine = set(open_to(is_lead(request)))
    context = page(
        lines=lines,
        open_queues=mine,
        waiting=sum(line.count for line in lines if line.queue in mine),
        late=sum(line.late for line in lines),
        held=holding.held(me),
        today=selectors.today_of(me, midnight),
        skipped=selectors.skipped_by(me, now - holding.SKIPPED_FOR),
        is_open=calendar.current().is_open(now),
        undo=undoable(request, now),
        overdue=selectors.cases({"late": "1"}, now).order_by("due_at")[:8] if is_lead(request) else (),
    )
    return render(request, "review/desk.html", context)


@require_GET
@requires(Permission.REVIEW)
def list_cases(request: HttpRequest) -> HttpResponse:
    """What waits is shown due first, what is decided newest first."""
    filters = searched(request.GET, *FILTERS)
    filters["status"] = filters["status"] or ("waiting" if not filters["q"] else "")
    rows = selectors.cases(filters, timezone.now())
    if filters["status"] == "waiting" or filters["late"]:
        found = page_oldest_first(rows, "due_at", request.GET)
    else:
        found = page_of(rows, "submitted_at", request.GET)
    context = page(
        page=found,
        filters=filters,
        is_filtered=any(request.GET.get(name) for name in FILTERS),
        statuses=[(value, title) for value, (title, _) in selectors.STATUSES.items()],
        queues=[(queue.value, kind.title) for queue, kind in QUEUES.items()],
        languages=sorted(((code, language_name(code)) for code in LANGUAGES), key=lambda item: item[1]),
    )
    return render(request, "review/cases.html", context)


@require_GET
@requires(Permission.REVIEW)
def list_reasons(request: HttpRequest) -> HttpResponse:
    wanted = searched(request.GET, "q")["q"].lower()
    fitting = [
        r for r in reasons.every() if not r.is_retired and wanted in f"{r.code} {r.title} {r.text}".lower()
    ]
    chapters = [(title, list(group)) for title, group in groupby(fitting, key=lambda r: r.chapter)]
    return render(request, "review/reasons.html", page(chapters=chapters, wanted=wanted))
