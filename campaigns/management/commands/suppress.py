"""Put an order, and its buyer where known, on a seller's do-not-write list."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Seller
from accounts.tenancy import seller_context
from campaigns.services import suppression


class Command(BaseCommand):
    help = "Write no more about these orders. Running it again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("seller", help="the seller's short name (slug)")
        parser.add_argument("orders", nargs="+", help="Amazon order ids")
        parser.add_argument("--order-only", action="store_true", help="leave the buyer's other orders alone")
        parser.add_argument("--note", default="", help="why, for people")

    def handle(self, *, seller: str, orders: list[str], order_only: bool, note: str, **options: Any) -> None:
        found = Seller.objects.filter(slug=seller).first()
        if found is None:
            raise CommandError(f"There is no seller {seller!r}.")
        with seller_context(found):
            for order_id in orders:
                self._one(order_id, with_buyer=not order_only, note=note)

    def _one(self, order_id: str, *, with_buyer: bool, note: str) -> None:
        try:
            done = suppression.suppress(order_id, with_buyer=with_buyer, note=note)
        except suppression.NothingToSuppress as error:
            raise CommandError(str(error)) from None
        word = " and ".join(done.kinds) or "nothing new"
        self.stdout.write(f"{order_id}: {word} suppressed, {done.stopped} waiting messages stopped")
