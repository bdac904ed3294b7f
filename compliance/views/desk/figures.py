"""The desk's figures, as charts that are drawn here and tables that say the same."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import requires
from accounts.models import User
from accounts.roles import Permission
from compliance.desk.charts import Chart, chart
from compliance.desk.measures import Column, Measure, lines, percent, share
from compliance.desk.tallies import Sums, Tally
from compliance.selectors import figures as selectors
from compliance.selectors.figures import Backlog
from compliance.templatetags.desk import seconds
from compliance.views.desk.common import is_lead, language_name, page

SPANS = (7, 30, 90)
#: Of a longer span a bar is a week.
_MOST_BARS = 31


@require_GET
@requires(Permission.REVIEW)
def figures(request: HttpRequest) -> HttpResponse:
    now, days = timezone.now(), _days(request)
    by_day = selectors.by_day(selectors.span(days, now))
    spells, whole, waiting = _spells(by_day), _together(by_day.values()), selectors.backlog(now)
    context = page(
        days=days, spans=SPANS, totals=whole.all, flow=whole, backlog=waiting, lead=is_lead(request),
        charts=[*_over_time(spells, "day" if len(spells) == days else "week"), _ages(waiting)],
        reviewers=lines(_reviewers(whole, request), _REVIEWER),
        languages=lines(_named(whole, "language", language_name), _LANGUAGE),
        rules=lines(_named(whole, "rule", str), _RULE),
    )  # fmt: skip
    return render(request, "review/figures.html", context)


def _days(request: HttpRequest) -> int:
    wanted = request.GET.get("days", "")
    return int(wanted) if wanted in {str(span) for span in SPANS} else 30


def _together(many: Any) -> Sums:
    whole = Sums()
    for one in many:
        whole.add(one)
    return whole


@dataclass(frozen=True)
class _Spell:
    """What a bar stands for: a day, or a week named by its first."""

    label: str
    came: int
    tally: Tally


def _spells(by_day: dict[date, Sums]) -> list[_Spell]:
    days = sorted(by_day)
    step = 1 if len(days) <= _MOST_BARS else 7
    # Counted from the end, so that the last week is whole.
    starts = range((len(days) - step) % step, len(days), step)
    return [_spell([by_day[day] for day in days[n : n + step]], f"{days[n]:%-d %b}") for n in starts]


def _spell(sums: Sequence[Sums], label: str) -> _Spell:
    tally = Tally()
    for one in sums:
        tally.add(one.all)
    return _Spell(label, sum(one.came for one in sums), tally)


# --- charts -----------------------------------------------------------------------------------------------------------

_overturned = share(lambda t: t.overturned, lambda t: t.decided)
_agreed = share(lambda t: t.agreed, lambda t: t.audited)
_sent_back = share(lambda t: t.sent_back, lambda t: t.decided)
_known = share(lambda t: t.known_found, lambda t: t.known)


def _over_time(spells: Sequence[_Spell], each: str) -> list[Chart]:
    def groups(*measures: Measure) -> list[tuple[str, Sequence[float | None]]]:
        return [(spell.label, [measure(spell.tally) for measure in measures]) for spell in spells]

    flow: list[tuple[str, Sequence[float | None]]] = [(s.label, (s.came, s.tally.decided)) for s in spells]
    return [
        chart("Time to decision, in minutes", ("Median", "95th percentile"), groups(_median, _p95), unit="min", divide=60),
        chart(f"In and out, cases a {each}", ("Came in", "Decided"), flow),
        chart("Overturned, of 100 decisions", ("Overturned",), groups(_overturned), unit="%"),
        chart("Second looks that agreed, of 100", ("Agreed",), groups(_agreed), unit="%", top=100),
    ]  # fmt: skip


def _median(tally: Tally) -> float | None:
    return tally.median


def _p95(tally: Tally) -> float | None:
    return tally.p95


def _ages(waiting: Backlog) -> Chart:
    return chart("Age of what waits, in cases", ("Waiting",), [(name, (n,)) for name, n in waiting.steps])


# --- tables -----------------------------------------------------------------------------------------------------------


def _timed(title: str, measure: Measure) -> Column:
    return Column(title, measure, lambda tally: seconds(measure(tally)))


_DECIDED = Column("Decided", lambda t: t.decided, lambda t: f"{t.decided:,}")
_MEDIAN, _P95 = _timed("Median", _median), _timed("95 of 100 within", _p95)
_OVERTURNED = Column("Overturned", _overturned, percent(_overturned))
_SENT_BACK = Column("Sent back", _sent_back, percent(_sent_back), 100)
_AGREED = Column("Audits agreed", _agreed, lambda t: f"{t.agreed} of {t.audited}" if t.audited else "–", 100)
_KNOWN = Column("Known found", _known, lambda t: f"{t.known_found} of {t.known}" if t.known else "–", 100)
_REVIEWER = (
    _DECIDED, _timed("Median look", lambda t: t.median_look), _MEDIAN, _P95, _SENT_BACK, _OVERTURNED, _AGREED, _KNOWN,
)  # fmt: skip
_LANGUAGE = (_DECIDED, _MEDIAN, _P95, _SENT_BACK, _OVERTURNED, _AGREED)
_RULE = (
    Column("Held", lambda t: t.decided, lambda t: f"{t.decided:,}"), _MEDIAN, _P95,
    Column("Right", _sent_back, percent(_sent_back), 100), _OVERTURNED, _AGREED,
)  # fmt: skip


def _reviewers(whole: Sums, request: HttpRequest) -> list[tuple[str, str, Tally]]:
    """A reviewer sees their own line; the others' are the leads'."""
    shown = whole.tallies["reviewer"]
    if not is_lead(request):
        shown = {key: tally for key, tally in shown.items() if key == str(request.user.pk)}
    names = User.objects.in_bulk([int(key) for key in shown])
    return _ordered([(key, str(names.get(int(key), "Somebody")), tally) for key, tally in shown.items()])


def _named(whole: Sums, kind: str, name: Callable[[str], str]) -> list[tuple[str, str, Tally]]:
    return _ordered([(key, name(key), tally) for key, tally in whole.tallies[kind].items()])


def _ordered(rows: list[tuple[str, str, Tally]]) -> list[tuple[str, str, Tally]]:
    return sorted(rows, key=lambda row: (-row[2].decided, row[1]))
