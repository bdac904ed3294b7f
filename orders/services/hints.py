"""Amazon's notifications: hints that an order changed, never facts. Polling alone finds everything; hints only hurry.

A hint names a seller, and anybody who could put one into the queue could name any; so all it can do is make
us look, with that connection's own authorisation. (ORDER_CHANGE: Amazon's schema, read 2026-11-23.)
"""

import logging
from collections import defaultdict
from collections.abc import Iterable

from django.conf import settings
from django.core.cache import cache

from accounts.models import Connection
from accounts.services import connections
from accounts.tenancy import SellerGone, seller_context
from amazon import sqs
from amazon.errors import AmazonError
from amazon.regions import MARKETPLACES
from orders.services import sync

#: More orders than this of one connection are cheaper to read as a page.
ONE_BY_ONE = 10
_MESSAGES_AT_ONCE = 200
_SEEN_FOR = 86_400  # seconds
_log = logging.getLogger(__name__)


def receive(queue: sqs.Queue | None = None) -> int:
    """Take in what is in the queue; the number of messages. What could not be handled comes again."""
    queue = queue or _queue()
    if queue is None:
        return 0
    taken = 0
    try:
        while taken < _MESSAGES_AT_ONCE and (received := queue.receive(wait_seconds=0)):
            apply_hints(_changes(received))
            queue.delete(received)
            taken += len(received)
    except sqs.QueueUnavailable as error:
        _log.warning("%s", error)
    return taken


def _queue() -> sqs.Queue | None:
    if not settings.AMAZON_SQS_QUEUE_URL:
        return None
    return sqs.Queue(settings.AMAZON_SQS_QUEUE_URL, settings.AMAZON_SQS_ENDPOINT_URL)


def _changes(received: Iterable[sqs.Received]) -> list[sqs.OrderChange]:
    """The hints not seen before. Amazon delivers at least once, and in any order."""
    found = []
    for message in received:
        change = _change(message)
        if change and cache.add(f"orders:hint:{change.notification_id}", 1, _SEEN_FOR):
            found.append(change)
    return found


def _change(message: sqs.Received) -> sqs.OrderChange | None:
    if message.notification is None:
        _log.warning("A notification could not be read: %s", message.problem)
        return None
    try:
        return sqs.order_change(message.notification)
    except ValueError as error:
        _log.warning("A notification could not be read: %s", error)
        return None


def apply_hints(changes: Iterable[sqs.OrderChange]) -> None:
    """Look at the orders that changed: one by one where they are few, by the next page of orders where they are many."""
    orders: dict[Connection, set[str]] = defaultdict(set)
    for change in changes:
        if link := _connection(change):
            orders[link].add(change.order_id)
    for link, numbers in orders.items():
        try:
            with seller_context(link.seller_id):
                _look(link, sorted(numbers))
        except SellerGone:
            continue


def _connection(change: sqs.OrderChange) -> Connection | None:
    found = Connection.objects.filter(selling_partner_id=change.selling_partner_id)
    store = MARKETPLACES.get(change.marketplace_id)
    if store:
        found = found.filter(region=store.region)
    link = found.first()
    return link if link and link.is_usable else None


def _look(link: Connection, numbers: list[str]) -> None:
    if len(numbers) > ONE_BY_ONE:
        sync.hurry(link.pk)
        return
    for number in numbers:
        try:
            sync.fetch_order(link, number)
        except AmazonError as error:
            connections.note_error(link.pk, error)
            sync.hurry(link.pk)
            return
