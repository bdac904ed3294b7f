"""manage.py explain_order 302-1234567-1234567 --seller acme"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import Seller
from accounts.tenancy import SellerGone, seller_context
from campaigns.services.explain import CampaignAnswer, explain
from orders.models import Order


class Command(BaseCommand):
    help = "Say for every campaign why an order got, gets or does not get its message."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("order_id", help="Amazon's order id, such as 302-1234567-1234567")
        parser.add_argument("--seller", required=True, help="the seller's slug")

    def handle(self, *args: Any, **options: Any) -> None:
        seller = Seller.objects.filter(slug=options["seller"]).first()
        if seller is None:
            raise CommandError(f"--seller: there is no seller “{options['seller']}”.")
        try:
            with seller_context(seller):
                self._explain(options["order_id"].strip())
        except SellerGone as gone:
            raise CommandError(f"--seller: {gone}.") from gone

    def _explain(self, order_id: str) -> None:
        order = Order.objects.filter(amazon_order_id=order_id).first()
        if order is None:
            raise CommandError(
                f"There is no order {order_id} here. Check the number, or sync the orders first."
            )
        answers = explain(order, timezone.now())
        if not answers:
            self.stdout.write(
                "There are no campaigns, so nothing is sent about this order. Create one first."
            )
        for answer in answers:
            self._write(answer)

    def _write(self, answer: CampaignAnswer) -> None:
        campaign = answer.campaign
        self.stdout.write(f"\n{campaign.name} ({campaign.get_state_display().lower()})\n  {answer.verdict}")
        if answer.waits_for and answer.waits_for not in answer.verdict:
            self.stdout.write(f"  Waits: {answer.waits_for}")
        for condition in answer.answers:
            self.stdout.write(f"    {'yes' if condition.is_met else 'NO ':<3}  {condition.sentence}")
