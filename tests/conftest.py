"""Two sellers per run, so isolation is cheap to prove; sockets to the outside are closed."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings

from accounts.models import Seller

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@pytest.fixture(scope="session", autouse=True)
def _closed_sockets() -> Iterator[None]:
    """A test that reaches for the outside world fails with the address it wanted."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in _LOOPBACK:
            raise AssertionError(f"a test reached for {address}")
        real(self, address)

    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", connect)
    yield
    patch.undo()


def make_seller(slug: str, **fields: Any) -> Seller:
    """A seller with its schema, committed when called outside a test's transaction."""
    connection.set_schema_to_public()
    from accounts.services import provisioning

    seller = provisioning.create_seller(name=slug.title(), slug=slug, **fields)
    connection.set_schema_to_public()
    return seller


def drop_seller(seller: Seller) -> None:
    connection.set_schema_to_public()
    with connection.cursor() as cursor:
        cursor.execute(f'DROP SCHEMA IF EXISTS "{seller.schema_name}" CASCADE')
        cursor.execute("SET permitted.erasing = 'on'")  # verdicts stay otherwise
        seller.delete(force_drop=False)
        cursor.execute("RESET permitted.erasing")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        for slug in ("acme", "rival"):
            if not Seller.objects.filter(slug=slug).exists():
                make_seller(slug)


@pytest.fixture(autouse=True)
def _public_first(request: pytest.FixtureRequest) -> Iterator[None]:
    """No test inherits another's schema."""
    yield
    if "db" in request.fixturenames or "transactional_db" in request.fixturenames:
        connection.set_schema_to_public()


@pytest.fixture
def seller(db: None) -> Iterator[Seller]:
    """The seller most tests act for, entered. Rolled back with the test."""
    acme = Seller.objects.get(slug="acme")
    connection.set_tenant(acme)
    yield acme
    connection.set_schema_to_public()


@pytest.fixture
def rival(db: None) -> Seller:
    """Another seller, not entered: the one whose data must never appear."""
    before, included = connection.tenant, connection.include_public_schema
    connection.set_schema_to_public()
    found = Seller.objects.get(slug="rival")
    connection.set_tenant(before, included)
    return found


@pytest.fixture(scope="session", autouse=True)
def _static_files_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """WhiteNoise warns of a folder that only a deployment makes."""
    with override_settings(STATIC_ROOT=tmp_path_factory.getbasetemp()):
        yield


@pytest.fixture
def live_seller(
    django_db_setup: None, django_db_blocker: Any, request: pytest.FixtureRequest
) -> Iterator[Seller]:
    """A seller of its own whose rows are really committed, for tests with several processes. Dropped afterwards.

    Do not combine with `db`; use the `unblocked` nature of this fixture to reach the database.
    """
    with django_db_blocker.unblock():
        made = make_seller(f"live-{abs(hash(request.node.nodeid)) % 10**10}")
        connection.set_tenant(made)
        yield made
        drop_seller(made)
