"""Sending: how fast due messages are claimed, and Amazon's own request from due to taken, through real workers and the sandbox,
against what Amazon's one call a second for each account allows.
"""

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection as db
from django.utils import timezone

from accounts import due, fuse
from accounts.models import Connection, Seller
from accounts.services import provisioning, schemas
from accounts.services.connections import seal_token
from accounts.tenancy import seller_context
from bench.figures import Figure, at_least, at_most
from campaigns.models import Message
from campaigns.services.claim import claim
from campaigns.services.dispatch.round import KIND
from tests.factories.campaigns import make_campaign, make_message
from tests.factories.orders import DE, make_order
from tests.support.sandbox import CLIENT_ID, CLIENT_SECRET, SandboxControl, running_sandbox

PROCESSES = 2
BURST = 5  # Amazon's, for each account and operation


@dataclass(frozen=True)
class Run:
    """`seconds` from the first call to the last acceptance, by the sandbox's own record."""

    sent: int
    seconds: float
    throttled: int
    duplicates: int
    worker_cpu: float

    @property
    def rate(self) -> float:
        return self.sent / self.seconds


def run(small: bool = False) -> list[Figure]:
    many, few = (40, 5) if small else (1_000, 50)
    fuse.arm()
    figures = [_claim_figure(2_000 if small else 20_000)]
    with running_sandbox() as box:
        figures += _end_to_end(box, many, 1)
        figures += _end_to_end(box, few, 20)
    return figures


def _end_to_end(box: SandboxControl, sellers: int, each: int) -> list[Figure]:
    box.reset("ledger")
    with _crowd(box, sellers, each) as ids:
        done = _send_all(box, ids, sellers * each)
    name = f"dispatch: {sellers * each:,} requests over {sellers:,} sellers"
    allowed = (
        sellers  # one a second for each account; the burst is Amazon's gift and left out of the comparison
    )
    note = f"{done.seconds:.1f} s, {PROCESSES} processes, {1e3 * done.worker_cpu / done.sent:.1f} ms of worker CPU each"
    return [
        Figure(name, done.rate, "a second", note=note),
        at_least(
            f"{name} against one a second for each account",
            done.rate / allowed,
            "x",
            0.9,
            f"limit {allowed:,} a second",
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
    due.lower_many(KIND, [(seller_id, timezone.now()) for seller_id in ids])
    _wait_for(box, wanted)
    cpu = sum(_stopped(worker) for worker in workers)
    return _summed_up(box, cpu)


def _wait_for(box: SandboxControl, wanted: int, within: float = 600) -> None:
    ends_at = time.monotonic() + within
    while box.summary()["sent"]["solicitation"] < wanted:
        if time.monotonic() > ends_at:
            raise AssertionError(f"only {box.summary()['sent']} of {wanted} after {within:.0f} s")
        time.sleep(0.5)


def _summed_up(box: SandboxControl, cpu: float) -> Run:
    calls = box.ledger("calls", limit=100_000)
    taken = [row["real_at"] for row in box.ledger("solicitations", limit=100_000)]
    started = min(row["real_at"] for row in calls)
    summary = box.summary()
    return Run(len(taken), max(taken) - started, summary["throttled"], summary["duplicates"], cpu)


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
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    command = [sys.executable, "-m", "bench._dispatch_worker"]
    return subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _stopped(worker: "subprocess.Popen[str]") -> float:
    """Seconds of CPU it used."""
    out, _ = worker.communicate("stop\n", timeout=60)
    return float(out.strip().splitlines()[-1])


@contextmanager
def _crowd(box: SandboxControl, sellers: int, each: int) -> Iterator[list[int]]:
    made: list[Seller] = []
    try:
        for number in range(sellers):
            made.append(provisioning.create_seller(f"Bench {number}", f"bench-send-{sellers}-{number}"))
            _fill(box, made[-1], each)
        yield [seller.pk for seller in made]
    finally:
        db.set_schema_to_public()
        for seller in made:
            _drop(seller)


def _fill(box: SandboxControl, seller: Seller, each: int) -> None:
    with seller_context(seller):
        linked = _connected(box, seller)
        campaign, now = make_campaign(planned_revision=1), datetime.now(UTC)
        for _ in range(each):
            order = make_order(
                connection_id=linked.pk,
                amazon_order_id=_order_at(box, linked, now),
                purchased_at=now - timedelta(days=12),
                relay_address_sealed="",
            )
            make_message(
                order, campaign, due_at=now - timedelta(minutes=1), expires_at=now + timedelta(days=20)
            )


def _connected(box: SandboxControl, seller: Seller) -> Connection:
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
    return linked


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
