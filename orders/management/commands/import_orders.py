"""`manage.py import_orders FILE --seller SLUG [--dry-run]`: take in Seller Central's "All orders" file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Seller
from accounts.tenancy import SellerGone, seller_context
from orders.allorders import BadHeader
from orders.models import OrderImport
from orders.services import imports
from orders.textfile import NotText

SHOWN = 20


class Command(BaseCommand):
    help = "Read an “All orders” file into a seller's orders. Good lines are taken, bad lines are told."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--seller", required=True, help="the seller's slug, as in /s/<slug>/")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be taken")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"{path} is not a file.")
        try:
            with seller_context(_seller(options["seller"])):
                self._dry_run(path) if options["dry_run"] else self._import(path)
        except SellerGone as gone:
            raise CommandError(str(gone)) from None

    def _dry_run(self, path: Path) -> None:
        try:
            with path.open("rb") as file:
                found = imports.check_file(file)
        except (NotText, BadHeader) as problem:
            raise CommandError(str(problem)) from None
        good = found.lines_read - found.lines_bad
        told = f"{good} of {found.lines_read} lines would be taken ({found.encoding})"
        self.stdout.write(f"{told}. Nothing was stored.")

    def _import(self, path: Path) -> None:
        found = OrderImport(file_name=path.name[:200], stored_as="", size_bytes=path.stat().st_size)
        with path.open("rb") as file:
            imports.read_file(found, file)
        if found.state == OrderImport.State.REFUSED:
            raise CommandError(found.note)
        self._tell(found)

    def _tell(self, found: OrderImport) -> None:
        for problem in found.problems.all()[:SHOWN]:
            where = f" {problem.column}:" if problem.column else ""
            self.stdout.write(f"line {problem.line}:{where} {problem.reason}")
        if found.lines_bad > SHOWN:
            self.stdout.write(f"… and {found.lines_bad - SHOWN} more lines that were not taken")
        lines = f"{found.lines_read} lines read ({found.encoding}), {found.lines_bad} not taken"
        fresh = f"{found.orders_new} new, {found.orders_changed} changed"
        self.stdout.write(f"{lines}. Orders: {fresh}, {found.orders_same} known already.")


def _seller(slug: str) -> Seller:
    found: Seller | None = Seller.objects.filter(slug=slug).first()
    if found is None:
        raise CommandError(f"There is no seller {slug!r}.")
    return found
