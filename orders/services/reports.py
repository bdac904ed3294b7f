"""Reports: what the Orders API does not tell. Asked for, waited for without sleeping, read as a stream, applied in batches.

Twice a day a connection, staggered. "Nothing new" and "asked too soon" both come as CANCELLED, so neither
moves the period that counts as read. (Reports API and its traps: Amazon's model and guides, read 2026-11-23.)
"""

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from zlib import crc32

from django.conf import settings
from django.utils import timezone

from accounts.models import Connection, Seller
from accounts.services import connections
from amazon import reports as api
from amazon.client import SellingPartner
from amazon.errors import AmazonError, Outcome
from amazon.regions import MARKETPLACES
from orders.models import ReportRun, SyncCursor
from orders.reporting import KINDS, Fact, Headed, ReportKind, headed
from orders.services.observed import apply_facts

KIND = "orders.reports"
EVERY = timedelta(hours=12)
LONGEST = timedelta(days=30)
GIVEN_UP_AFTER = timedelta(hours=24)
BATCH = 1_000
SANDBOX_EVERY, SANDBOX_LOOK = timedelta(minutes=5), timedelta(seconds=3)
_log = logging.getLogger(__name__)
State = ReportRun.State


def read_seller(seller: Seller, now: datetime | None = None) -> datetime | None:
    """One step of every report of the entered seller's connections; when the next is due. May run twice."""
    now = now or timezone.now()
    links = [link for link in Connection.objects.filter(seller=seller).order_by("pk") if link.is_usable]
    return min((_step_connection(link, now) for link in links), default=None)


def _step_connection(link: Connection, now: datetime) -> datetime:
    if not SyncCursor.objects.filter(pk=link.pk).exclude(complete_until_at=None).exists():
        # Facts are written onto orders: those must be there first.
        return now + (SANDBOX_LOOK if settings.SANDBOX_URL else timedelta(minutes=2))
    return min(_step(link, kind, now) for kind in KINDS)


def _step(link: Connection, kind: ReportKind, now: datetime) -> datetime:
    """Ask, look or read, whichever it is time for. Errors move the connection's health and the next step."""
    run = ReportRun.objects.filter(connection_id=link.pk, report_type=kind.name).order_by("-asked_at").first()
    due_at = _due_at(run, now)
    if due_at > now:
        return due_at
    try:
        partner = connections.selling_partner(link)
        if run is None or run.state != State.ASKED:
            return _ask(partner, link, kind, now)
        return _look(partner, link, kind, run, now)
    except AmazonError as error:
        return _failed(link, kind, run, error, now)


def _due_at(run: ReportRun | None, now: datetime) -> datetime:
    if run is None:
        return now
    if run.state != State.ASKED:
        return run.asked_at + _every(run)
    return run.asked_at + sum((_look_after(look) for look in range(1, run.looks + 2)), timedelta())


def _every(run: ReportRun) -> timedelta:
    """Twelve hours and up to one more, different for each connection and report, so that they do not all come at once."""
    if settings.SANDBOX_URL:
        return SANDBOX_EVERY
    return EVERY + timedelta(seconds=crc32(f"{run.connection_id} {run.report_type}".encode()) % 3_600)


def _look_after(look: int) -> timedelta:
    return SANDBOX_LOOK if settings.SANDBOX_URL else api.next_look(look)


def _ask(partner: SellingPartner, link: Connection, kind: ReportKind, now: datetime) -> datetime:
    start_at = _read_until(link, kind, now)
    report_id = api.create(partner, kind.name, sorted(link.marketplace_ids), start_at, now)
    run = ReportRun.objects.create(
        connection_id=link.pk,
        report_type=kind.name,
        report_id=report_id,
        data_from_at=start_at,
        data_until_at=now,
        asked_at=now,
    )
    return _due_at(run, now)


def _read_until(link: Connection, kind: ReportKind, now: datetime) -> datetime:
    """Where the next period begins: before the last one really read, by as much as Amazon may add to it later."""
    read = ReportRun.objects.filter(connection_id=link.pk, report_type=kind.name, state=State.READ)
    last = read.order_by("-data_until_at").values_list("data_until_at", flat=True).first()
    return max(last - kind.overlap, now - LONGEST) if last else now - LONGEST


def _look(
    partner: SellingPartner, link: Connection, kind: ReportKind, run: ReportRun, now: datetime
) -> datetime:
    report = api.get(partner, run.report_id)
    if not report.status.is_final:
        return _wait(run, now)
    if report.status is api.Status.DONE and report.document_id:
        rows = _read(partner, link, kind, report.document_id, now)
        return _finish(run, State.READ, now, rows_read=rows)
    if report.status is api.Status.CANCELLED:
        return _finish(run, State.NO_NEWS, now, note="Nothing new since the last time.")
    return _finish(
        run,
        State.FAILED,
        now,
        note="Amazon could not make this report; it is asked for again at the next turn.",
    )


def _wait(run: ReportRun, now: datetime) -> datetime:
    if now - run.asked_at > GIVEN_UP_AFTER:
        return _finish(run, State.FAILED, now, note="Amazon did not finish this report within a day.")
    run.looks += 1
    run.save(update_fields=["looks"])
    return max(_due_at(run, now), now + SANDBOX_LOOK)


def _finish(run: ReportRun, state: State, now: datetime, rows_read: int = 0, note: str = "") -> datetime:
    run.state, run.finished_at, run.rows_read, run.note = state, now, rows_read, note[:400]
    run.save(update_fields=["state", "finished_at", "rows_read", "note"])
    return max(_due_at(run, now), now + SANDBOX_LOOK)


def _read(
    partner: SellingPartner, link: Connection, kind: ReportKind, document_id: str, now: datetime
) -> int:
    """Apply the document batch by batch; the number of rows. A stream that breaks off is read anew from its beginning."""
    is_japanese = "A1VC38T7YXB528" in link.marketplace_ids
    lines = api.download(partner, api.document(partner, document_id), "cp932" if is_japanese else "cp1252")
    found = headed(kind, api.rows(lines))
    count = 0
    for batch in _batches(_facts(link, kind, found, now)):
        apply_facts(batch)
        count += len(batch)
    return count


def _facts(link: Connection, kind: ReportKind, found: Headed, now: datetime) -> Iterator[Fact]:
    countries = tuple(MARKETPLACES[m].country for m in link.marketplace_ids if m in MARKETPLACES)
    for row in found:
        fact = kind.read(row, countries, now)
        if fact:
            yield fact


def _batches(facts: Iterable[Fact]) -> Iterator[list[Fact]]:
    rest = iter(facts)
    while batch := list(islice(rest, BATCH)):
        yield batch


def _failed(
    link: Connection, kind: ReportKind, run: ReportRun | None, error: AmazonError, now: datetime
) -> datetime:
    """A report we may not have is no fault of the connection; it is asked for again at the next turn."""
    connections.note_error(link.pk, error)
    if error.outcome in {Outcome.NOT_NOW, Outcome.RETRY, Outcome.UNKNOWN}:
        return now + (error.retry_after or timedelta(minutes=2))
    values = {"state": State.FAILED, "note": error.sentence[:400], "finished_at": now}
    if run and run.state == State.ASKED:
        ReportRun.objects.filter(pk=run.pk).update(**values)
    else:
        ReportRun.objects.create(
            connection_id=link.pk,
            report_type=kind.name,
            data_from_at=now,
            data_until_at=now,
            asked_at=now,
            **values,
        )
    return now + (SANDBOX_EVERY if settings.SANDBOX_URL else EVERY)
