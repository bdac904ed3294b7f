"""Bring the plans to Stripe."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.services.billing import catalogue
from accounts.services.billing.stripe_api import Away, NotSetUp, Refused


class Command(BaseCommand):
    help = "Make or update the plans' Products and Prices at Stripe. Safe to repeat; who bought keeps the price paid."

    def handle(self, *args: Any, **options: Any) -> None:
        did: dict[str, int] = {}
        try:
            for price in catalogue.sync():
                did[price.did] = did.get(price.did, 0) + 1
                if price.did != "there":
                    self.stdout.write(f"{price.lookup_key}: {price.did}")
        except (Away, Refused, NotSetUp) as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write("Prices: " + ", ".join(f"{n} {word}" for word, n in sorted(did.items())) + ".")
