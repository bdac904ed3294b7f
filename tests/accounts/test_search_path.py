"""The search path is said once, and never trusted where something could have taken it back."""

import psycopg
import pytest
from django.db import ProgrammingError, connection, transaction
from django_tenants.postgresql_backend import base

from accounts.models import Seller
from accounts.tenancy import seller_context
from orders.models import Order


class Undone(Exception):
    pass


@pytest.fixture
def db(django_db_setup, django_db_blocker):
    """Here rows are really committed: the tests' own transaction would be one more. Named so that the database is made."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def neighbours(db, live_seller, django_db_blocker):
    """A seller with one order that is really there, entered, and one without."""
    from tests.conftest import drop_seller, make_seller
    from tests.factories.orders import make_order

    with django_db_blocker.unblock():
        with seller_context(live_seller):
            make_order(relay_address_sealed="")
        empty = make_seller("live-empty-neighbour")
        connection.set_tenant(live_seller)
        yield live_seller, empty
        drop_seller(empty)
        connection.set_tenant(live_seller)


@pytest.fixture
def said(monkeypatch):
    """How often a path was said to the server."""
    times = []
    really = base.DatabaseWrapper._handle_search_path

    def handle(self, cursor=None):
        times.append(self.schema_name)
        really(self, cursor)

    monkeypatch.setattr(base.DatabaseWrapper, "_handle_search_path", handle)
    return times


def count() -> int:
    return Order.objects.count()


def look_and_undo(seller: Seller) -> None:
    try:
        with transaction.atomic(), seller_context(seller):
            assert count() == 0
            raise Undone
    except Undone:
        pass


def test_it_is_said_once_for_many_statements(neighbours, said):
    for _ in range(5):
        count()
    with transaction.atomic():
        count()
        count()
    assert len(said) <= 1


def test_it_is_said_anew_for_another_seller(neighbours):
    full, empty = neighbours
    assert [count() for seller in (full, empty, full) if connection.set_tenant(seller) is None] == [1, 0, 1]


def test_a_rolled_back_transaction_that_entered_another_leaves_no_trace(neighbours):
    _, empty = neighbours
    assert count() == 1
    look_and_undo(empty)
    assert count() == 1
    with seller_context(empty):
        assert count() == 0


def test_nor_does_a_rolled_back_savepoint(neighbours):
    _, empty = neighbours
    with transaction.atomic():
        look_and_undo(empty)
        assert count() == 1
        with seller_context(empty):
            assert count() == 0
        assert count() == 1
    assert count() == 1


def enter_and_undo(seller: Seller) -> None:
    """Enter it for good inside a transaction that is then undone, and with it the path it said."""
    try:
        with transaction.atomic():
            connection.set_tenant(seller)
            assert count() == 1
            raise Undone
    except Undone:
        pass


def test_who_was_entered_inside_a_rolled_back_transaction_is_still_the_one_that_is_read(neighbours):
    full, empty = neighbours
    connection.set_tenant(empty)
    assert count() == 0
    enter_and_undo(full)
    assert count() == 1


def test_who_was_entered_inside_a_rolled_back_savepoint_too(neighbours):
    full, empty = neighbours
    connection.set_tenant(empty)
    with transaction.atomic():
        assert count() == 0
        enter_and_undo(full)
        assert count() == 1


def test_what_was_said_inside_a_committed_transaction_is_not_trusted_either(neighbours):
    full, empty = neighbours
    with transaction.atomic():
        connection.set_tenant(empty)
        assert count() == 0
    assert count() == 0
    connection.set_tenant(full)
    assert count() == 1


def test_a_new_server_connection_is_told_again(neighbours):
    assert count() == 1
    connection.close()
    assert count() == 1


def fail() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM nowhere")


def fail_inside(seller: Seller) -> None:
    with transaction.atomic(), seller_context(seller):
        fail()


def test_a_statement_that_failed_changes_nothing(neighbours):
    _, empty = neighbours
    with pytest.raises(ProgrammingError):
        fail()
    assert count() == 1
    with pytest.raises(ProgrammingError):
        fail_inside(empty)
    assert count() == 1


def test_another_connections_seller_is_its_own(neighbours):
    _, empty = neighbours
    assert count() == 1
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute(f'SET search_path = "{empty.schema_name}"')
        assert count() == 1
