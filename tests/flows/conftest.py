"""The whole product against a real sandbox, worked by its own due index, without a broker in between."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts import due, fuse
from accounts.models import Connection, Seller
from accounts.services import connections
from config import app
from tests.support.sandbox import CLIENT_ID, CLIENT_SECRET, DE, SandboxControl, running_sandbox

SENDER = "service@flow.example"


@pytest.fixture(scope="package")
def box() -> Iterator[SandboxControl]:
    with running_sandbox() as started:
        yield started


@pytest.fixture
def db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Rows are really committed here. (Under this name pytest-django makes the database.)"""
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def shop(
    db: None, live_seller: Seller, box: SandboxControl, settings: Any, tmp_path: Any
) -> Iterator[Seller]:
    """A seller with really committed rows, entered, whose Amazon is the sandbox; not connected yet."""
    host, port = box.smtp
    settings.AMAZON_BASE_URL = settings.SANDBOX_URL = box.http
    settings.AMAZON_TOKEN_URL = f"{box.http}/auth/o2/token"
    settings.AMAZON_LWA_CLIENT_ID, settings.AMAZON_LWA_CLIENT_SECRET = CLIENT_ID, CLIENT_SECRET
    settings.RELAY_SMTP_URL = f"smtp://{host}:{port}"
    settings.MEDIA_ROOT = tmp_path
    fuse.arm()
    yield live_seller
    fuse.disarm()


@pytest.fixture
def connected(shop: Seller, box: SandboxControl) -> Connection:
    partner = f"AFLOW{shop.pk:08d}"
    box.add_seller(partner, region="eu", marketplaces=[DE])
    box.approve_sender(partner, SENDER)
    box.rate(1000, 1000, selling_partner_id=partner)
    made = Connection.objects.create(
        seller=shop,
        region="EU",
        selling_partner_id=partner,
        authorised_at=timezone.now() - timedelta(days=30),
        sender_address=SENDER,
    )  # not fresh: a refusal right after connecting may speak of the token before
    connections.seal_token(made, box.grant(partner))
    made.save()
    connections.read_participations(made)
    connections.lower_work(made)
    return made


@pytest.fixture
def work(shop: Seller) -> Callable[[], int]:
    """What beat and workers do, in this process: claim what is due and run its tasks, until nothing is due at once."""

    app.loader.import_default_modules()  # as a worker does

    def run() -> int:
        rounds = 0
        while leases := due.claim(100):
            rounds += 1
            assert rounds < 50, f"still due after 50 rounds: {leases}"
            for lease in leases:
                app.tasks[due.kind_named(lease.kind).task]([[lease.seller_id, lease.token]])
        return rounds

    return run
