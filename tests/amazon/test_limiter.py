import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from amazon.errors import LimiterUnavailable, Outcome
from amazon.limiter import HEADROOM, Bucket, Limiter
from amazon.operations import OPERATIONS
from amazon.regions import Region

ROOT = Path(__file__).resolve().parents[2]
SOLICIT = "createProductReviewAndSellerFeedbackSolicitation"


@pytest.fixture
def limiter(valkey):
    return Limiter(valkey)


@pytest.fixture
def bucket(who):
    return Bucket(Region.EU, who, "searchOrders")


def empty(limiter, bucket):
    while limiter.take(bucket) == 0.0:
        pass


def rewind(valkey, bucket, seconds):
    """Let `seconds` have passed for this bucket."""
    at = float(valkey.hget(bucket.key, "at"))
    valkey.hset(bucket.key, "at", f"{at - seconds:.6f}")


def test_a_fresh_bucket_gives_the_burst_less_the_spare_token(limiter, bucket):
    assert limiter.available(bucket) == 19
    taken = sum(limiter.take(bucket) == 0.0 for _ in range(25))
    assert taken == OPERATIONS["searchOrders"].burst - 1


def test_an_empty_bucket_says_how_long_one_token_takes(limiter, bucket):
    empty(limiter, bucket)
    wait = limiter.take(bucket)
    assert wait == pytest.approx(1 / (0.0056 * HEADROOM), rel=0.01)
    assert limiter.available(bucket) == 0


def test_a_refused_take_costs_nothing(limiter, bucket):
    empty(limiter, bucket)
    first = limiter.take(bucket)
    for _ in range(20):
        limiter.take(bucket)
    assert limiter.take(bucket) <= first


def test_time_fills_the_bucket_but_not_above_its_brim(limiter, bucket, valkey):
    empty(limiter, bucket)
    rewind(valkey, bucket, 2 / (0.0056 * HEADROOM))
    assert limiter.available(bucket) == 2
    rewind(valkey, bucket, 1_000_000)
    assert limiter.available(bucket) == 19


@pytest.mark.parametrize(
    "change", [{"selling_partner_id": "ANOTHER"}, {"operation": "getOrder"}, {"region": Region.NA}]
)
def test_sellers_operations_and_regions_have_buckets_of_their_own(limiter, bucket, change, who):
    empty(limiter, bucket)
    other = Bucket(
        **{"region": bucket.region, "selling_partner_id": who, "operation": bucket.operation, **change}
    )
    assert limiter.take(other) == 0.0


def test_many_tokens_are_taken_at_once_as_far_as_they_go(limiter, bucket):
    assert limiter.take_many(bucket, 15) == 15
    assert limiter.take_many(bucket, 15) == 4
    assert limiter.take_many(bucket, 15) == 0
    assert limiter.take_many(bucket, 0) == 0


def test_looking_takes_nothing(limiter, bucket):
    assert [limiter.available(bucket) for _ in range(3)] == [19, 19, 19]


@pytest.mark.parametrize("rate", [0.001, 0.5, 20])
def test_the_header_sets_the_speed_either_way_and_leaves_the_burst(limiter, bucket, rate):
    limiter.take(bucket)
    limiter.tune(bucket, rate)
    assert limiter.available(bucket) >= 18
    taken = limiter.take_many(bucket, 100)
    assert 18 <= taken <= 19
    assert limiter.take(bucket) <= 1 / (rate * HEADROOM)
    assert limiter.take(bucket) > 0.9 / rate or rate == 20


def test_another_worker_learns_the_speed_from_the_bucket(limiter, bucket, valkey):
    limiter.tune(bucket, 0.001)
    empty(limiter, bucket)
    assert Limiter(valkey).take(bucket) > 900


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf"), 1e9])
def test_a_nonsense_header_changes_nothing(limiter, bucket, rate):
    empty(limiter, bucket)
    before = limiter.take(bucket)
    limiter.tune(bucket, rate)
    assert limiter.take(bucket) == pytest.approx(before, rel=0.01)


def test_the_same_header_again_asks_valkey_nothing(limiter, bucket, valkey):
    limiter.take(bucket)
    limiter.tune(bucket, 0.0056)
    broken = Limiter(valkey)
    broken._rates = dict(limiter._rates)
    broken._run = None
    broken.tune(bucket, 0.0056)


def test_a_429_stops_everybody_for_a_tokens_time_and_a_little(limiter, who, valkey):
    bucket = Bucket(Region.EU, who, SOLICIT)
    wait = limiter.drain(bucket)
    assert 1 / HEADROOM <= wait <= 2 / HEADROOM
    assert 0 < Limiter(valkey).take(bucket) <= wait
    assert limiter.available(bucket) == 0


def test_after_the_pause_one_call_may_go_and_no_burst(limiter, who, valkey):
    bucket = Bucket(Region.EU, who, SOLICIT)
    rewind_by = limiter.drain(bucket)
    rewind(valkey, bucket, rewind_by + 0.001)
    assert limiter.take(bucket) == 0.0
    assert limiter.take(bucket) > 0.9


def test_every_429_that_follows_doubles_the_pause_to_an_hour(limiter, who, valkey):
    bucket, waits = Bucket(Region.EU, who, SOLICIT), []
    for _ in range(14):
        waits.append(limiter.drain(bucket))
        rewind(valkey, bucket, waits[-1] + 0.001)
        drained = float(valkey.hget(bucket.key, "drained"))
        valkey.hset(bucket.key, "drained", drained - waits[-1])
    assert waits[3] > 4 * waits[0] / 2
    assert max(waits) == 3600
    assert waits[-1] == 3600


def test_requests_in_flight_that_all_come_back_429_count_once(limiter, who):
    bucket = Bucket(Region.EU, who, SOLICIT)
    waits = [limiter.drain(bucket) for _ in range(8)]
    assert max(waits) == waits[0]


def test_a_bucket_nobody_uses_is_forgotten(limiter, bucket, valkey):
    limiter.take(bucket)
    assert 0 < valkey.ttl(bucket.key) <= 86_400


def test_without_valkey_no_call_is_made(dead_valkey, bucket):
    limiter = Limiter(dead_valkey)
    for ask in (limiter.take, limiter.available, limiter.drain):
        with pytest.raises(LimiterUnavailable) as caught:
            ask(bucket)
        assert caught.value.outcome is Outcome.NOT_NOW
        assert caught.value.retry_after == timedelta(seconds=15)


def test_threads_and_processes_together_never_exceed_the_bucket(valkey_url, who):
    """Two processes of eight threads, two seconds, a bucket of 2 a second and 15 at once."""
    command = [sys.executable, "-m", "tests.amazon.hammer", valkey_url, who, "8", "2"]
    started = time.monotonic()
    processes = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    taken = sum(int(process.communicate(timeout=60)[0]) for process in processes)
    elapsed = time.monotonic() - started
    operation = OPERATIONS["getReport"]
    assert operation.burst - 1 <= taken <= operation.burst - 1 + operation.rate * elapsed


def test_threads_of_one_process_share_one_bucket(limiter, bucket):
    taken = []
    workers = [
        threading.Thread(target=lambda: taken.extend(1 for _ in range(10) if limiter.take(bucket) == 0.0))
        for _ in range(8)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(taken) == 19
