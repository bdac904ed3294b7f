"""Make the database fit the code. Run it before the processes start, at every deployment; any number of
times, by any number of machines."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.management.commands.migrate import Command as Migrate
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from accounts import fuse, sealing
from accounts.database import connection
from accounts.models import Installation, Seller
from accounts.services import laggards, template_schema
from config.schedule import SCHEDULE, Tick

_LOCK = 7_301_002  # any number: one preparation at a time in a database
_OURS = "permitted: "  # names of schedule rows that this command may change


class Command(BaseCommand):
    help = "Migrate what lags, refresh the template for new sellers, write the schedule."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--arm",
            action="store_true",
            help="allow this deployment to send (a new installation is armed anyway)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        try:
            self._prepare(arm=options["arm"])
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])

    def _prepare(self, arm: bool) -> None:
        migrate_shared()
        self._refresh_template()
        self._migrate_sellers()
        self.stdout.write(write_schedule())
        _hold_hashing_key()
        if arm or _is_new():
            fuse.arm()
        self.stdout.write(
            "Armed: sending is on."
            if fuse.is_armed()
            else "Not armed: nothing is sent. See manage.py arm --help"
        )

    def _refresh_template(self) -> None:
        try:
            template_schema.refresh()
        except template_schema.DumpFailed as problem:
            self.stderr.write(
                f"New sellers are made by running the migrations, which takes seconds: {problem}"
            )

    def _migrate_sellers(self) -> None:
        result = laggards.migrate_laggards(self.stdout.write)
        self.stdout.write(f"Sellers: {result.current} current, {len(result.done)} migrated.")
        if result.failed:
            raise CommandError(f"Not migrated: {result.failed}. Mend the cause and run prepare again.")


def migrate_shared() -> None:
    """By Django's own command: the one django-tenants puts in its place closes the connection, and our lock
    with it."""
    connection.set_schema_to_public()
    call_command(Migrate(), interactive=False, verbosity=0)


def _is_new() -> bool:
    """Nobody has ever used this database: no seller, never armed."""
    return not Seller.objects.exists() and not fuse.was_ever_armed()


def _hold_hashing_key() -> None:
    """Notice that the last sealing key was lost before suppression lists stop matching."""
    mark = sealing.keyed_hash("mark", "installation")
    installation, _ = Installation.objects.get_or_create(id=1)
    if installation.hashing_key_mark not in {"", mark}:
        raise CommandError(
            "The last key of SEALING_KEYS is not the one this database was made with: suppression lists "
            "would match nobody. "
            "Put the old key back at the end of SEALING_KEYS."
        )
    Installation.objects.filter(id=1).update(hashing_key_mark=mark)


def write_schedule() -> str:
    """config/schedule.py into beat's tables. Rows of others stay; ours that are gone from the file go."""
    for tick in SCHEDULE:
        _write(tick)
    names = [_OURS + tick.task for tick in SCHEDULE]
    gone, _ = PeriodicTask.objects.filter(name__startswith=_OURS).exclude(name__in=names).delete()
    return f"Schedule: {len(names)} ticks" + (f", {gone} removed." if gone else ".")


def _write(tick: Tick) -> None:
    seconds = round(tick.every.total_seconds())
    every, _ = IntervalSchedule.objects.get_or_create(every=seconds, period=IntervalSchedule.SECONDS)
    wanted = {
        "task": tick.task,
        "interval": every,
        "expire_seconds": round(tick.expires.total_seconds()),
        "enabled": True,
    }
    row = PeriodicTask.objects.filter(name=_OURS + tick.task).first() or PeriodicTask(name=_OURS + tick.task)
    if row.pk is None or any(
        getattr(row, name) != value for name, value in wanted.items()
    ):  # a save makes beat read all anew
        for name, value in wanted.items():
            setattr(row, name, value)
        row.save()
