"""The planner: a whole backlog against a loop over orders with the ORM, a tick with nothing to do, and
changed orders.

Ratios are of processor time, ours and the database's together, so that other work on the machine counts little; both
sides of one are measured in the same round. `--scale 100000` takes a minute.
"""

from dataclasses import dataclass

from django.db import connection

from accounts.tenancy import seller_context
from bench import _planner_world as world
from bench._planner_loop import Loop
from bench._rounds import Took, each, median, rounds, spread, timed
from bench.figures import Figure, at_least, at_most
from campaigns.services.plan import plan_changes

ROUNDS = 3
#: A statement that takes longer has a plan that would not end: thirty seconds, and this much an order.
PATIENCE_MS = 0.2


def run(small: bool = False, scale: int = 1_000_000) -> list[Figure]:
    """`scale` orders (small: twenty thousand) and ten campaigns, in a seller of its own that is dropped
    afterwards.
    """
    orders, sample = (20_000, 200) if small else (scale, 1_000)
    with world.seller() as seller, seller_context(seller):
        world.execute(f"SET statement_timeout = {30_000 + int(PATIENCE_MS * orders)}")
        try:
            world.make_campaigns()
            world.make_orders(orders)
            return [_backlog(orders, sample), *_ticks()]
        finally:
            world.execute("SET statement_timeout = 0")


@dataclass(frozen=True)
class _Round:
    loop: Took  # of the sample
    planner: Took  # of all orders


def _backlog(orders: int, sample: int) -> Figure:
    found = [_round(orders, sample) for _ in range(ROUNDS)]
    world.execute("ANALYZE campaigns_message")
    ratios = [(r.loop.processor / sample) / (r.planner.processor / orders) for r in found]
    by_clock = [(r.loop.wall / sample) / (r.planner.wall / orders) for r in found]
    note = (
        f"{orders:,} orders x 10 campaigns; ratio {spread(ratios)} (by the clock {spread(by_clock)}); an order: "
        f"planner {each([r.planner for r in found], orders, 1e6, 'us')}; "
        f"loop {each([r.loop for r in found], sample, 1e6, 'us')}"
    )
    return at_least("planner backfill against an ORM loop", median(ratios), "x", 150, note)


def _round(orders: int, sample: int) -> _Round:
    world.forget_plans()
    loop = timed(Loop(sample).run)
    world.forget_plans()
    planner = timed(_tick)
    _check(orders)
    return _Round(loop, planner)


def _ticks() -> list[Figure]:
    idle = rounds(200, _tick)
    many = rounds(15, _tick, before=lambda: world.change_orders(1_000))
    one = rounds(15, _tick, before=lambda: world.change_orders(1))
    return [
        at_most("planner idle tick", 1e3 * _processor(idle), "ms", 1, each(idle, 1, 1e3, "ms")),
        at_most(
            "planner changed order",
            1e6 * _processor(many) / 1_000,
            "us",
            50,
            f"1,000 changed orders in one tick, ten campaigns; {each(many, 1_000, 1e6, 'us')}",
        ),
        Figure(
            "planner single changed order",
            1e3 * _processor(one),
            "ms",
            note=f"in one tick; {each(one, 1, 1e3, 'ms')}",
        ),
    ]


def _processor(found: list[Took]) -> float:
    return median([one.processor for one in found])


def _tick() -> None:
    plan_changes(world.NOW)


def _check(orders: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(DISTINCT order_id) FROM campaigns_message WHERE state = 'planned'"
        )
        planned, once = cursor.fetchone()
    assert 0.85 * orders < planned <= orders, (
        f"{planned} of {orders} planned: the bench measures something else"
    )
    assert once == planned, f"{planned} messages for {once} orders"
