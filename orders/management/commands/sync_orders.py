"""`manage.py sync_orders [--seller SLUG] [--connection ID] [--dry-run]`: read orders from Amazon now."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Connection
from accounts.tenancy import seller_context
from amazon.errors import AmazonError
from orders.services import sync


class Command(BaseCommand):
    help = "Read new and changed orders from Amazon now, instead of when they are due."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seller", help="only this seller's connections (slug)")
        parser.add_argument("--connection", type=int, help="only this connection (number)")
        parser.add_argument(
            "--dry-run", action="store_true", help="only ask for the next page and say what it holds"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for link in _chosen(options["seller"], options["connection"]):
            with seller_context(link.seller_id):
                self.stdout.write(f"{link}: {_preview(link) if options['dry_run'] else _read(link)}")


def _chosen(slug: str | None, connection_id: int | None) -> list[Connection]:
    found = Connection.objects.order_by("pk")
    found = found.filter(seller__slug=slug) if slug else found
    found = found.filter(pk=connection_id) if connection_id else found
    if not found:
        raise CommandError("There is no such connection. Connect Amazon first, or look at the names given.")
    return [link for link in found if link.is_usable]


def _preview(link: Connection) -> str:
    try:
        count, has_more = sync.preview(link.pk, timezone.now())
    except AmazonError as error:
        return str(error)
    more = ", and more pages follow" if has_more else ""
    return f"the next page holds {count} orders{more}; nothing was stored"


def _read(link: Connection) -> str:
    result = sync.sync_connection(link.pk, timezone.now())
    done = result.upserted
    told = f"{result.pages} pages, {done.new} new, {done.changed} changed, {done.same} known already"
    return f"{told}. {result.note}".strip()
