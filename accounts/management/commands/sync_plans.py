"""Bring the plans to Stripe."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from accounts.services.billing import catalogue, inbox
from accounts.services.billing.stripe_api import Away, NotSetUp, Refused


class Command(BaseCommand):
    help = "Make or update the plans' Products and Prices at Stripe. Safe to repeat; who bought keeps the price paid."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--webhook", action="store_true", help="only say which address and events to enter at Stripe"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["webhook"]:
            kinds = "\n  ".join(sorted(inbox.KINDS))
            self.stdout.write(f"{settings.SITE_URL.rstrip('/')}{reverse('stripe_webhook')}\n  {kinds}")
            return
        did: dict[str, int] = {}
        try:
            for price in catalogue.sync():
                did[price.did] = did.get(price.did, 0) + 1
                if price.did != "there":
                    self.stdout.write(f"{price.lookup_key}: {price.did}")
        except (Away, Refused, NotSetUp) as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write("Prices: " + ", ".join(f"{n} {word}" for word, n in sorted(did.items())) + ".")
