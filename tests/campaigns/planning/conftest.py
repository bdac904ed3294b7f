"""Tests that plan within their own transaction, whose rows no snapshot calls settled."""

from itertools import count

import pytest

from campaigns.services import plan_cursor
from tests.factories import orders


@pytest.fixture
def all_committed(monkeypatch):
    """Each change of an order counts as a committed transaction of its own, and all are settled.

    The real line, and a late commit, are tested in test_cursor.py with real transactions."""
    numbers = count(1)
    monkeypatch.setattr(orders, "current_xact", lambda: next(numbers))
    line = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
    monkeypatch.setattr(plan_cursor, "_NEWS", plan_cursor._NEWS.replace(line, "9223372036854775807"))
    last = "(SELECT coalesce(max(o.changed_xact), 0) + 1 FROM orders_order o)"
    monkeypatch.setattr(plan_cursor, "_READING", plan_cursor._READING.replace(line, last))
