"""Due work reaches its task, and lost entries of the index are found again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts import due
from accounts.models import Connection, Seller, SellerDue
from accounts.tenancy import seller_context
from orders import due_kinds, tasks
from orders.models import Order
from orders.services.imports import accept_upload
from tests.orders.allorders_file import line, written
from tests.support.sandbox import SandboxControl

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def leases(kind: str) -> list[list[object]]:
    return [[lease.seller_id, lease.token] for lease in due.claim(50) if lease.kind == kind]


@pytest.mark.parametrize("kind", ["orders.sync", "orders.reports", "orders.import"])
def test_kinds_are_registered_with_tasks_that_exist(kind: str) -> None:
    task = due.kind_named(kind).task
    assert hasattr(tasks, task.rpartition(".")[2])


def test_due_seller_is_synced_and_due_again(seller: Seller, link: Connection, box: SandboxControl) -> None:
    box.make_order(link.selling_partner_id, fulfilled_by="MERCHANT", shipped_at=box.now())
    due.lower(seller.pk, "orders.sync", LONG_AGO)
    tasks.sync(leases("orders.sync"))
    row = SellerDue.objects.get(seller=seller, kind="orders.sync")
    assert row.lease is None
    assert row.due_at is not None
    assert row.due_at > timezone.now()


def test_seller_who_is_gone_does_not_keep_the_others_waiting(
    rival: Seller, seller: Seller, link: Connection
) -> None:
    for one in (rival, seller):
        due.lower(one.pk, "orders.sync", LONG_AGO)
    taken = leases("orders.sync")
    Seller.objects.filter(pk=rival.pk).update(state="closed")
    tasks.sync(taken)
    assert SellerDue.objects.get(seller=seller, kind="orders.sync").due_at is not None


def test_upload_is_read_by_the_task(seller: Seller, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    accept_upload(SimpleUploadedFile("o.txt", written([line(1)]).encode()), "o.txt")
    tasks.import_file(leases("orders.import"))
    with seller_context(seller):
        assert Order.objects.count() == 1


def test_reports_task_says_when_it_is_due_again(seller: Seller, link: Connection) -> None:
    due.lower(seller.pk, "orders.reports", LONG_AGO)
    tasks.read_reports(leases("orders.reports"))
    assert SellerDue.objects.get(seller=seller, kind="orders.reports").due_at is not None


def test_lost_entry_of_a_usable_connection_is_found_again(
    seller: Seller, connect: Callable[..., Connection]
) -> None:
    connect(seller)
    assert seller.pk in {pk for pk, _ in due_kinds.missing("orders.sync")}
    due.lower(seller.pk, "orders.sync", timezone.now() + timedelta(hours=1))
    assert seller.pk not in {pk for pk, _ in due_kinds.missing("orders.sync")}
    Connection.objects.update(health="disconnected")
    SellerDue.objects.all().delete()
    assert due_kinds.missing("orders.sync") == []


def test_ticks_without_work_are_silent(seller: Seller) -> None:
    assert tasks.receive_notifications() == 0
    assert tasks.forget_buyer_data() == 0
