"""Bring every seller's schema up to date."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Seller
from accounts.services import laggards, schemas


class Command(BaseCommand):
    help = "Migrate the schemas that lag behind the code. May be run again at any time."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="only name the sellers that lag; exit status 1 if any do"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check"]:
            self._check()
            return
        result = laggards.migrate_laggards(self.stdout.write)
        self.stdout.write(
            f"{result.current} sellers current, {len(result.done)} migrated, {len(result.failed)} failed."
        )
        if result.failed:
            lines = "\n  ".join(f"{slug}: {problem}" for slug, problem in result.failed.items())
            raise CommandError(f"These could not be migrated; mend the cause and run this again:\n  {lines}")

    def _check(self) -> None:
        slugs = dict(Seller.objects.values_list("schema_name", "slug"))
        behind = [slugs[schema] for schema in schemas.laggards(slugs)]
        if behind:
            raise CommandError(f"{len(behind)} lag: {', '.join(behind[:50])}")
        self.stdout.write("Every seller is current.")
