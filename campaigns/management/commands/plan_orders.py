"""manage.py plan_orders --seller acme [--again]"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import Seller
from accounts.tenancy import SellerGone, seller_context
from campaigns.services import plan
from campaigns.services.terms import planning_campaigns


class Command(BaseCommand):
    help = (
        "Plan the orders that changed since the last time, or every campaign anew. May run at any time "
        "and twice."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seller", required=True, help="the seller's slug")
        parser.add_argument(
            "--again", action="store_true", help="plan every order in reach of every campaign anew"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        seller = Seller.objects.filter(slug=options["seller"]).first()
        if seller is None:
            raise CommandError(f"--seller: there is no seller “{options['seller']}”.")
        try:
            with seller_context(seller):
                done = _again() if options["again"] else plan.plan_changes(timezone.now())
        except SellerGone as gone:
            raise CommandError(f"--seller: {gone}.") from gone
        self.stdout.write(
            f"{done.planned} planned, {done.moved} moved, {done.withdrawn} withdrawn, {done.returned} put "
            "back."
        )


def _again() -> plan.Planned:
    done = plan.Planned()
    for campaign in planning_campaigns():
        done += plan.replan(campaign, timezone.now())
    return done
