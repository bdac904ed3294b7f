"""Reports are asked for, waited for without sleeping, and applied to the orders that are there."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.models import Connection, Seller, SellerDue
from amazon import reports as api
from amazon.errors import AmazonError, Outcome
from orders import selectors
from orders.models import Order, ReportRun, SyncCursor
from orders.reporting import Fact
from orders.services import reports, sync
from orders.services.observed import apply_facts
from tests.orders.conftest import NOW
from tests.support.sandbox import SandboxControl

DAY = timedelta(days=1)


@pytest.fixture
def synced(link: Connection, box: SandboxControl) -> Connection:
    """A connection whose one FBA order, one FBM order have been read."""
    for fulfilled_by in ("AMAZON", "MERCHANT"):
        facts: dict[str, Any] = {
            "fulfilled_by": fulfilled_by,
            "created_at": _iso(NOW - 6 * DAY),
            "shipped_at": _iso(NOW - 5 * DAY),
        }
        facts |= {
            "estimated_at": _iso(NOW - 3 * DAY),
            "delivered_at": _iso(NOW - 3 * DAY),
            "updated_at": _iso(NOW - 5 * DAY),
        }
        box.make_order(link.selling_partner_id, **facts)
    sync.sync_connection(link.pk, NOW)
    return link


def _iso(moment: datetime) -> str:
    return moment.isoformat()


def read_all(seller: Seller, start: datetime = NOW, steps: int = 12) -> None:
    now = start
    for _ in range(steps):
        due_at = reports.read_seller(seller, now)
        assert due_at is not None
        now = max(now + timedelta(seconds=1), min(due_at, now + timedelta(seconds=5)))


def states(link: Connection) -> dict[str, str]:
    return {run.report_type: run.state for run in selectors.report_runs(link.pk)}


def test_estimates_and_returns_land_on_their_orders(
    seller: Seller, synced: Connection, box: SandboxControl
) -> None:
    fba, fbm = (Order.objects.get(fulfilment=kind) for kind in ("FBA", "FBM"))
    for order in (fba, fbm):
        box.change_order(order.amazon_order_id, happen="return", at=_iso(NOW - DAY))
    box.change_order(fbm.amazon_order_id, happen="refund", at=_iso(NOW - DAY))
    SellerDue.objects.all().delete()
    read_all(seller)
    fba.refresh_from_db()
    fbm.refresh_from_db()
    assert fba.estimated_arrival_at == NOW - 3 * DAY
    assert fba.shipped_at == NOW - 5 * DAY
    assert fba.returned_at is not None
    assert fbm.returned_at is not None
    assert fbm.refunded_at is not None
    assert SellerDue.objects.filter(kind="orders.changed").exists()


def test_report_without_news_says_so_and_is_asked_for_later(
    seller: Seller, synced: Connection, box: SandboxControl
) -> None:
    read_all(seller)
    assert states(synced)[api.FBA_RETURNS] == "no_news"
    assert states(synced)[api.FBA_SHIPMENTS] == "read"


def test_period_that_brought_no_news_is_asked_for_again(
    seller: Seller, synced: Connection, box: SandboxControl
) -> None:
    read_all(seller)
    later = NOW + timedelta(hours=5)
    box.set_clock(later.isoformat())
    read_all(seller, later)
    runs = ReportRun.objects.filter(report_type=api.FBA_RETURNS).order_by("pk")
    assert runs.last().data_from_at <= runs.first().data_from_at + timedelta(hours=5)
    shipments = ReportRun.objects.filter(report_type=api.FBA_SHIPMENTS).order_by("pk")
    assert shipments.last().data_from_at == shipments.first().data_until_at - timedelta(days=2)


def test_orders_come_before_what_reports_say_of_them(seller: Seller, link: Connection) -> None:
    assert reports.read_seller(seller, NOW) == NOW + reports.SANDBOX_LOOK
    assert ReportRun.objects.count() == 0


def test_reports_come_twice_a_day_and_not_all_at_once(settings: Any, synced: Connection) -> None:
    settings.SANDBOX_URL = ""
    times = set()
    for number in range(20):
        run = ReportRun(connection_id=number, report_type="X", state="read", asked_at=NOW)
        times.add(reports._due_at(run, NOW))
    assert all(timedelta(hours=12) <= at - NOW < timedelta(hours=13) for at in times)
    assert len(times) > 15


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_columns_may_come_shuffled_and_in_any_encoding(
    seller: Seller, synced: Connection, box: SandboxControl, encoding: str
) -> None:
    box.settings(shuffle_columns=True, report_encoding=encoding)
    read_all(seller)
    assert Order.objects.get(fulfilment="FBA").estimated_arrival_at == NOW - 3 * DAY


def test_nothing_personal_in_a_report_reaches_the_database(
    seller: Seller, synced: Connection, box: SandboxControl
) -> None:
    read_all(seller)
    with connection.cursor() as cursor:
        for table in ("orders_order", "orders_orderitem", "orders_reportrun", "orders_synccursor"):
            cursor.execute(f"SELECT count(*) FROM {table} AS t WHERE t::text ~ 'PIIBAIT|marketplace.amazon'")
            assert cursor.fetchone() == (0,)


def test_stream_that_breaks_off_is_read_anew(
    seller: Seller, synced: Connection, box: SandboxControl, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, broken = api.download, []

    def cut(*args: Any) -> Any:
        lines = list(real(*args))
        if not broken:
            broken.append(1)
            yield lines[0]
            raise AmazonError(Outcome.RETRY, operation="download")
        yield from lines

    monkeypatch.setattr(api, "download", cut)
    read_all(seller)
    read_all(seller, NOW + timedelta(minutes=3), steps=3)
    assert Order.objects.get(fulfilment="FBA").estimated_arrival_at is not None


def test_report_that_is_never_finished_is_given_up(
    seller: Seller, synced: Connection, box: SandboxControl
) -> None:
    box.settings(report_delay=10.0**9)
    reports.read_seller(seller, NOW)
    reports.read_seller(seller, NOW + timedelta(hours=25))
    box.settings(report_delay=0.0)
    assert set(states(synced).values()) == {"failed"}


def test_refused_report_leaves_the_connection_and_the_other_reports_alone(
    seller: Seller, synced: Connection, box: SandboxControl, monkeypatch: pytest.MonkeyPatch
) -> None:
    real: Callable[..., str] = api.create

    def refused(partner: Any, name: str, *args: Any) -> str:
        if name == api.SELLER_FEEDBACK:
            raise AmazonError(Outcome.NEEDS_ROLE, status=403, operation="createReport")
        return real(partner, name, *args)

    monkeypatch.setattr(api, "create", refused)
    read_all(seller)
    synced.refresh_from_db()
    assert synced.health == "healthy"
    assert states(synced)[api.SELLER_FEEDBACK] == "failed"
    assert states(synced)[api.FBA_SHIPMENTS] == "read"


def test_returns_are_known_only_when_both_reports_were_heard(
    seller: Seller, synced: Connection, box: SandboxControl
) -> None:
    assert selectors.returns_known_until(synced.pk) is None
    read_all(seller)
    known = selectors.returns_known_until(synced.pk)
    assert known is not None
    assert known >= NOW


# -- applying facts


def test_first_sighting_stays_and_of_two_arrivals_the_later_counts(synced: Connection) -> None:
    number = Order.objects.get(fulfilment="FBA").amazon_order_id
    assert apply_facts([Fact(number, estimated_arrival_at=NOW, returned_at=NOW)]) == 1
    assert apply_facts([Fact(number, estimated_arrival_at=NOW - DAY, returned_at=NOW + DAY)]) == 0
    assert apply_facts([Fact(number, estimated_arrival_at=NOW + DAY)]) == 1
    order = Order.objects.get(amazon_order_id=number)
    assert (order.estimated_arrival_at, order.returned_at) == (NOW + DAY, NOW)


def test_fact_about_an_unknown_order_makes_none_up(seller: Seller) -> None:
    assert apply_facts([Fact("302-0000000-0000000", returned_at=NOW)]) == 0
    assert Order.objects.count() == 0


def test_unchanged_fact_plans_nothing(synced: Connection) -> None:
    number = Order.objects.get(fulfilment="FBA").amazon_order_id
    apply_facts([Fact(number, returned_at=NOW)])
    SellerDue.objects.all().delete()
    before = Order.objects.get(amazon_order_id=number).changed_xact
    assert apply_facts([Fact(number, returned_at=NOW)]) == 0
    assert Order.objects.get(amazon_order_id=number).changed_xact == before
    assert not SellerDue.objects.exists()


def test_report_facts_survive_the_next_sync(synced: Connection) -> None:
    number = Order.objects.get(fulfilment="FBA").amazon_order_id
    apply_facts([Fact(number, estimated_arrival_at=NOW, returned_at=NOW, feedback_at=NOW, feedback_rating=2)])
    Order.objects.filter(amazon_order_id=number).update(last_updated_at=NOW - 30 * DAY)
    SyncCursor.objects.update(complete_until_at=None)
    assert sync.sync_connection(synced.pk, NOW).upserted.changed == 1
    order = Order.objects.get(amazon_order_id=number)
    assert (order.estimated_arrival_at, order.returned_at, order.feedback_rating) == (NOW, NOW, 2)
