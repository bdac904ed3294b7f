"""The database connection as it is: django-tenants', with schemas. (The stubs know only Django's own.)"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django import db

connection: Any = db.connection


@contextmanager
def single_statement() -> Iterator[Any]:
    """A cursor for one statement, which commits by itself; inside a transaction that goes on if it fails."""
    if not connection.in_atomic_block:
        with connection.cursor() as cursor:
            yield cursor
        return
    with db.transaction.atomic(), connection.cursor() as cursor:
        yield cursor
