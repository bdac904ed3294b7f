"""The edge to Celery. Each task may run twice, late, or not at all: what is due stands in the database."""

from celery import shared_task

from accounts import due
from orders.services import hints, imports, reports, retention
from orders.services import sync as syncing

Leases = list[list[object]]


@shared_task
def sync(leases: Leases) -> None:
    due.work_through("orders.sync", leases, syncing.sync_seller)


@shared_task
def read_reports(leases: Leases) -> None:
    due.work_through("orders.reports", leases, reports.read_seller)


@shared_task
def import_file(leases: Leases) -> None:
    due.work_through("orders.import", leases, imports.import_next)


@shared_task
def receive_notifications() -> int:
    """Where a queue is set up, take in Amazon's hints; the number taken. Polling alone is sufficient."""
    return hints.receive()


@shared_task
def forget_buyer_data() -> int:
    """Forget what the 30 days are over for, seller by seller; the number of orders."""
    return retention.forget_everywhere()
