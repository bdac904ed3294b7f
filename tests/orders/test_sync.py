"""Orders are read from a (played) Amazon without gaps, whatever goes wrong on the way."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.models import Connection, Seller, SellerDue
from amazon import orders as api
from amazon.client import SellingPartner
from amazon.errors import AmazonError, Outcome, Throttled
from orders import selectors
from orders.models import Order, SyncCursor
from orders.services import pages, sync
from orders.services.sync import sync_connection, sync_seller
from orders.services.upsert import Upserted
from tests.orders.conftest import NOW
from tests.support.sandbox import SandboxControl

SOON = NOW + timedelta(minutes=10)
Connect = Callable[..., Connection]


def order(box: SandboxControl, link: Connection, **facts: Any) -> str:
    """A merchant-fulfilled order shipped two days ago, unless told otherwise."""
    known = {"fulfilled_by": "MERCHANT", "shipped_at": (NOW - timedelta(days=2)).isoformat()}
    return str(box.make_order(link.selling_partner_id, **{**known, **facts})["order_id"])


def orders(box: SandboxControl, link: Connection, count: int) -> list[str]:
    shipped = [NOW - timedelta(days=2, seconds=n) for n in range(count)]
    return [order(box, link, shipped_at=moment.isoformat()) for moment in shipped]


def cursor_of(link: Connection) -> SyncCursor:
    return SyncCursor.objects.get(pk=link.pk)


def calls(box: SandboxControl, link: Connection, operation: str = "searchOrders") -> list[dict[str, Any]]:
    return [c for c in box.ledger(seller=link.selling_partner_id) if c["operation"] == operation]


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two orders a page."""
    real = api.search_orders

    def small(*args: Any, **kwargs: Any) -> Any:
        return real(*args, **{**kwargs, "page_size": 2})

    monkeypatch.setattr(api, "search_orders", small)


# -- the ordinary way


def test_first_sync_brings_the_last_thirty_days(link: Connection, box: SandboxControl) -> None:
    young, old = order(box, link), order(box, link, shipped_at=(NOW - timedelta(days=40)).isoformat())
    result = sync_connection(link.pk, NOW)
    assert (result.is_complete, result.upserted) == (True, Upserted(new=1))
    assert list(Order.objects.values_list("amazon_order_id", flat=True)) == [young]
    assert Order.objects.get().connection_id == link.pk
    assert old not in selectors.sync_words(link.pk)


def test_cursor_moves_to_what_amazon_says_is_complete(link: Connection, box: SandboxControl) -> None:
    sync_connection(link.pk, NOW)
    until = cursor_of(link).complete_until_at
    assert until is not None
    assert abs(until - (NOW - timedelta(minutes=2))) < timedelta(minutes=1)


def test_next_window_overlaps_the_last_by_five_minutes(link: Connection, box: SandboxControl) -> None:
    sync_connection(link.pk, NOW)
    until = cursor_of(link).complete_until_at
    sync_connection(link.pk, SOON)
    assert until is not None
    asked = calls(box, link)[-1]["params"]["lastUpdatedAfter"]
    assert _time(asked) == until - sync.OVERLAP


def _time(value: Any) -> datetime:
    return datetime.fromisoformat(value[0] if isinstance(value, list) else value)


def test_reading_again_changes_nothing(link: Connection, box: SandboxControl) -> None:
    orders(box, link, 3)
    sync_connection(link.pk, NOW)
    SellerDue.objects.all().delete()
    SyncCursor.objects.update(complete_until_at=None)
    assert sync_connection(link.pk, SOON).upserted == Upserted(same=3)
    assert not SellerDue.objects.filter(kind="orders.changed").exists()


def test_change_at_amazon_arrives_and_is_announced(link: Connection, box: SandboxControl) -> None:
    number = order(box, link)
    sync_connection(link.pk, NOW)
    SellerDue.objects.all().delete()
    delivered_at = NOW + timedelta(minutes=1)
    box.set_clock((NOW + timedelta(minutes=5)).isoformat())
    box.change_order(number, happen="deliver", at=delivered_at.isoformat())
    box.set_clock(SOON.isoformat())
    assert sync_connection(link.pk, SOON).upserted.changed == 1
    assert Order.objects.get().delivered_at is not None
    assert SellerDue.objects.filter(kind="orders.changed").exists()


def test_every_page_of_a_window_is_read(link: Connection, box: SandboxControl, small_pages: None) -> None:
    numbers = orders(box, link, 7)
    result = sync_connection(link.pk, NOW)
    assert (result.pages, result.is_complete) == (4, True)
    assert set(Order.objects.values_list("amazon_order_id", flat=True)) == set(numbers)
    assert cursor_of(link).page_token == ""


def test_no_call_asks_for_people_and_no_bait_reaches_the_database(
    link: Connection, box: SandboxControl
) -> None:
    box.add_seller(link.selling_partner_id)
    orders(box, link, 3)
    sync_connection(link.pk, NOW)
    assert all("pii" not in str(call.get("note", "")) for call in calls(box, link))
    assert _rows_with("PIIBAIT") == 0
    assert _rows_with("marketplace.amazon") == 0


def _rows_with(text: str) -> int:
    found = 0
    with connection.cursor() as cursor:
        for table in ("orders_order", "orders_orderitem", "orders_synccursor", "orders_reportrun"):
            cursor.execute(f"SELECT count(*) FROM {table} AS t WHERE t::text LIKE %s", [f"%{text}%"])
            found += cursor.fetchone()[0]
    return found


# -- when


def test_spacing_grows_while_nothing_happens_and_shrinks_with_news(
    settings: Any, link: Connection, box: SandboxControl
) -> None:
    settings.SANDBOX_URL = ""
    settings.DEBUG = True
    spaces = []
    for _ in range(5):
        result = sync_connection(link.pk, NOW)
        assert result.next_due_at is not None
        spaces.append((result.next_due_at - NOW) // timedelta(minutes=1))
    assert spaces == [30, 60, 120, 120, 120]
    order(box, link)
    SyncCursor.objects.update(complete_until_at=None)
    result = sync_connection(link.pk, NOW)
    assert result.next_due_at == NOW + timedelta(minutes=15)


def test_seller_is_due_when_its_earliest_connection_is(
    seller: Seller, connect: Connect, box: SandboxControl
) -> None:
    first, second = connect(seller), connect(seller)
    sync_seller(seller, NOW)
    SyncCursor.objects.filter(pk=first.pk).update(next_at=NOW + timedelta(hours=1))
    SyncCursor.objects.filter(pk=second.pk).update(next_at=NOW)
    before = len(calls(box, first))
    assert sync_seller(seller, NOW) == NOW + sync.SANDBOX
    assert len(calls(box, first)) == before


def test_somebody_who_asks_early_gets_every_connection_read(
    seller: Seller, link: Connection, box: SandboxControl
) -> None:
    sync_seller(seller, NOW)
    before = len(calls(box, link))
    sync_seller(seller, NOW + timedelta(seconds=1))
    assert len(calls(box, link)) == before + 1


def test_throttled_sync_says_when_to_come_back_and_loses_nothing(
    link: Connection, box: SandboxControl, small_pages: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = orders(box, link, 6)
    box.fault("throttle", seller=link.selling_partner_id, operation="searchOrders", count=1)
    first = sync_connection(link.pk, NOW)
    assert first.next_due_at is not None
    assert first.next_due_at > NOW
    assert cursor_of(link).failures == 0
    _refill()
    sync_connection(link.pk, first.next_due_at)
    assert set(Order.objects.values_list("amazon_order_id", flat=True)) == set(numbers)


def _refill() -> None:
    """Time passes for the shared limiter."""
    import redis
    from django.conf import settings as django_settings

    valkey = redis.Redis.from_url(django_settings.CACHES["default"]["LOCATION"])
    for key in valkey.scan_iter("amazon:*"):
        valkey.delete(key)
    valkey.close()


def test_our_own_limiter_reschedules_instead_of_waiting(
    link: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def limited(*args: Any, **kwargs: Any) -> Any:
        raise Throttled(retry_after=timedelta(seconds=179), operation="searchOrders")

    monkeypatch.setattr(SellingPartner, "call", limited)
    started = time.monotonic()
    assert sync_connection(link.pk, NOW).next_due_at == NOW + timedelta(seconds=179)
    assert time.monotonic() - started < 5


# -- what goes wrong


@pytest.mark.parametrize("kind", ["internal_failure", "html_503", "truncated", "reset", "throttle"])
def test_storm_of_failures_moves_no_cursor_and_ends_with_every_order_once(
    link: Connection, box: SandboxControl, small_pages: None, kind: str
) -> None:
    numbers = orders(box, link, 7)
    box.fault(kind, seller=link.selling_partner_id, operation="searchOrders", count=6, probability=0.7)
    for step in range(20):
        _refill()
        result = sync_connection(link.pk, NOW + timedelta(minutes=step))
        if result.is_complete:
            break
        assert cursor_of(link).complete_until_at is None
        assert result.next_due_at is not None
    assert result.is_complete
    assert sorted(Order.objects.values_list("amazon_order_id", flat=True)) == sorted(numbers)


def test_failure_is_told_in_words_and_forgotten_after_success(link: Connection, box: SandboxControl) -> None:
    box.fault("html_503", seller=link.selling_partner_id, operation="searchOrders", count=1)
    sync_connection(link.pk, NOW)
    assert "could not answer" in selectors.sync_words(link.pk)
    sync_connection(link.pk, SOON)
    assert cursor_of(link).failures == 0
    assert "complete until" in selectors.sync_words(link.pk)


def test_reader_killed_between_pages_goes_on_where_it_was(
    link: Connection, box: SandboxControl, small_pages: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = orders(box, link, 7)
    real, stored = pages.store_page, []

    def killed(*args: Any) -> Any:
        if len(stored) == 2:
            raise SystemExit
        stored.append(1)
        return real(*args)

    monkeypatch.setattr(sync, "store_page", killed)
    with pytest.raises(SystemExit):
        sync_connection(link.pk, NOW)
    assert Order.objects.count() == 4
    monkeypatch.setattr(sync, "store_page", real)
    before = len(calls(box, link))
    assert sync_connection(link.pk, NOW).is_complete
    assert len(calls(box, link)) == before + 2
    assert set(Order.objects.values_list("amazon_order_id", flat=True)) == set(numbers)


def test_page_that_was_not_stored_is_read_again(
    link: Connection, box: SandboxControl, small_pages: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders(box, link, 3)
    monkeypatch.setattr(pages, "_move", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        sync_connection(link.pk, NOW)
    assert Order.objects.count() == 0
    assert cursor_of(link).page_token == ""


def test_repeated_page_is_noticed_and_does_not_loop(
    link: Connection, box: SandboxControl, small_pages: None
) -> None:
    orders(box, link, 6)
    box.fault("repeated_page_token", seller=link.selling_partner_id, operation="searchOrders")
    result = sync_connection(link.pk, NOW)
    assert not result.is_complete
    assert len(calls(box, link)) <= 5
    assert cursor_of(link).complete_until_at is None
    assert "same page of orders twice" in cursor_of(link).last_error or cursor_of(link).failures == 1
    box.clear_faults()
    assert sync_connection(link.pk, SOON).is_complete
    assert Order.objects.count() == 6


def test_page_token_of_yesterday_is_not_used(
    link: Connection, box: SandboxControl, small_pages: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync, "PAGES_AT_ONCE", 1)
    orders(box, link, 6)
    sync_connection(link.pk, NOW)
    assert cursor_of(link).page_token
    monkeypatch.setattr(sync, "PAGES_AT_ONCE", 25)
    assert sync_connection(link.pk, NOW + timedelta(hours=23, minutes=30)).is_complete
    assert "paginationToken" not in calls(box, link)[1]["params"]
    assert Order.objects.count() == 6


def test_refused_page_token_begins_the_window_again(
    link: Connection, box: SandboxControl, small_pages: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync, "PAGES_AT_ONCE", 1)
    orders(box, link, 6)
    sync_connection(link.pk, NOW)
    SyncCursor.objects.update(page_token="gone")
    monkeypatch.setattr(sync, "PAGES_AT_ONCE", 25)
    assert sync_connection(link.pk, NOW).is_complete
    assert Order.objects.count() == 6
    assert cursor_of(link).refused_data == []


def test_two_readers_of_one_connection_do_not_move_the_cursor_twice(
    link: Connection, box: SandboxControl, small_pages: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders(box, link, 6)
    real = api.search_orders
    asked = []

    def overtaken(*args: Any, **kwargs: Any) -> Any:
        found = real(*args, **kwargs)
        asked.append(1)
        if len(asked) == 2:
            SyncCursor.objects.update(page_token="elsewhere")
        return found

    monkeypatch.setattr(api, "search_orders", overtaken)
    result = sync_connection(link.pk, NOW)
    assert result.note == "Another worker reads this connection."
    assert cursor_of(link).page_token == "elsewhere"


def test_refused_data_set_is_left_out_its_facts_unknown_and_asked_for_again_a_day_later(
    link: Connection, box: SandboxControl
) -> None:
    order(box, link)
    box.fault(
        "bad_included_data", seller=link.selling_partner_id, operation="searchOrders", value="FULFILLMENT"
    )
    assert sync_connection(link.pk, NOW).is_complete
    found = Order.objects.get()
    assert "FULFILLMENT" in found.unknown_facts
    assert (found.status, found.fulfilment) == ("UNKNOWN", "")
    assert cursor_of(link).refused_data == ["FULFILLMENT"]
    assert "does not tell us shipping status" in selectors.sync_words(link.pk)
    before = len(calls(box, link))
    sync_connection(link.pk, SOON)
    assert len(calls(box, link)) == before + 1
    box.clear_faults()
    SyncCursor.objects.update(complete_until_at=None)
    sync_connection(link.pk, NOW + timedelta(days=1))
    found.refresh_from_db()
    assert (found.status, found.unknown_facts, cursor_of(link).refused_data) == ("SHIPPED", [], [])


def test_revoked_seller_stops_and_the_others_go_on(
    seller: Seller, connect: Connect, box: SandboxControl
) -> None:
    gone, healthy = connect(seller), connect(seller)
    order(box, healthy)
    box.revoke(gone.selling_partner_id)
    next_due_at = sync_seller(seller, NOW)
    gone.refresh_from_db()
    healthy.refresh_from_db()
    assert (gone.health, healthy.health) == ("needs_reauthorisation", "healthy")
    assert next_due_at == NOW + sync.SANDBOX
    assert Order.objects.get().connection_id == healthy.pk
    before = len(calls(box, gone))
    sync_seller(seller, SOON)
    assert len(calls(box, gone)) == before


def test_seller_without_a_usable_connection_is_not_due(
    seller: Seller, link: Connection, box: SandboxControl
) -> None:
    box.revoke(link.selling_partner_id)
    assert sync_seller(seller, NOW) is None


def test_updates_out_of_order_leave_the_newest(link: Connection, box: SandboxControl) -> None:
    number = order(box, link)
    sync_connection(link.pk, NOW)
    newest = Order.objects.get().last_updated_at + timedelta(days=1)
    Order.objects.update(status="CANCELLED", last_updated_at=newest)
    SyncCursor.objects.update(complete_until_at=None)
    assert sync_connection(link.pk, SOON).upserted == Upserted(same=1)
    assert Order.objects.get(amazon_order_id=number).status == "CANCELLED"


def test_unreadable_order_is_told_and_does_not_hold_up_the_others(
    link: Connection, box: SandboxControl, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders(box, link, 3)
    real = api.search_orders

    def broken(*args: Any, **kwargs: Any) -> Any:
        found = real(*args, **kwargs)
        found.orders[1]["lastUpdatedTime"] = "soon"
        return found

    monkeypatch.setattr(api, "search_orders", broken)
    assert sync_connection(link.pk, NOW).is_complete
    assert Order.objects.count() == 2
    assert cursor_of(link).last_error.startswith("Not readable: Order ")


# -- buyers' addresses


@pytest.fixture
def relay_link(link: Connection, box: SandboxControl) -> Connection:
    """A seller who writes to relay addresses, through an application that may see them."""
    link.sender_address = "shop@example.com"
    link.save()
    return link


def test_relay_addresses_are_asked_for_only_where_relay_mail_is_used(
    relay_link: Connection, box: SandboxControl
) -> None:
    fbm, fba = order(box, relay_link), order(box, relay_link, fulfilled_by="AMAZON")
    address = box.order(fbm)["relay"]
    sync_connection(relay_link.pk, NOW)
    assert "BUYER" in str(calls(box, relay_link)[0]["params"]["includedData"])
    assert selectors.relay_address(Order.objects.get(amazon_order_id=fbm)) == address
    assert selectors.relay_address(Order.objects.get(amazon_order_id=fba)) is None
    assert _rows_with(address.split("@")[0]) == 0
    assert _rows_with("PIIBAIT") == 0


def test_refused_buyer_data_leaves_the_orders_and_is_asked_for_tomorrow(
    relay_link: Connection, box: SandboxControl
) -> None:
    order(box, relay_link)
    box.fault(
        "bad_included_data", seller=relay_link.selling_partner_id, operation="searchOrders", value="BUYER"
    )
    assert sync_connection(relay_link.pk, NOW).is_complete
    assert cursor_of(relay_link).refused_data == ["BUYER"]
    assert Order.objects.get().unknown_facts == []


# -- for real: a process that is killed


def test_process_killed_in_the_middle_loses_nothing(
    live_seller: Seller, connect: Connect, box: SandboxControl, django_db_blocker: Any
) -> None:
    with django_db_blocker.unblock():
        link = connect(live_seller)
        numbers = orders(box, link, 12)
        box.fault("latency", seller=link.selling_partner_id, operation="searchOrders", seconds=0.15)
        for _ in range(3):
            _run_and_kill(live_seller, link, box)
        box.clear_faults()
        while not sync_connection(link.pk, NOW).is_complete:
            pass
        assert sorted(Order.objects.values_list("amazon_order_id", flat=True)) == sorted(numbers)


_READER = """
import django; django.setup()
import sys
from datetime import datetime
from accounts.tenancy import seller_context
from amazon import orders as api
from orders.services.sync import sync_connection
real = api.search_orders
api.search_orders = lambda *a, **k: (print("asking", flush=True), real(*a, **{**k, "page_size": 2}))[1]
with seller_context(int(sys.argv[1])):
    sync_connection(int(sys.argv[2]), datetime.fromisoformat(sys.argv[3]))
"""


def _run_and_kill(seller: Seller, link: Connection, box: SandboxControl) -> None:
    name = connection.settings_dict["NAME"]
    url = os.environ["DATABASE_URL"].rsplit("/", 1)[0] + f"/{name}"
    env = {
        **os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_URL": url,
        "AMAZON_BASE_URL": box.http, "SANDBOX_URL": box.http, "AMAZON_TOKEN_URL": f"{box.http}/auth/o2/token",
        "AMAZON_LWA_CLIENT_ID": "amzn1.application-oa2-client.permitted-demo",
        "AMAZON_LWA_CLIENT_SECRET": "amzn1.oa2-cs.v1.permitted-demo",
    }  # fmt: skip
    arguments = [sys.executable, "-c", _READER, str(seller.pk), str(link.pk), NOW.isoformat()]
    process = subprocess.Popen(arguments, env=env, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for _ in range(3):
        process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    process.stdout.close()


def test_error_without_an_answer_is_not_raised(link: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*args: Any, **kwargs: Any) -> Any:
        raise AmazonError(Outcome.RETRY, operation="searchOrders")

    monkeypatch.setattr(SellingPartner, "call", failing)
    waits = []
    for _ in range(8):
        result = sync_connection(link.pk, NOW)
        assert result.next_due_at is not None
        waits.append(result.next_due_at - NOW)
    assert waits[0] <= waits[-1] <= sync.LAST_RETRY


def test_a_connection_that_fails_by_our_own_fault_keeps_no_other_from_being_read(
    seller: Seller, connect: Connect, box: SandboxControl, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, whole = connect(seller), connect(seller)
    wanted = order(box, whole)
    real = sync.sync_connection

    def failing(connection_id: int, now: datetime) -> Any:
        if connection_id == broken.pk:
            raise RuntimeError("a key is gone")
        return real(connection_id, now)

    monkeypatch.setattr(sync, "sync_connection", failing)
    sync_seller(seller, NOW)
    assert Order.objects.filter(amazon_order_id=wanted).exists()
