import os
from collections.abc import Iterator
from typing import Any

import pytest

from accounts import fuse
from accounts.models import Seller
from tests.faults.world import Workers, World, connect, worker_env
from tests.support.sandbox import SandboxControl, running_sandbox


@pytest.fixture(scope="package")
def box() -> Iterator[SandboxControl]:
    with running_sandbox() as started:
        yield started


@pytest.fixture(scope="package")
def workers(box: SandboxControl, django_db_setup: None, django_db_blocker: Any) -> Iterator[Workers]:
    with django_db_blocker.unblock():
        started = Workers(worker_env(box))
    yield started
    started.stop()


@pytest.fixture
def db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """In this folder rows are really committed, for other processes read them.

    It has this name because pytest-django makes the database for tests that ask for it.
    """
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def world(db: None, box: SandboxControl, workers: Workers, live_seller: Seller) -> Iterator[World]:
    """A connected, armed seller with really committed rows, entered."""
    box.reset("ledger")
    box.clear_faults()
    fuse.arm()
    try:
        yield World(box, live_seller, connect(live_seller, box), workers)
    finally:
        workers.reap()
        fuse.disarm()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "long: minutes of random kills; run with PERMITTED_LONG=1")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get("PERMITTED_LONG"):
        return
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.skip(reason="takes minutes; set PERMITTED_LONG=1 to run it"))
