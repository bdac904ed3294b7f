"""Sending: how fast due messages are claimed, and Amazon's own request from due to taken, through real workers and the sandbox,
against what Amazon's one call a second for each account allows.
"""

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from django.db import connection as db
from django.utils import timezone

from accounts import due, fuse
from accounts.models import Connection, Seller
from accounts.services import provisioning, schemas
from accounts.services.connections import seal_token
from accounts.tenancy import seller_context
from bench._meters import Meters, Seconds, with_workers
from bench.figures import Figure, at_least, at_most
from campaigns.models import Campaign, Message
from campaigns.services.claim import claim
from campaigns.services.dispatch.round import KIND
from campaigns.services.plan import plan_changes
from tests.factories.campaigns import make_campaign, make_message
from tests.factories.orders import DE, make_order
from tests.support.sandbox import CLIENT_ID, CLIENT_SECRET, SandboxControl, running_sandbox

Thing = TypeVar("Thing")

PROCESSES = 2
THREADS = 4  # in each: the other side answers from the same two cores, in a fifth of a millisecond
BURST = 5  # Amazon's, for each account and operation
#: Seconds a run may take before the bench gives up on it.
PATIENCE = 120


@dataclass(frozen=True)
class Run:
    """`seconds` from the first call to the last acceptance, by the sandbox's own record."""

    sent: int
    seconds: float
    throttled: int
    duplicates: int
    spent: Seconds

    @property
    def rate(self) -> float:
        return self.sent / self.seconds


def run(small: bool = False) -> list[Figure]:
    many, few, fewer = (40, 10, 2) if small else (1_000, 50, 5)
    each = 8 if small else 20
    fuse.arm()
    figures = [_claim_figure(2_000 if small else 20_000)]
    with running_sandbox() as box, _crowd(box, many) as crowd:
        figures += _end_to_end(box, crowd, 1)
        figures += _end_to_end(box, crowd[:few], each)
        figures += _end_to_end(box, crowd[few : few + fewer], each)
    return figures


def _end_to_end(box: SandboxControl, crowd: list[Seller], each: int) -> list[Figure]:
    _at_once(lambda seller: _fill(box, seller, each), crowd)
    _at_once(_plan, crowd)
    box.reset("ledger")
    done = _send_all(box, [seller.pk for seller in crowd], len(crowd) * each)
    name = f"dispatch: {done.sent:,} requests over {len(crowd):,} sellers"
    # One a second for each account; the burst is Amazon's gift and left out of the comparison.
    allowed = len(crowd)
    with_burst = (
        f"{done.sent / (each - BURST):,.0f} a second with the burst of {BURST}"
        if each > BURST
        else "all at once with the burst"
    )
    return [
        Figure(
            name,
            done.rate,
            "a second",
            note=f"{done.seconds:.1f} s, {PROCESSES} processes; {done.spent.a_message(done.sent)}",
        ),
        at_least(
            f"{name} against one a second for each account",
            done.rate / allowed,
            "x",
            0.9,
            f"limit {allowed:,} a second; {with_burst}",
        ),
        at_most(
            f"{name}: the workers' processor time", 1e3 * done.spent.workers / done.sent, "ms a message", 4
        ),
        Figure(
            f"{name}: what {os.cpu_count()} processors carry without the sandbox and others",
            (os.cpu_count() or 1) * done.sent / done.spent.ours,
            "a second",
            note="reckoned from the processor time of workers, PostgreSQL and Valkey",
        ),
        at_most(f"{name}: answers 429", done.throttled, "", 0),
        at_most(f"{name}: duplicates", done.duplicates, "", 0),
    ]


# --- end to end -----------------------------------------------------------------------------------------------------


def _send_all(box: SandboxControl, ids: list[int], wanted: int) -> Run:
    workers = [_worker(box) for _ in range(PROCESSES)]
    for worker in workers:
        assert worker.stdout is not None
        worker.stdout.readline()
    assert box.process is not None
    meters, began_at = Meters(box.process.pid), time.monotonic()
    due.lower_many(KIND, [(seller_id, timezone.now()) for seller_id in ids])
    _wait_for(box, wanted)
    spent, seconds = meters.since(), time.monotonic() - began_at
    return _summed_up(box, with_workers(spent, sum(_stopped(worker) for worker in workers), seconds))


def _wait_for(box: SandboxControl, wanted: int) -> None:
    ends_at = time.monotonic() + PATIENCE
    while box.summary()["sent"]["solicitation"] < wanted:
        if time.monotonic() > ends_at:
            raise AssertionError(f"only {box.summary()['sent']} of {wanted} after {PATIENCE} s")
        time.sleep(0.5)


def _summed_up(box: SandboxControl, spent: Seconds) -> Run:
    calls = box.ledger("calls", limit=100_000)
    taken = [row["real_at"] for row in box.ledger("solicitations", limit=100_000)]
    started = min(row["real_at"] for row in calls)
    summary = box.summary()
    return Run(len(taken), max(taken) - started, summary["throttled"], summary["duplicates"], spent)


def _worker(box: SandboxControl) -> "subprocess.Popen[str]":
    at = db.settings_dict
    password = f":{at['PASSWORD']}" if at["PASSWORD"] else ""
    env = {
        **os.environ,
        "DATABASE_URL": f"postgresql://{at['USER']}{password}@{at['HOST']}:{at['PORT']}/{at['NAME']}",
        "AMAZON_BASE_URL": box.http,
        "AMAZON_TOKEN_URL": f"{box.http}/auth/o2/token",
        "AMAZON_LWA_CLIENT_ID": CLIENT_ID,
        "AMAZON_LWA_CLIENT_SECRET": CLIENT_SECRET,
        "SANDBOX_URL": box.http,
        "DISPATCH_THREADS": str(THREADS),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    command = [sys.executable, "-m", "bench._dispatch_worker"]
    return subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _stopped(worker: "subprocess.Popen[str]") -> float:
    """Seconds of CPU it used."""
    out, _ = worker.communicate("stop\n", timeout=60)
    return float(out.strip().splitlines()[-1])


# --- sellers with something due ---------------------------------------------------------------------------------------


@contextmanager
def _crowd(box: SandboxControl, sellers: int) -> Iterator[list[Seller]]:
    made: list[Seller] = []

    def make(number: int) -> None:
        made.append(provisioning.create_seller(f"Bench {number}", f"bench-send-{number}"))
        with seller_context(made[-1]) as seller:
            _connected(box, seller)
            make_campaign(planned_revision=1)

    try:
        make(0)  # and with it the template of all others
        _at_once(make, range(1, sellers))
        _settle()
        yield sorted(made, key=lambda seller: seller.pk)
    finally:
        _at_once(_drop, made)


def _settle() -> None:
    """A thousand schemas made in a minute leave a catalogue that PostgreSQL tidies up on the processors that are measured."""
    with db.cursor() as cursor:
        for name in ("class", "attribute", "index", "constraint", "depend", "type", "attrdef", "statistic"):
            cursor.execute(f"VACUUM (ANALYZE) pg_catalog.pg_{name}")


def _at_once(work: Callable[[Thing], object], things: Iterable[Thing]) -> None:
    """A few at a time; what the first that failed raised goes through."""

    def one(thing: Thing) -> None:
        db.set_schema_to_public()
        work(thing)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, things))
        wait([pool.submit(db.close) for _ in range(16)])


def _fill(box: SandboxControl, seller: Seller, each: int) -> None:
    with seller_context(seller):
        linked, campaign, now = (
            Connection.objects.get(seller=seller),
            Campaign.objects.get(),
            datetime.now(UTC),
        )
        for _ in range(each):
            order = make_order(
                connection_id=linked.pk,
                amazon_order_id=_order_at(box, linked, now),
                purchased_at=now - timedelta(days=12),
                delivered_at=now - timedelta(days=8),
                relay_address_sealed="",
            )
            make_message(
                order, campaign, due_at=now - timedelta(minutes=1), expires_at=now + timedelta(days=20)
            )


def _plan(seller: Seller) -> None:
    """As in life, the planner has read the orders before their messages are due."""
    with seller_context(seller):
        plan_changes(timezone.now())


def _connected(box: SandboxControl, seller: Seller) -> None:
    partner = f"AB{uuid.uuid4().hex[:12].upper()}"
    box.add_seller(partner, region="eu", marketplaces=[DE])
    linked = Connection.objects.create(
        seller=seller,
        region="EU",
        selling_partner_id=partner,
        marketplace_ids=[DE],
        authorised_at=timezone.now() - timedelta(days=1),
    )
    seal_token(linked, box.grant(partner))
    linked.save()


def _order_at(box: SandboxControl, linked: Connection, now: datetime) -> str:
    moments = {"created_at": 12, "shipped_at": 11, "delivered_at": 8}
    times = {
        name: (now - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ") for name, days in moments.items()
    }
    facts = box.make_order(
        linked.selling_partner_id, marketplace=DE, fulfilled_by="MERCHANT", status="SHIPPED", **times
    )
    return str(facts["order_id"])


def _drop(seller: Seller) -> None:
    schemas.drop(seller.schema_name)
    seller.delete(force_drop=False)


# --- claiming -------------------------------------------------------------------------------------------------------


def _claim_figure(count: int) -> Figure:
    seller = provisioning.create_seller("Bench claim", "bench-claim")
    try:
        with seller_context(seller):
            _queue(seller, count)
            started = time.perf_counter()
            taken = 0
            while claimed := claim(seller.pk):
                taken += len(claimed.message_ids)
            seconds = time.perf_counter() - started
    finally:
        _drop(seller)
    note = f"{taken:,} due of one seller, 100 at a time, each committed"
    return Figure("dispatch: claiming", taken / seconds, "a second", note=note)


def _queue(seller: Seller, count: int) -> None:
    campaign = make_campaign(planned_revision=1)
    first = make_order(relay_address_sealed="")
    columns = [f.column for f in first._meta.concrete_fields if f.column not in {"id", "amazon_order_id"}]
    listed = ", ".join(columns)
    with db.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO orders_order (amazon_order_id, {listed}) SELECT 'bench-' || n, {listed} "
            f"FROM orders_order, generate_series(1, {count}) n"
        )
        cursor.execute(
            "INSERT INTO campaigns_message (order_id, campaign_id, channel, purpose, is_proactive, due_at, expires_at) "
            "SELECT id, %s, 'solicitation', 'review_and_feedback_request', true, now() - interval '1 hour', "
            "now() + interval '9 days' FROM orders_order WHERE amazon_order_id LIKE 'bench-%%'",
            [campaign.pk],
        )
        cursor.execute("ANALYZE campaigns_message")
    assert Message.objects.count() == count
