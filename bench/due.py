"""The dispatcher's tick at ten thousand sellers: nothing due, five hundred due, and what asking every seller's
schema would cost instead. Rows are committed, as in life, and deleted afterwards.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from accounts import due
from accounts.database import connection
from accounts.models import Seller, SellerDue
from accounts.services import provisioning, schemas
from accounts.tenancy import seller_context
from bench.figures import Figure, at_least, at_most

KIND = due.Kind("bench.due", "bench.due", timedelta(minutes=10), chunk=50)
#: Other kinds' rows, so that the index holds what a working installation's holds.
OTHERS = 7
FAR = datetime(2099, 1, 1, tzinfo=UTC)
PAST = datetime(2026, 1, 1, tzinfo=UTC)
_PREFIX = "bench-due-"


def run(small: bool = False) -> list[Figure]:
    sellers, rounds = (1_000, 5) if small else (10_000, 20)
    with patch.object(due, "_kinds", {KIND.name: KIND}), _crowd(sellers) as ids:
        idle = _usual(lambda: due.claim(500), rounds * 10)
        busy, handed_back = _busy(ids[:500], rounds)
        poll = _poll_of_one_schema() * sellers
    who = f"{sellers:,} sellers, {sellers * (OTHERS + 1):,} rows"
    return [
        at_most("due: tick with nothing due", idle * 1e3, "ms", 1, who),
        at_most("due: tick with 500 due", busy * 1e3, "ms", 20, f"claim, committed; {who}"),
        Figure("due: giving 500 back", handed_back * 1e3, "ms", note="one statement each"),
        at_least("due: idle tick against asking every schema", poll / idle, "x", 100, "poll sampled"),
    ]


def _usual(act: Callable[[], object], times: int) -> float:
    """Seconds: the lower quartile, which other programs on the machine disturb least."""
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        act()
        taken.append(time.perf_counter() - started)
    return _quartile(taken)


def _quartile(taken: list[float]) -> float:
    return statistics.quantiles(taken, n=4)[0]


def _busy(ids: list[int], rounds: int) -> tuple[float, float]:
    claims, finishes = [], []
    for _ in range(rounds):
        due.lower_many(KIND.name, [(seller_id, PAST) for seller_id in ids])
        started = time.perf_counter()
        leases = due.claim(len(ids))
        claimed = time.perf_counter()
        if len(leases) != len(ids):
            raise AssertionError(f"claimed {len(leases)} of {len(ids)}")
        for lease in leases:
            due.finish(lease, FAR)
        claims.append(claimed - started)
        finishes.append(time.perf_counter() - claimed)
    return _quartile(claims), _quartile(finishes)


@contextmanager
def _crowd(sellers: int) -> Iterator[list[int]]:
    """Sellers without schemas, each with every kind of work far in the future."""
    rows = (
        Seller(
            slug=f"{_PREFIX}{n}", name=f"Bench {n}", schema_name=f"bench_due_{n}", state=Seller.State.READY
        )
        for n in range(sellers)
    )
    ids = [seller.pk for seller in Seller.objects.bulk_create(rows, batch_size=1_000)]
    try:
        for number in range(OTHERS + 1):
            due.lower_many(f"bench.other{number}" if number else KIND.name, [(pk, FAR) for pk in ids])
        _execute("VACUUM ANALYZE public.accounts_sellerdue")
        yield ids
    finally:
        SellerDue.objects.filter(seller_id__in=ids).delete()
        Seller.objects.filter(pk__in=ids)._raw_delete("default")  # no cascade to look for


def _poll_of_one_schema() -> float:
    """Seconds to enter a seller and ask whether a message is due, over a few real schemas."""
    made = [provisioning.create_seller(f"Bench {n}", f"{_PREFIX}real-{n}") for n in range(5)]
    try:
        return statistics.median(_usual(lambda one=seller: _ask(one), 20) for seller in made)  # type: ignore[misc]
    finally:
        for seller in made:
            schemas.drop(seller.schema_name)
            seller.delete(force_drop=False)  # type: ignore[no-untyped-call]


def _ask(seller: Seller) -> None:
    with seller_context(seller):
        _execute("SELECT 1 FROM campaigns_message WHERE state = 'planned' AND due_at <= now() LIMIT 1")


def _execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
