"""manage.py forecast_campaign "Review request" --seller acme [--days 30]"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import Seller
from accounts.tenancy import SellerGone, seller_context
from campaigns.domain.filters import FiltersInvalid
from campaigns.models import Campaign
from campaigns.services.forecast import Forecast, forecast


class Command(BaseCommand):
    help = "Say what a campaign would have sent over the last days' orders. Nothing is written."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("campaign", help="the campaign's name or public id")
        parser.add_argument("--seller", required=True, help="the seller's slug")
        parser.add_argument(
            "--days", type=int, default=30, help="how many days of orders to look at (default 30)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        seller = Seller.objects.filter(slug=options["seller"]).first()
        if seller is None:
            raise CommandError(f"--seller: there is no seller “{options['seller']}”.")
        if not 1 <= options["days"] <= 180:
            raise CommandError("--days: give a number from 1 to 180.")
        try:
            with seller_context(seller):
                self._write(forecast(_find(options["campaign"]), timezone.now(), options["days"]))
        except (SellerGone, FiltersInvalid) as problem:
            raise CommandError(str(problem)) from problem

    def _write(self, seen: Forecast) -> None:
        self.stdout.write(f"Of {seen.orders} orders {seen.would_send} would get the message.")
        for group in seen.groups:
            self.stdout.write(f"  {group.orders:>6} not: {group.sentence} ({', '.join(group.samples[:2])})")
        for day, count in seen.per_day.items():
            self.stdout.write(f"  {day}  {count}")
        self.stdout.write(
            f"Switched on for all orders there are, it would plan {seen.backlog.would_plan}, "
            f"{seen.backlog.due_at_once} of them due at once."
        )


def _find(name: str) -> Campaign:
    matches = [c for c in Campaign.objects.select_related("template") if name in {c.name, str(c.public_id)}]
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise CommandError(f"{len(matches)} campaigns are named “{name}”; give the public id of one.")
    known = ", ".join(f"“{c.name}”" for c in Campaign.objects.order_by("name")[:10]) or "none yet"
    raise CommandError(f"There is no campaign “{name}”. There are: {known}.")
