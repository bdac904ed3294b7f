"""The seeded world: believable, repeatable, and alive as the clock goes on."""

from __future__ import annotations

import re
import time
from collections import Counter

from tests.support.sandbox import DE, US, running_sandbox, start_sandbox

from .conftest import open_account


def test_month_of_orders_is_varied(box):
    account = open_account(box, orders=600)
    orders = box.orders(selling_partner_id=account.seller, limit=1000)
    assert len(orders) == 600
    statuses = Counter(order["status"] for order in orders)
    assert {"SHIPPED", "CANCELLED", "UNSHIPPED"} <= set(statuses)
    assert statuses["SHIPPED"] > 450
    assert 0.6 < Counter(order["fulfilled_by"] for order in orders)["AMAZON"] / 600 < 0.8
    for fact in ("returned_at", "refunded_at", "replaces", "opted_out"):
        assert any(order[fact] for order in orders), fact
    assert any("AMAZON_BUSINESS" in order["programs"] for order in orders)
    assert any(order["items"][0]["promotion"] for order in orders)
    assert max(Counter(order["buyer"] for order in orders).values()) > 1
    titles = {item["title"] for order in orders for item in order["items"]}
    assert any("✨" in title for title in titles)
    assert len(titles) >= 8


def test_times_of_an_order_follow_each_other(box):
    account = open_account(box, orders=300)
    for order in box.orders(selling_partner_id=account.seller, limit=1000):
        moments = [
            order[name] for name in ("created_at", "shipped_at", "delivered_at", "returned_at") if order[name]
        ]
        assert moments == sorted(moments), order
        assert order["updated_at"] >= order["created_at"]
        assert max(moments) <= box.now()


def test_relay_addresses_belong_to_the_marketplace(box):
    account = open_account(box, region="eu", marketplaces=[DE], orders=20)
    for order in box.orders(selling_partner_id=account.seller):
        assert re.fullmatch(r"[a-z0-9]{15,}@marketplace\.amazon\.de", order["relay"])
        assert re.fullmatch(r"30[2-6]-\d{7}-\d{7}", order["order_id"])


def test_same_seed_gives_the_same_world():
    stories = []
    for _ in range(2):
        with running_sandbox("--now", "2026-11-20T12:00:00Z", "--speed", "0") as box:
            box.add_seller("ASAME", orders=60, seed=3)
            stories.append(box.orders(selling_partner_id="ASAME", limit=100))
    assert stories[0] == stories[1]


def test_adding_a_seller_again_changes_nothing(box):
    account = open_account(box, orders=10)
    assert box.add_seller(account.seller, orders=50)["created"] is False
    assert len(box.orders(selling_partner_id=account.seller)) == 10


def test_orders_are_shipped_and_delivered_as_the_clock_goes_on(box):
    account = open_account(box, orders=100)
    before = Counter(order["status"] for order in box.orders(selling_partner_id=account.seller, limit=1000))
    assert box.advance(days=20)["happened"] > 0
    after = box.orders(selling_partner_id=account.seller, limit=1000)
    statuses = Counter(order["status"] for order in after)
    assert before["UNSHIPPED"] + before["PENDING"] > 0
    assert set(statuses) <= {"SHIPPED", "CANCELLED"}
    assert all(
        order["delivered_at"] or order["package"] == "UNDELIVERABLE"
        for order in after
        if order["status"] == "SHIPPED"
    )


def test_what_happened_shows_with_the_time_it_happened(box):
    account = open_account(box, orders=100)
    cursor = box.now()
    box.advance(days=5)
    account.renew()
    page = account.search(lastUpdatedAfter=cursor)
    assert page["orders"]
    assert len({order["lastUpdatedTime"][:10] for order in page["orders"]}) > 1


def test_new_orders_are_placed_when_asked(box):
    account = open_account(box, orders=300)
    assert box.advance(days=1)["placed"] == 0
    assert box.tick()["placed"] > 0
    assert 303 <= len(box.orders(selling_partner_id=account.seller, limit=1000)) <= 330


def test_hand_made_order_stands_still(box, account):
    order = account.order(shipped_at="2026-11-18T12:00:00Z")
    box.advance(days=30)
    assert box.order(order["order_id"])["delivered_at"] is None


def test_repeat_buyer_keeps_its_relay_address(account):
    first = account.order()
    second = account.order(buyer_of=first["order_id"])
    assert (first["buyer"], first["relay"]) == (second["buyer"], second["relay"])


def test_restart_goes_on_where_it_was(tmp_path):
    data = ("--data", str(tmp_path / "world.sqlite"))
    box = start_sandbox(*data, "--now", "2026-11-20T12:00:00Z")
    box.add_seller("AKEEP", orders=30)
    token = box.grant("AKEEP")
    access = box.access_token(token)
    box.fault("internal_failure", operation="getAccount", count=1)
    box.settings(orders_lag=7)
    before = box.orders(selling_partner_id="AKEEP")
    box.kill()
    box = start_sandbox(*data)
    try:
        assert box.now().startswith("2026-11-20T12:0")
        assert box.orders(selling_partner_id="AKEEP") == before
        headers = {"x-amz-access-token": access}
        answer = box.client.get(f"{box.http}/sellers/v1/marketplaceParticipations", headers=headers)
        assert answer.json()["payload"][0]["marketplace"]["id"] == US
        assert box.access_token(token)
        assert box.get("settings")["orders_lag"] == 7
        assert [fault["kind"] for fault in box.get("faults")] == ["internal_failure"]
    finally:
        box.stop()


def test_live_sandbox_places_orders_by_itself():
    with running_sandbox("--live", "--speed", "20000") as box:
        box.add_seller("ALIVE", orders=300)
        for _ in range(100):
            if len(box.orders(selling_partner_id="ALIVE", limit=1000)) > 300:
                return
            time.sleep(0.1)
    raise AssertionError("no order was placed")
