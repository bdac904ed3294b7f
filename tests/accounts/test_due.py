from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from accounts import due, tasks
from accounts.models import Seller, SellerDue
from accounts.tenancy import current_seller

pytestmark = pytest.mark.django_db

PAST = datetime(2026, 11, 1, 12, tzinfo=UTC)
KIND = due.Kind("test.work", "tests.work", lease=timedelta(minutes=10), chunk=2)


@pytest.fixture(autouse=True)
def _kinds(monkeypatch):
    monkeypatch.setattr(due, "_kinds", {KIND.name: KIND})


@pytest.fixture
def acme():
    return Seller.objects.get(slug="acme")


def row(seller) -> SellerDue:
    return SellerDue.objects.get(seller=seller, kind=KIND.name)


def far_future() -> datetime:
    return datetime.now(UTC) + timedelta(days=300)


def let_the_lease_run_out(lease):
    SellerDue.objects.filter(lease=lease.token).update(leased_until=PAST)


def test_what_is_due_is_claimed_once(acme):
    due.lower(acme.pk, KIND.name, PAST)
    assert [(lease.seller_id, lease.kind) for lease in due.claim(10)] == [(acme.pk, KIND.name)]
    assert due.claim(10) == []


def test_what_is_not_due_yet_is_left(acme):
    due.lower(acme.pk, KIND.name, far_future())
    assert due.claim(10) == []
    assert len(due.claim(10, now=far_future() + timedelta(days=1))) == 1


def test_lowering_only_ever_makes_it_earlier(acme):
    for hours in (5, 3, 9):
        due.lower(acme.pk, KIND.name, PAST + timedelta(hours=hours))
    assert row(acme).due_at == PAST + timedelta(hours=3)


def test_the_earliest_goes_first_and_the_limit_holds(acme, rival):
    due.lower_many(
        KIND.name,
        [(acme.pk, PAST), (rival.pk, PAST - timedelta(hours=1)), (acme.pk, PAST + timedelta(hours=1))],
    )
    assert [lease.seller_id for lease in due.claim(1)] == [rival.pk]
    assert [lease.seller_id for lease in due.claim(1)] == [acme.pk]


def test_finished_work_comes_back_when_it_said(acme):
    due.lower(acme.pk, KIND.name, PAST)
    (lease,) = due.claim(10)
    assert due.finish(lease, far_future())
    assert due.claim(10) == []
    assert len(due.claim(10, now=far_future() + timedelta(seconds=1))) == 1


def test_work_that_is_done_for_good_sleeps_until_lowered(acme):
    due.lower(acme.pk, KIND.name, PAST)
    (lease,) = due.claim(10)
    due.finish(lease, None)
    assert due.claim(10, now=far_future()) == []
    due.lower(acme.pk, KIND.name, PAST)
    assert len(due.claim(10)) == 1


@pytest.mark.parametrize("next_due_at", [None, datetime(2027, 1, 1, tzinfo=UTC)])
def test_what_was_lowered_while_the_work_ran_is_not_lost(acme, next_due_at):
    due.lower(acme.pk, KIND.name, PAST)
    (lease,) = due.claim(10)
    due.lower(acme.pk, KIND.name, PAST + timedelta(minutes=5))  # later than the time it was claimed for
    assert due.claim(10) == []  # not while it runs
    due.finish(lease, next_due_at)
    assert len(due.claim(10)) == 1


def test_a_lease_that_ran_out_is_claimed_again_and_the_first_worker_changes_nothing(acme):
    due.lower(acme.pk, KIND.name, PAST)
    (first,) = due.claim(10)
    let_the_lease_run_out(first)
    (second,) = due.claim(10)
    assert not due.renew(first)
    assert not due.finish(first, None)
    assert due.renew(second)
    assert due.finish(second, None)


def test_a_lease_counts_by_the_databases_clock(acme):
    due.lower(acme.pk, KIND.name, PAST)
    due.claim(10, now=PAST + timedelta(minutes=1))  # a worker whose clock is three weeks late
    assert row(acme).leased_until > datetime.now(UTC) + timedelta(minutes=9)


@pytest.mark.parametrize("state", [Seller.State.CLOSED, Seller.State.PREPARING])
def test_only_ready_sellers_are_claimed(acme, state):
    Seller.objects.filter(pk=acme.pk).update(state=state)
    due.lower(acme.pk, KIND.name, PAST)
    assert due.claim(10) == []


def test_a_kind_nobody_registered_waits(acme):
    due.lower(acme.pk, "unknown.kind", PAST)
    assert due.claim(10) == []


def test_an_idle_tick_reads_the_index_and_not_the_sellers(acme):
    """The claim's plan: an index condition on `ready_at`, whatever the number of rows."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # which a small table would rightly prefer
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute("EXPLAIN " + due._CLAIM, due._claim_parameters(500, None))
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Index Scan using seller_due_ready" in plan
    assert "Sort" not in plan


def test_hints_go_out_in_chunks(acme, rival, monkeypatch):
    sent = []
    monkeypatch.setattr(
        tasks.current_app, "send_task", lambda name, args, expires: sent.append((name, args[0], expires))
    )
    third = Seller.objects.create(
        slug="third", name="Third", schema_name="seller_third", state=Seller.State.READY
    )
    due.lower_many(KIND.name, [(seller.pk, PAST) for seller in (acme, rival, third)])
    assert tasks.hand_out_due() == 3
    assert [(name, len(chunk), expires) for name, chunk, expires in sent] == [
        ("tests.work", 2, 600),
        ("tests.work", 1, 600),
    ]
    assert tasks.hand_out_due() == 0


def test_working_through_enters_each_seller_and_says_when_next(acme, rival):
    due.lower_many(KIND.name, [(acme.pk, PAST), (rival.pk, PAST)])
    leases = [[lease.seller_id, lease.token] for lease in due.claim(10)]
    seen = []

    def work(seller):
        seen.append((seller.pk, current_seller().pk))
        return PAST if seller == acme else None

    due.work_through(KIND.name, leases, work)
    assert sorted(seen) == sorted([(acme.pk, acme.pk), (rival.pk, rival.pk)])
    assert (row(acme).due_at, row(rival).due_at, row(acme).lease) == (PAST, None, None)


def test_one_seller_that_fails_does_not_stop_the_others_and_is_tried_again(acme, rival, caplog):
    due.lower_many(KIND.name, [(acme.pk, PAST - timedelta(hours=1)), (rival.pk, PAST)])
    leases = [[lease.seller_id, lease.token] for lease in due.claim(10)]
    done = []

    def work(seller):
        if seller == acme:
            raise RuntimeError("broken")
        done.append(seller)

    due.work_through(KIND.name, leases, work)
    assert done == [rival]
    assert datetime.now(UTC) < row(acme).due_at < datetime.now(UTC) + timedelta(minutes=2)
    assert "test.work failed" in caplog.text


def test_a_seller_that_is_gone_is_dropped(acme):
    due.lower(acme.pk, KIND.name, PAST)
    (lease,) = due.claim(10)
    Seller.objects.filter(pk=acme.pk).update(state=Seller.State.CLOSED)
    due.work_through(KIND.name, [[lease.seller_id, lease.token]], lambda seller: pytest.fail("entered"))
    assert row(acme).ready_at is None


def test_mending_puts_back_what_was_lost_and_one_broken_mender_does_not_stop_the_rest(acme, caplog):
    def broken():
        raise RuntimeError("broken")

    due.register(due.Kind("test.broken", "tests.broken", timedelta(minutes=10), 1, mend=broken))
    due.register(due.Kind(KIND.name, KIND.task, KIND.lease, KIND.chunk, mend=lambda: [(acme.pk, PAST)]))
    tasks.mend_due_index()
    assert len(due.claim(10)) == 1
    assert "test.broken" in caplog.text
