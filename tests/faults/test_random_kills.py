"""Kill -9 and SIGSTOP at random moments, several workers at once."""

import os
import random
import signal
import time
from pathlib import Path

import pytest

from campaigns.models import Message
from tests.faults.world import LEASE_SECONDS, World

CHANNELS = ("solicitation", "relay_email", "messaging")


def run_with_kills(world: World, kills: int, rng: random.Random, *, pauses: float = 0.0) -> int:
    """Two workers at a time; one of them is killed (or stopped past its lease) at a random moment.

    Answers the kills that struck.
    """
    struck = 0
    for _ in range(kills):
        world.make_all_due()
        doomed = world.workers.start(world.seller.pk, seconds=20)
        other = world.workers.start(world.seller.pk, seconds=0.5)
        time.sleep(rng.uniform(0.02, 0.35))
        if rng.random() < pauses:
            os.kill(doomed, signal.SIGSTOP)
            world.workers.sweep(world.seller.pk)
            time.sleep(LEASE_SECONDS + 0.2)
            world.workers.sweep(world.seller.pk)
            os.kill(doomed, signal.SIGCONT)
            time.sleep(0.2)
        struck += world.workers.kill(doomed) == -9
        world.workers.wait(other)
        world.workers.sweep(world.seller.pk)
    return struck


@pytest.mark.timeout(300)
def test_thirty_random_kills_over_all_channels(world: World) -> None:
    for channel in CHANNELS:
        world.due(channel, 80)
    struck = run_with_kills(world, 30, random.Random(7), pauses=0.1)
    world.finish(within=100)
    world.assert_kept_its_promise(kills=struck)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_two_hundred_random_kills_over_four_thousand_messages(world: World) -> None:
    for channel in CHANNELS:
        world.due(channel, 1334)
    struck = run_with_kills(world, 200, random.Random(2026), pauses=0.1)
    world.finish(within=600)
    print(f"{struck} kills struck; {world.states()}")
    world.assert_kept_its_promise(kills=struck)


def test_a_worker_stopped_before_the_fence_beyond_its_lease_sends_nothing(world: World) -> None:
    world.due("solicitation", 1)
    pid = world.workers.start(world.seller.pk, seconds=20, PERMITTED_STOP_AT="solicitation.before_fence")
    _wait_until_stopped(pid)
    world.recover()  # the lease is over: another worker sends it
    os.kill(pid, signal.SIGCONT)
    world.workers.wait(pid)
    world.assert_kept_its_promise()
    assert Message.objects.get().state == "sent"


def test_a_worker_stopped_after_the_fence_knows_that_it_is_too_late(world: World) -> None:
    world.due("relay_email", 1)
    pid = world.workers.start(world.seller.pk, seconds=20, PERMITTED_STOP_AT="fence.after_commit")
    _wait_until_stopped(pid)
    time.sleep(LEASE_SECONDS + 0.2)
    world.workers.sweep(world.seller.pk)
    assert Message.objects.get().state == "uncertain"
    os.kill(pid, signal.SIGCONT)
    world.workers.wait(pid)
    assert world.taken() == {}
    assert Message.objects.get().state in {"planned", "sent"}  # it knew for certain that nothing had left
    world.finish()
    world.assert_kept_its_promise()


def test_a_worker_that_wakes_up_with_the_answer_settles_its_own_doubt(world: World) -> None:
    world.due("solicitation", 1)
    pid = world.workers.start(world.seller.pk, seconds=20, PERMITTED_STOP_AT="dispatch.before_outcome")
    _wait_until_stopped(pid)
    time.sleep(LEASE_SECONDS + 0.2)
    world.workers.sweep(world.seller.pk)
    assert Message.objects.get().state == "uncertain"
    os.kill(pid, signal.SIGCONT)
    world.workers.wait(pid)
    assert Message.objects.get().state == "sent"


def test_a_worker_told_to_stop_finishes_the_message_in_hand(world: World) -> None:
    world.due("relay_email", 200)
    pid = world.workers.start(world.seller.pk, seconds=20)
    time.sleep(0.4)
    os.kill(pid, signal.SIGTERM)
    assert world.workers.wait(pid) == 0
    world.assert_kept_its_promise(kills=0)
    assert not Message.objects.filter(state__in=["claimed", "on_wire", "uncertain"]).exists()


def _wait_until_stopped(pid: int) -> None:
    for _ in range(400):
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T":
            return
        time.sleep(0.05)
    raise AssertionError("the worker never got there")
