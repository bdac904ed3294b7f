import time
import uuid
from datetime import timedelta

import pytest

from amazon.breaker import Breaker, Policy, is_amazons_failure
from amazon.errors import AmazonError, Outcome, classify
from amazon.regions import Region


@pytest.fixture
def breaker(valkey):
    return Breaker(valkey)


@pytest.fixture
def operation():
    return f"op{uuid.uuid4().hex[:8]}"


def fail(breaker, operation, count, start=0):
    for number in range(start, start + count):
        breaker.record(Region.EU, operation, f"S{number}", failed=True)


def succeed(breaker, operation, count, start=0):
    for number in range(start, start + count):
        breaker.record(Region.EU, operation, f"S{number}", failed=False)


def is_open(breaker, operation, region=Region.EU):
    try:
        breaker.admit(region, operation)
    except AmazonError as error:
        return error.outcome is Outcome.NOT_NOW and error.retry_after.total_seconds() > 0
    return False


def let_pass(valkey, operation, seconds):
    key = f"amazon:breaker:{{EU:{operation}}}"
    for name in ("open_until", "probe_until"):
        if (value := valkey.hget(key, name)) is not None:
            valkey.hset(key, name, f"{float(value) - seconds:.6f}")


def pause(valkey, operation):
    seconds, micro = valkey.time()
    return float(valkey.hget(f"amazon:breaker:{{EU:{operation}}}", "open_until")) - seconds - micro / 1e6


def test_a_fleet_that_works_is_let_through(breaker, operation):
    succeed(breaker, operation, 50)
    fail(breaker, operation, 10, start=100)
    assert not is_open(breaker, operation)


def test_it_opens_when_half_of_the_sellers_fail(breaker, operation):
    succeed(breaker, operation, 6)
    fail(breaker, operation, 5, start=100)
    assert not is_open(breaker, operation)
    fail(breaker, operation, 1, start=200)
    assert is_open(breaker, operation)


def test_one_seller_in_trouble_never_stops_the_others(breaker, operation):
    for _ in range(200):
        breaker.record(Region.EU, operation, "ONE", failed=True)
    succeed(breaker, operation, 5)
    assert not is_open(breaker, operation)


def test_a_handful_of_sellers_is_too_few_to_judge_amazon_by(breaker, operation):
    fail(breaker, operation, 4)
    assert not is_open(breaker, operation)


def test_a_seller_counts_by_its_last_outcome(breaker, operation):
    fail(breaker, operation, 4)
    succeed(breaker, operation, 4)
    fail(breaker, operation, 1, start=50)
    assert not is_open(breaker, operation)


def test_other_operations_and_regions_stay_open_for_business(breaker, operation):
    fail(breaker, operation, 5)
    assert is_open(breaker, operation)
    assert not is_open(breaker, operation, Region.NA)
    assert not is_open(breaker, operation + "x")


def test_after_the_pause_one_probe_goes_at_a_time(breaker, operation, valkey):
    fail(breaker, operation, 5)
    let_pass(valkey, operation, 31)
    assert not is_open(breaker, operation)
    assert is_open(breaker, operation)


def test_a_probe_that_never_reports_makes_room(breaker, operation, valkey):
    fail(breaker, operation, 5)
    let_pass(valkey, operation, 31)
    assert not is_open(breaker, operation)
    let_pass(valkey, operation, 46)
    assert not is_open(breaker, operation)


def test_a_probe_that_was_never_made_makes_room_at_once(breaker, operation, valkey):
    fail(breaker, operation, 5)
    let_pass(valkey, operation, 31)
    assert not is_open(breaker, operation)
    breaker.abandon(Region.EU, operation)
    assert not is_open(breaker, operation)


def test_three_good_probes_close_it(breaker, operation, valkey):
    fail(breaker, operation, 5)
    let_pass(valkey, operation, 31)
    for number in range(3):
        assert not is_open(breaker, operation)
        succeed(breaker, operation, 1, start=number)
    assert [is_open(breaker, operation) for _ in range(3)] == [False, False, False]


def test_a_failed_probe_opens_it_again_for_twice_as_long(breaker, operation, valkey):
    fail(breaker, operation, 5)
    assert 25 < pause(valkey, operation) <= 30
    let_pass(valkey, operation, 31)
    assert not is_open(breaker, operation)
    fail(breaker, operation, 1)
    assert 55 < pause(valkey, operation) <= 60


def test_the_pause_never_exceeds_its_longest(valkey, operation):
    breaker = Breaker(valkey, Policy(sellers=1))
    for _ in range(10):
        fail(breaker, operation, 1)
        let_pass(valkey, operation, 601)
    fail(breaker, operation, 1)
    assert 500 < pause(valkey, operation) <= 600


def test_answers_that_were_on_their_way_when_it_opened_change_nothing(breaker, operation):
    fail(breaker, operation, 5)
    succeed(breaker, operation, 50)
    assert is_open(breaker, operation)


def test_without_valkey_it_lets_through_what_the_limiter_will_stop(dead_valkey, operation):
    breaker = Breaker(dead_valkey)
    breaker.admit(Region.EU, operation)
    breaker.record(Region.EU, operation, "S", failed=True)
    breaker.abandon(Region.EU, operation)


DENIED = (
    b'{"errors":[{"code":"Unauthorized","message":"Access to requested resource is denied.","details":""}]}'
)
GONE = b'{"errors":[{"code":"Unauthorized","message":"The requested solicitation is not available"}]}'


@pytest.mark.parametrize(
    ("error", "counts"),
    [
        (classify(500, b"", {}, "searchOrders"), True),
        (classify(503, b"<html>", {}, "createConfirmOrderDetails"), True),
        (AmazonError(Outcome.RETRY, operation="searchOrders"), True),
        (AmazonError(Outcome.UNKNOWN, operation="searchOrders"), True),
        (classify(403, DENIED, {}, "searchOrders"), True),
        (classify(403, GONE, {}, "createProductReviewAndSellerFeedbackSolicitation"), False),
        (classify(429, b"", {}, "searchOrders"), False),
        (classify(400, b"", {}, "searchOrders"), False),
        (classify(404, b"", {}, "getOrder"), False),
    ],
)
def test_only_amazons_own_failures_count(error, counts):
    assert is_amazons_failure(error) is counts


def test_a_closed_circuit_is_asked_about_once_in_a_while(breaker, operation, valkey):
    assert not is_open(breaker, operation)
    fail(Breaker(valkey), operation, 5)
    assert not is_open(breaker, operation)  # this process trusts what it heard less than a second ago
    assert is_open(Breaker(valkey), operation)


def test_ones_own_failure_ends_the_trust(breaker, operation):
    assert not is_open(breaker, operation)
    fail(breaker, operation, 5)
    assert is_open(breaker, operation)


def test_good_answers_kept_back_are_weighed_against_a_failure(breaker, operation):
    assert not is_open(breaker, operation)
    for number in range(20):
        breaker.succeed(Region.EU, operation, f"S{number}")
    fail(breaker, operation, 10, start=100)
    assert not is_open(breaker, operation)


def test_good_answers_are_told_together(valkey, operation):
    breaker = Breaker(valkey, Policy(trusts=timedelta(seconds=0.05)))
    assert not is_open(breaker, operation)
    for number in range(20):
        breaker.succeed(Region.EU, operation, f"S{number}")
    time.sleep(0.06)
    breaker.admit(Region.EU, operation)
    breaker.succeed(Region.EU, operation, "LAST")
    assert valkey.zcard(f"amazon:breaker:{{EU:{operation}}}:good") == 21
