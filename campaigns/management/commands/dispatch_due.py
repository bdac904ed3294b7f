"""Send what is due, here and now, without a worker."""

import signal
import uuid
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts import due
from accounts.models import Seller
from campaigns.services.dispatch import Round
from campaigns.services.dispatch.round import KIND, LASTS_SECONDS


class Command(BaseCommand):
    help = "Send the messages that are due, for one seller or for all that the due index names. Ctrl-C finishes the one in hand."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seller", help="the seller's short name (slug); all due sellers without it")
        parser.add_argument("--seconds", type=float, default=LASTS_SECONDS, help="how long at most")
        parser.add_argument("--threads", type=int, default=None)

    def handle(self, *, seller: str | None, seconds: float, threads: int | None, **options: Any) -> None:
        leases = [due.Lease(pk, KIND, str(uuid.uuid4())) for pk in _due_sellers(seller)]
        round_ = Round(leases, threads=threads, lasts=seconds)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: round_.stop())
        sent = round_.run() if leases else 0
        self.stdout.write(f"{sent} sent for {len(leases)} sellers.")


def _due_sellers(slug: str | None) -> list[int]:
    """Taken without a lease of the due index: beside a worker that has one, claims keep the two apart."""
    ready = Seller.objects.filter(state=Seller.State.READY)
    if slug is None:
        return list(
            ready.filter(due__kind=KIND, due__ready_at__lte=timezone.now()).values_list("pk", flat=True)
        )
    found = ready.filter(slug=slug).values_list("pk", flat=True)
    if not found:
        raise CommandError(
            f"There is no ready seller {slug!r}; give the short name from the address of its pages."
        )
    return list(found)
