"""The broker carries hints: losing them all loses nothing, delivering one three times sends nothing twice."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts import due
from accounts import tasks as accounts_tasks
from accounts.models import Connection, SellerDue
from accounts.tenancy import seller_context
from campaigns.models import Message
from campaigns.services.dispatch.round import KIND
from campaigns.tasks import sending
from tests.conftest import drop_seller, make_seller
from tests.faults.world import World, connect
from tests.support.sandbox import CLIENT_ID, CLIENT_SECRET


class Broker:
    """Keeps the hints instead of delivering them."""

    def __init__(self) -> None:
        self.hints: list[tuple[str, Any]] = []

    def send_task(self, task: str, args: list[Any], **options: Any) -> None:
        self.hints.append((task, args[0]))

    def wipe(self) -> None:
        self.hints.clear()

    def deliver(self) -> None:
        """Every dispatch hint, as often as it lies here."""
        for task, leases in self.hints:
            if task == "campaigns.tasks.dispatch":
                sending.dispatch(leases)


@pytest.fixture
def broker(world: World, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Broker]:
    settings.AMAZON_BASE_URL = world.box.http
    settings.AMAZON_TOKEN_URL = f"{world.box.http}/auth/o2/token"
    settings.AMAZON_LWA_CLIENT_ID, settings.AMAZON_LWA_CLIENT_SECRET = CLIENT_ID, CLIENT_SECRET
    settings.DISPATCH_THREADS = 1
    kept = Broker()
    monkeypatch.setattr(accounts_tasks.current_app, "send_task", kept.send_task)
    yield kept
    connection.set_tenant(world.seller)


def _hand_out(world: World) -> None:
    due.lower(world.seller.pk, KIND, timezone.now() - timedelta(seconds=1))
    connection.set_schema_to_public()
    accounts_tasks.hand_out_due()
    connection.set_tenant(world.seller)


def test_a_wiped_broker_loses_nothing_and_sends_nothing_twice(world: World, broker: Broker) -> None:
    world.due("solicitation", 8)
    _hand_out(world)
    assert broker.hints
    broker.wipe()
    _hand_out(world)
    assert not broker.hints  # the row is leased: nobody else is sent for it yet
    SellerDue.objects.filter(kind=KIND).update(leased_until=timezone.now() - timedelta(seconds=1))
    _hand_out(world)
    broker.deliver()
    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}
    world.assert_kept_its_promise()


def test_a_hint_delivered_three_times_and_days_late_sends_once(world: World, broker: Broker) -> None:
    world.due("solicitation", 3)
    _hand_out(world)
    broker.hints *= 3
    broker.deliver()
    broker.deliver()
    assert sum(world.taken().values()) == 3
    world.assert_kept_its_promise()


def test_a_revoked_seller_stops_while_the_others_go_on(world: World, broker: Broker) -> None:
    world.due("solicitation", 4)
    other = make_seller("live-neighbour")
    try:
        with seller_context(other):
            neighbour = World(world.box, other, connect(other, world.box), world.workers)
            neighbour.due("solicitation", 4)
            world.box.revoke(neighbour.connection.selling_partner_id)
        due.lower(other.pk, KIND, timezone.now() - timedelta(seconds=1))
        _hand_out(world)
        broker.deliver()
        connection.set_tenant(world.seller)
        assert set(Message.objects.values_list("state", flat=True)) == {"sent"}
        with seller_context(other):
            assert set(Message.objects.values_list("reason", flat=True)) == {
                "connection_needs_reauthorisation"
            }
        assert Connection.objects.get(pk=neighbour.connection.pk).health == "needs_reauthorisation"
        assert sum(world.taken().values()) == 4
    finally:
        drop_seller(other)
        connection.set_tenant(world.seller)
