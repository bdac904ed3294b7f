"""The whole product against a real sandbox, worked by its own due index, without a broker in between."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from accounts import fuse
from accounts.models import Connection, Seller
from tests.support import living
from tests.support.sandbox import SandboxControl, running_sandbox


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
    living.live_in(box, settings, tmp_path)
    yield live_seller
    fuse.disarm()


@pytest.fixture
def connected(shop: Seller, box: SandboxControl) -> Connection:
    return living.connect(shop, box)


@pytest.fixture
def work(shop: Seller) -> Callable[[], int]:
    return living.work
