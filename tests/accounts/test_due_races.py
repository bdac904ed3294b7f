"""Several dispatchers at once, really committed."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from django.db import connection

from accounts import due
from accounts.models import SellerDue

PAST = datetime(2026, 11, 1, tzinfo=UTC)
KINDS = {f"race.{n}": due.Kind(f"race.{n}", "tests.race", timedelta(minutes=10), 1) for n in range(200)}


def claim_all(_: int) -> list[due.Lease]:
    taken: list[due.Lease] = []
    try:
        while leases := due.claim(7):
            taken += leases
        return taken
    finally:
        connection.close()


def test_no_row_is_handed_out_twice_and_none_is_left(live_seller, monkeypatch):
    monkeypatch.setattr(due, "_kinds", KINDS)
    for name in KINDS:
        due.lower(live_seller.pk, name, PAST)
    with ThreadPoolExecutor(4) as dispatchers:
        taken = [lease for leases in dispatchers.map(claim_all, range(4)) for lease in leases]
    assert Counter(lease.kind for lease in taken) == dict.fromkeys(KINDS, 1)
    assert SellerDue.objects.filter(seller=live_seller, lease=None).count() == 0


def test_what_is_lowered_while_others_claim_and_finish_is_never_lost(live_seller, monkeypatch):
    """Each lowering is followed by a run: counted by runs that saw the newest number."""
    monkeypatch.setattr(due, "_kinds", {"race.0": KINDS["race.0"]})
    written, seen = [0], [0]

    def produce(_: int) -> None:
        try:
            for number in range(1, 101):
                written[0] = number
                due.lower(live_seller.pk, "race.0", PAST)
        finally:
            connection.close()

    def consume(_: int) -> None:
        try:
            idle = 0
            while idle < 50:
                leases = due.claim(1)
                idle = 0 if leases or written[0] < 100 else idle + 1
                for lease in leases:
                    seen[0] = written[0]
                    due.finish(lease, None)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as both:
        runs = [both.submit(produce, 0), both.submit(consume, 0)]
        [run.result() for run in runs]
    assert seen[0] == 100
