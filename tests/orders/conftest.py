"""A sandbox playing Amazon, and a connection of the entered seller to it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
import redis
from django.conf import settings as django_settings

from accounts.models import Connection, Seller
from accounts.services import connections
from tests.support.sandbox import (
    APPLICATION_ID,
    CLIENT_ID,
    CLIENT_SECRET,
    DE,
    SandboxControl,
    running_sandbox,
)

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
_numbers = count(1)


@pytest.fixture(scope="session")
def _box() -> Iterator[SandboxControl]:
    with running_sandbox("--now", NOW.isoformat(), "--report-delay", "0") as box:
        yield box


@pytest.fixture
def box(_box: SandboxControl, settings: Any) -> SandboxControl:
    """A sandbox that allows calls as fast as they come, without faults, its clock near NOW."""
    settings.AMAZON_BASE_URL = settings.SANDBOX_URL = _box.http
    settings.AMAZON_TOKEN_URL = f"{_box.http}/auth/o2/token"
    settings.AMAZON_LWA_CLIENT_ID, settings.AMAZON_LWA_CLIENT_SECRET = CLIENT_ID, CLIENT_SECRET
    settings.AMAZON_APPLICATION_ID = APPLICATION_ID
    _box.reset("ledger")
    _box.clear_faults()
    _box.set_clock(NOW.isoformat())
    _box.settings(pii_without_role="omit", shuffle_columns=False, report_encoding="utf-8")
    _forget_incidents()
    return _box


def _forget_incidents() -> None:
    """The circuit breaker is shared by all tests, which all fail on purpose."""
    valkey = redis.Redis.from_url(django_settings.CACHES["default"]["LOCATION"])
    for key in valkey.scan_iter("amazon:breaker:*"):
        valkey.delete(key)
    valkey.close()


@pytest.fixture
def connect(box: SandboxControl) -> Callable[..., Connection]:
    """Makes a connection of a seller to an Amazon account of its own."""

    def make(seller: Seller, **facts: Any) -> Connection:
        partner = f"A1ORDERS{next(_numbers):04d}"
        box.add_seller(partner, region="eu", marketplaces=[DE], **facts)
        box.rate(1_000, 1_000, selling_partner_id=partner)
        link = Connection.objects.create(
            seller=seller,
            region="EU",
            selling_partner_id=partner,
            marketplace_ids=[DE],
            authorised_at=datetime.now(UTC) - timedelta(days=10),
        )
        connections.seal_token(link, box.grant(partner))
        link.save()
        return link

    return make


@pytest.fixture
def link(seller: Seller, connect: Callable[..., Connection]) -> Connection:
    return connect(seller)
