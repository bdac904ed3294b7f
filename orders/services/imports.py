"""Taking in an uploaded "All orders" file: good lines in, bad lines reported, memory flat, and again with the same result.

Lines are staged in a temporary table, because an order's lines may stand anywhere in the file; then the
orders are stored from there, a thousand at a time, by the same statement that stores the API's pages.
"""

import logging
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Protocol

from django.conf import settings
from django.db import reset_queries, transaction
from django.utils import timezone

from accounts import due
from accounts.models import Seller, User
from accounts.tenancy import current_seller
from orders import allorders, textfile
from orders.allorders import BadHeader, BadLine, Layout, OrderLine
from orders.models import ImportProblem, OrderImport
from orders.services.staging import Stage, staging
from orders.services.upsert import Upserted, upsert_page

KIND = "orders.import"
PROBLEMS_KEPT = 1_000
LINES_AT_ONCE = 2_000
ORDERS_AT_ONCE = 1_000
#: No order has so many lines; a file that says so is broken, and all of them would be in memory at once.
MOST_LINES_AN_ORDER = 500
ATTEMPTS = 3
_log = logging.getLogger(__name__)
State = OrderImport.State


class UploadRefused(ValueError):
    """The file was not taken; the message says why and what to do."""


class Upload(Protocol):
    """What Django's UploadedFile offers."""

    size: int | None

    def chunks(self) -> Iterable[bytes]: ...


# -- taking a file


def accept_upload(file: Upload, name: str, user: User | None = None) -> OrderImport:
    """Keep an upload of the entered seller and have it read. Raises UploadRefused; nothing is kept then."""
    _check_size(file.size or 0)
    stored = _new_place()
    try:
        size = _copy(file.chunks(), stored)
        with stored.open("rb") as kept:
            textfile.find_encoding(kept)
        return _record(stored, name, size, user)
    except textfile.NotText as problem:
        stored.unlink(missing_ok=True)
        raise UploadRefused(str(problem)) from None
    except BaseException:
        stored.unlink(missing_ok=True)
        raise


def _record(stored: Path, name: str, size: int, user: User | None) -> OrderImport:
    with transaction.atomic():
        made = OrderImport.objects.create(
            file_name=Path(name).name[:200] or "orders.txt",
            stored_as=str(stored.relative_to(settings.MEDIA_ROOT)),
            size_bytes=size,
            uploaded_by_id=user.pk if user else None,
        )
        due.lower(current_seller().pk, KIND, timezone.now())
    return made


def _check_size(size: int) -> None:
    if size > settings.IMPORT_MAX_BYTES:
        most = settings.IMPORT_MAX_BYTES >> 20
        raise UploadRefused(
            f"The file is larger than {most} MB. Ask Amazon for a shorter period and upload the parts."
        )
    if not size:
        raise UploadRefused("The file is empty. Choose the file that Seller Central gave you.")


def _new_place() -> Path:
    folder: Path = settings.MEDIA_ROOT / "imports" / current_seller().schema_name
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / f"{secrets.token_hex(16)}.txt"


def _copy(chunks: Iterable[bytes], place: Path) -> int:
    size = 0
    with place.open("xb") as kept:
        place.chmod(0o600)
        for chunk in chunks:
            size += len(chunk)
            _check_size(size)
            kept.write(chunk)
    _check_size(size)
    return size


# -- reading it


def import_next(seller: Seller) -> datetime | None:
    """Read the entered seller's oldest waiting file; when the next one is due. May run twice."""
    waiting = OrderImport.objects.filter(state__in=(State.WAITING, State.RUNNING)).order_by("pk")
    found = waiting.first()
    if found:
        run_import(found)
    return timezone.now() if waiting.exists() else None


def run_import(found: OrderImport) -> OrderImport:
    """Read a kept file to its end and delete it. After a crash it is read again from the beginning, with the same result."""
    found.attempts += 1
    found.save(update_fields=["attempts"])
    place = Path(settings.MEDIA_ROOT) / found.stored_as
    try:
        with place.open("rb") as file:
            read_file(found, file)
    except FileNotFoundError:
        _refuse(found, "The uploaded file is no longer there. Upload it again.")
    except Exception:
        if found.attempts < ATTEMPTS:
            raise
        _log.exception("An order file could not be read", extra={"import_id": found.pk})
        _refuse(
            found,
            "The file could not be read; the fault is ours and is recorded. Try again later.",
        )
    if found.state in {State.DONE, State.REFUSED}:
        place.unlink(missing_ok=True)
    return found


def read_file(found: OrderImport, file: BinaryIO) -> OrderImport:
    """Read an open file into the entered seller's orders; progress and problems are kept on `found`."""
    _start(found)
    try:
        found.encoding = textfile.find_encoding(file)
        numbered = textfile.lines(file, found.encoding)
        where = _layout(numbered)
    except (textfile.NotText, BadHeader) as problem:
        return _refuse(found, str(problem))
    _Progress(found).read(numbered, where)
    found.state, found.finished_at = State.DONE, timezone.now()
    found.save()
    return found


def check_file(file: BinaryIO) -> OrderImport:
    """What an import would say, without storing anything: an unsaved OrderImport and its `lines_bad`, for --dry-run."""
    found = OrderImport(encoding=textfile.find_encoding(file))
    numbered = textfile.lines(file, found.encoding)
    where = _layout(numbered)
    for line in numbered:
        found.lines_read += 1
        found.lines_bad += isinstance(_read_line(line, where), ImportProblem)
    return found


def _start(found: OrderImport) -> None:
    for name in (
        "bytes_read",
        "lines_read",
        "lines_bad",
        "orders_new",
        "orders_changed",
        "orders_same",
        "items_in",
    ):
        setattr(found, name, 0)
    found.state, found.started_at, found.note = State.RUNNING, timezone.now(), ""
    with transaction.atomic():
        found.save()
        found.problems.all().delete()


def _refuse(found: OrderImport, note: str) -> OrderImport:
    found.state, found.note, found.finished_at = State.REFUSED, note[:400], timezone.now()
    found.save()
    return found


def _layout(numbered: Iterator[textfile.Line]) -> Layout:
    header = next(numbered, None)
    if header is None or header.text is None or not header.text.strip():
        raise BadHeader(
            "The file has no column names. Choose Seller Central's “All orders” report as it was downloaded."
        )
    return allorders.layout(header.text)


def _read_line(line: textfile.Line, where: Layout) -> OrderLine | ImportProblem:
    if line.text is None:
        return ImportProblem(line=line.number, reason=line.problem)
    try:
        return allorders.parse(line.text, where)
    except BadLine as problem:
        return ImportProblem(line=line.number, column=problem.column[:60], reason=problem.reason[:300])


@dataclass
class _Progress:
    """One reading of one file. Every step commits, so that people see it move."""

    found: OrderImport
    problems_kept: int = 0

    def read(self, numbered: Iterator[textfile.Line], where: Layout) -> None:
        with staging() as stage:
            while batch := list(islice(numbered, LINES_AT_ONCE)):
                self._take(batch, where, stage)
            self._drop_endless_orders(stage)
            for lines in stage.orders(ORDERS_AT_ONCE):
                self._store(lines)

    def _take(self, batch: list[textfile.Line], where: Layout, stage: Stage) -> None:
        good, bad = [], []
        for line in batch:
            if line.text is not None and not line.text.strip():
                continue
            taken = _read_line(line, where)
            bad.append(taken) if isinstance(taken, ImportProblem) else good.append((line.number, taken))
        stage.add(good)
        self._keep(bad)
        self.found.lines_read += len(good) + len(bad)
        self.found.bytes_read = min(batch[-1].end, self.found.size_bytes)
        self.found.save()

    def _keep(self, bad: list[ImportProblem]) -> None:
        room = max(0, PROBLEMS_KEPT - self.problems_kept)
        for problem in bad[:room]:
            problem.order_import = self.found
        ImportProblem.objects.bulk_create(bad[:room])
        self.problems_kept += min(room, len(bad))
        self.found.lines_bad += len(bad)

    def _drop_endless_orders(self, stage: Stage) -> None:
        reason = f"The order has more than {MOST_LINES_AN_ORDER} lines; the others were taken."
        for numbers in stage.drop_beyond(MOST_LINES_AN_ORDER):
            self._keep(
                [ImportProblem(line=number, column="amazon-order-id", reason=reason) for number in numbers]
            )

    def _store(self, orders: list[list[OrderLine]]) -> None:
        records = [allorders.order_of(lines) for lines in orders]
        with transaction.atomic():
            done = upsert_page(None, records, source="file")
            self._count(done, sum(len(record.items) for record in records))
            self.found.save()
        reset_queries()  # with DEBUG on, Django keeps every statement: hundreds of megabytes here

    def _count(self, done: Upserted, items: int) -> None:
        self.found.orders_new += done.new
        self.found.orders_changed += done.changed
        self.found.orders_same += done.same
        self.found.items_in += items
