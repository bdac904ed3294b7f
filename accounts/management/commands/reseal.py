"""Rotate the key that seals secrets and personal data."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import sealing
from accounts.services import resealing


class Command(BaseCommand):
    help = "Put every sealed value under the newest key of SEALING_KEYS. May be interrupted and run again."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            count = resealing.reseal_all()
        except sealing.SealingError as problem:
            raise CommandError(str(problem)) from problem
        first, last = sealing.ring()[0].id, sealing.ring()[-1].id
        self.stdout.write(f"{count} values put under key {first!r}.")
        if first != last:
            self.stdout.write(
                f"Keep {last!r}, the last key: suppression hashes are made with it. Those between may go."
            )
