"""The review desk at ten thousand open cases: from a decision to the next case's page, the lists, the queries they take.
And twenty reviewers at once on a thousand cases: none decided twice, none lost, none handed to two.

Rows are committed, as in life, and deleted afterwards.
"""

import re
import statistics
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import connections
from django.db.models import Count
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.database import connection
from accounts.models import AuditEntry, Membership, Seller, SellerDue, User
from accounts.roles import Role
from bench._meters import Request
from bench.figures import Figure, at_most
from compliance.drafts import draft_to_json, finding_to_json
from compliance.engine.types import Draft, Outcome
from compliance.models import AcceptedFinding, Case, Check, DeskDay, HandOut, SellerNote, Verdict
from compliance.services import checks, deciding, figures, holding
from compliance.services.deciding import Decision

_PREFIX = "bench-desk-"
_BODY = (
    "<p>Hello,</p><p>this is about your order {{ order_id }}. If something is not right, we will make it right.</p>"
    '<p>You can <a href="{{ review_url }}">write a review</a> of {{ product_title }}.</p>'
)
_LANGUAGES = ("en", "de", "fr")
GOAL = 200  # ms of server time


def run(small: bool = False) -> list[Figure]:
    open_cases, past, rounds = (1_000, 2_000, 10) if small else (10_000, 30_000, 40)
    reviewers, contested = (8, 100) if small else (20, 1_000)
    with _stage() as stage:
        stage.fill(200)
        stage.decide_past(40)
        figures.roll_up(timezone.now())
        few = _query_counts(stage)
        stage.fill(open_cases - 200)
        stage.decide_past(past)
        figures.roll_up(timezone.now())  # the tick's work
        _execute("VACUUM ANALYZE public.compliance_case")
        _execute("VACUUM ANALYZE public.compliance_verdict")
        told = [*_next(stage, rounds), *_lists(stage, rounds)]
        grown = sum(abs(n - few[name]) for name, n in _query_counts(stage).items())
        note = ", ".join(f"{name} {n}" for name, n in few.items())
        told.append(at_most("desk: queries more at full than at 200 open", grown, "queries", 0, note))
    with _stage() as stage:
        stage.fill(contested)
        told += _contest(stage, reviewers)
    return told


def _next(stage: "_Stage", rounds: int) -> list[Figure]:
    """By keyboard: the decision is sent, the following case is handed out and its page is drawn."""
    client, totals, decides, pages = stage.client, [], [], []
    case = client.post(reverse("desk_next")).url
    for _ in range(rounds):
        public_id = case.split("?")[0].rstrip("/").split("/")[-1]
        data = {"answer": "changes_requested", "seen": "0", "code": "204"}
        answer, decided = _timed(lambda i=public_id, d=data: client.post(reverse("desk_decide", args=[i]), d))
        case = answer.url
        page, drawn = _timed(lambda to=case: client.get(to))
        assert page.status_code == 200, page.status_code
        totals.append(_Taken(decided + drawn, decided.busy + drawn.busy))
        decides.append(decided), pages.append(drawn)
    note = (
        f"median of {rounds}, {_busy(totals)}; decide {_ms(decides):.0f}, page {_ms(pages):.0f}; "
        f"slowest {max(totals) * 1e3:.0f}"
    )
    return [
        at_most("desk: decision to the following case's page", _ms(totals), "ms", GOAL, note),
        at_most("desk: of that, 95 of 100 within", _p95(totals), "ms", GOAL),
    ]


def _lists(stage: "_Stage", rounds: int) -> list[Figure]:
    deep = ""
    for _ in range(60):
        deep = _later(stage, deep)
    asked = {
        "desk": (reverse("desk"), {}),
        "waiting": (reverse("desk_cases"), {}),
        "waiting, page 60": (reverse("desk_cases"), {"after": deep}),
        "one queue and language": (reverse("desk_cases"), {"queue": "new", "language": "fr"}),
        "search by title": (reverse("desk_cases"), {"q": "number 777"}),
        "search for nothing": (reverse("desk_cases"), {"q": "zzzz"}),
        "search by case": (reverse("desk_cases"), {"q": stage.some_id}),
        "decided": (reverse("desk_cases"), {"status": "approved"}),
        "late": (reverse("desk_cases"), {"late": "1"}),
        "audits": (reverse("desk_audits"), {}),
        "figures": (reverse("desk_figures"), {}),
        "figures of 90 days": (reverse("desk_figures"), {"days": "90"}),
    }
    taken = {
        name: [_timed(lambda u=url, q=query: stage.client.get(u, q))[1] for _ in range(rounds // 2)]
        for name, (url, query) in asked.items()
    }
    return [
        at_most(
            f"desk: {name}",
            _p95(times),
            "ms",
            GOAL,
            f"95 of 100 within; median {_ms(times):.0f}, {_busy(times)}",
        )
        for name, times in taken.items()
    ]


def _later(stage: "_Stage", place: str) -> str:
    """Where the page after this one begins; the last page leads to itself."""
    page = stage.client.get(reverse("desk_cases"), {"after": place}).content.decode()
    found = re.search(r'[?&;]after=([\w=-]+)"[^>]*>Later', page)
    return found[1] if found else place


def _query_counts(stage: "_Stage") -> Counter[str]:
    found: Counter[str] = Counter()
    case = stage.client.post(reverse("desk_next")).url
    pages = {
        "desk": reverse("desk"),
        "cases": reverse("desk_cases"),
        "case": case,
        "figures": reverse("desk_figures"),
    }
    for name, url in pages.items():
        with CaptureQueriesContext(connection) as queries:
            assert stage.client.get(url).status_code == 200
        found[name] = len(queries)
    return found


def _contest(stage: "_Stage", crowd: int) -> list[Figure]:
    """All begin at the same moment, each on a connection of their own, and work until nothing is left."""
    people = [stage.person(Role.REVIEWER) for _ in range(crowd)]
    start = threading.Barrier(crowd + 1)
    refused: list[str] = []

    def work(reviewer: User) -> None:
        start.wait()
        try:
            while (case := holding.hand_out(reviewer)) is not None:
                _decide_one(case, reviewer, refused)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    start.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    return _counted(stage, time.perf_counter() - began, crowd, refused)


def _decide_one(case: Case, reviewer: User, refused: list[str]) -> None:
    try:
        deciding.decide(case.pk, Decision(Verdict.Answer.APPROVED), reviewer=reviewer, now=timezone.now())
    except Exception as error:  # noqa: BLE001  # whatever it was is what the figure is about
        refused.append(repr(error))


def _counted(stage: "_Stage", seconds: float, crowd: int, refused: list[str]) -> list[Figure]:
    cases = Case.objects.filter(seller__in=stage.sellers)
    twice = cases.annotate(n=Count("verdicts", distinct=True)).filter(n__gt=1).count()
    handed = (
        HandOut.objects.filter(case__in=cases).values("case").annotate(n=Count("pk")).filter(n__gt=1).count()
    )
    lost = cases.filter(status=Case.Status.WAITING).count()
    busiest = max(Counter(Verdict.objects.filter(case__in=cases).values_list("reviewer", flat=True)).values())
    who = f"{crowd} reviewers, {cases.count():,} cases, {cases.count() / seconds:,.0f} decisions a second, busiest {busiest}"
    return [
        at_most("desk: cases decided twice", twice, "cases", 0, who),
        at_most("desk: cases handed to two", handed, "cases", 0),
        at_most("desk: cases lost", lost, "cases", 0),
        at_most("desk: refused decisions", len(refused), "", 0, "; ".join(sorted(set(refused))[:2])),
    ]


class _Stage:
    """Sellers without schemas, cases with a real text's findings, one lead with a browser."""

    def __init__(self) -> None:
        self.sellers = Seller.objects.bulk_create(
            Seller(
                slug=f"{_PREFIX}{n}",
                name=f"Bench {n}",
                schema_name=f"bench_desk_{n}",
                state=Seller.State.READY,
            )
            for n in range(200)
        )
        self.people: list[User] = []
        self.lead = self.person(Role.LEAD_REVIEWER)
        self.client = Client()
        self.client.force_login(self.lead)
        self.made = 0
        self._parts = [_part(language) for language in _LANGUAGES]
        self.some_id = ""

    def person(self, role: Role) -> User:
        made = User.objects.create_user(f"{uuid.uuid4().hex}@bench.example")
        Membership.objects.create(user=made, role=role)
        self.people.append(made)
        return made

    def fill(self, count: int) -> None:
        Case.objects.bulk_create((self._case(n) for n in range(self.made, self.made + count)), batch_size=500)
        self.made += count
        self.some_id = str(Case.objects.filter(seller__in=self.sellers).first().public_id)[:8]  # type: ignore[union-attr]
        SellerNote.objects.bulk_create(
            SellerNote(seller=seller, text="A note.", author=self.lead) for seller in self.sellers
        )

    def decide_past(self, count: int) -> None:
        now = timezone.now()
        cases = [self._case(self.made + n, now - timedelta(minutes=420 + n)) for n in range(count)]
        for case in cases:
            case.status, case.approval, case.decided_at, case.is_drawn = (
                Case.Status.DECIDED,
                "approved",
                now,
                False,
            )
        Case.objects.bulk_create(cases, batch_size=500)
        crowd = [self.person(Role.REVIEWER) for _ in range(20)]
        told = (self._verdict(case, crowd[n % 20], n) for n, case in enumerate(cases))
        Verdict.objects.bulk_create(told, batch_size=500)

    def _case(self, n: int, at: datetime | None = None) -> Case:
        came = at or timezone.now() - timedelta(seconds=n)
        subject = uuid.uuid4()
        return Case(
            seller=self.sellers[n % len(self.sellers)], subject=Case.Subject.TEMPLATE_VERSION, subject_id=subject,
            series_id=subject, title=f"Text number {n}", snapshot=self._parts[: 1 + n % 3], content_hash=uuid.uuid4().hex * 2,
            pack="bench", why=["Offers help only to those who complain."], purpose="review_request", medium="relay_email",
            languages=list(_LANGUAGES[: 1 + n % 3]), marketplaces=["US"], submitted_at=came, queued_at=came,
            due_at=came + timedelta(hours=4),
        )  # fmt: skip

    def _verdict(self, case: Case, reviewer: User, n: int) -> Verdict:
        at = case.submitted_at + timedelta(minutes=5 + n * 7 % 400)
        return Verdict(
            case=case, answer="rejected" if n % 5 == 0 else "approved", reviewer=reviewer, pack="bench",
            quoted=[f for part in self._parts[: 1 + n % 3] for f in part["findings"]],
            queued_at=case.queued_at, due_at=case.due_at, decided_at=at, effective_at=at, seconds=20,
        )  # fmt: skip

    def strike(self) -> None:
        ids = [seller.pk for seller in self.sellers]
        cases = Case.objects.filter(seller__in=ids)
        with connection.cursor() as cursor:
            cursor.execute("SET permitted.erasing = 'on'")
        for model, where in (
            (AcceptedFinding, {"seller__in": ids}), (HandOut, {"case__in": cases}), (Verdict, {"case__in": cases}),
            (SellerNote, {"seller__in": ids}), (Case, {"seller__in": ids}), (Check, {"seller__in": ids}),
            (AuditEntry, {"seller__in": ids}), (SellerDue, {"seller__in": ids}), (Seller, {"pk__in": ids}),
            (Membership, {"user__in": self.people}),
        ):  # fmt: skip
            model.objects.filter(**where)._raw_delete("default")  # type: ignore[attr-defined]  # no cascade to look for
        with connection.cursor() as cursor:
            cursor.execute("RESET permitted.erasing")
        DeskDay.objects.all().delete()  # summed anew by the tick
        User.objects.filter(pk__in=[person.pk for person in self.people]).delete()


@contextmanager
def _stage() -> Iterator[_Stage]:
    stage = _Stage()
    try:
        yield stage
    finally:
        stage.strike()


def _part(language: str) -> dict[str, object]:
    draft = Draft(
        "relay_email", "review_request", _BODY, language, "US", stage="template", subject="Order {{ order_id }}",
        body_format="html",
    )  # fmt: skip
    verdict = checks.judge(draft)
    doubts = [
        f for f in (*verdict.reasons, *verdict.advice) if f.outcome < Outcome.BLOCK
    ]  # a block would want two persons
    return {
        "draft": draft_to_json(draft),
        "findings": [finding_to_json(f) for f in doubts],
        "outcome": Outcome.REVIEW,
    }


def _timed(act: Callable[[], Any]) -> tuple[Any, "_Taken"]:
    meter, began = Request(), time.perf_counter()
    answer = act()
    return answer, _Taken(time.perf_counter() - began, meter.since())


class _Taken(float):
    """Seconds by the clock; `busy`: of a processor."""

    busy: float

    def __new__(cls, seconds: float, busy: float) -> "_Taken":
        made = super().__new__(cls, seconds)
        made.busy = busy
        return made


def _ms(times: Sequence[float]) -> float:
    return statistics.median(times) * 1e3


def _busy(times: Sequence[_Taken]) -> str:
    """Told beside the clock's time, which on a busy machine is mostly waiting."""
    return f"of a processor {statistics.median(t.busy for t in times) * 1e3:.0f}"


def _p95(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=20)[-1] * 1e3


def _execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
