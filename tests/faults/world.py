"""A sandbox, a committed seller, due messages, and workers that may be killed: everything real but the money."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection as db
from django.utils import timezone

from accounts import sealing
from accounts.models import Connection, Seller
from accounts.services.connections import seal_token
from campaigns.models import Campaign, Message, TemplateText
from orders.models import Order
from tests.factories.campaigns import make_campaign, make_message, make_template
from tests.factories.orders import DE, make_order
from tests.support.sandbox import CLIENT_ID, CLIENT_SECRET, SandboxControl

ROOT = Path(__file__).resolve().parents[2]
LEASE_SECONDS = 2
SENDER = "shop@marlow.example"
BODY = "Guten Tag, Ihre Bestellung {{ order_id }} wurde heute verschickt."
TYPED = "confirmDeliveryDetails"


@dataclass
class World:
    box: SandboxControl
    seller: Seller
    connection: Connection
    workers: "Workers"
    messages: list[Message] = field(default_factory=list)

    # -- making

    def due(self, channel: str, count: int) -> list[Message]:
        """`count` due messages of a channel, each about an order the sandbox knows and would take."""
        campaign = make_channel_campaign(channel)
        made = [self._message(channel, campaign) for _ in range(count)]
        self.messages += made
        return made

    def _message(self, channel: str, campaign: Campaign) -> Message:
        now = datetime.now(UTC)
        delivered_at = None if channel == "messaging" else now - timedelta(days=8)
        facts = self.box.make_order(
            self.connection.selling_partner_id,
            marketplace=DE,
            fulfilled_by="MERCHANT",
            created_at=_iso(now - timedelta(days=12)),
            shipped_at=_iso(now - timedelta(days=11)),
            status="SHIPPED",
            **({"delivered_at": _iso(delivered_at)} if delivered_at else {"actions": [TYPED]}),
        )
        order = make_order(
            connection_id=self.connection.pk,
            amazon_order_id=facts["order_id"],
            purchased_at=now - timedelta(days=12),
            delivered_at=delivered_at,
            relay_address_sealed="",
        )
        if channel == "relay_email":
            sealed = sealing.seal(
                facts["relay"], f"orders_order.relay_address_sealed.{order.pk}", self.seller
            )
            Order.objects.filter(pk=order.pk).update(relay_address_sealed=sealed)
        timing = {"due_at": now - timedelta(minutes=5), "expires_at": now + timedelta(days=20)}
        return make_message(order, campaign, message_type=TYPED if channel == "messaging" else "", **timing)

    # -- running

    def dispatch(self, *, seconds: float = 10, threads: int = 1, **env: str) -> int:
        """A worker until nothing is due; its exit status (negative: the signal that killed it)."""
        return self.workers.wait(self.workers.start(self.seller.pk, seconds=seconds, threads=threads, **env))

    def recover(self) -> None:
        """What the sweep does once the leases of dead workers are over (as if that time had passed), and the work after it."""
        Message.objects.filter(leased_until__isnull=False).update(
            leased_until=timezone.now() - timedelta(seconds=1)
        )
        self.workers.sweep(self.seller.pk)
        self.make_all_due()
        self.dispatch()

    def make_all_due(self) -> None:
        Message.objects.filter(state="planned").update(due_at=timezone.now() - timedelta(seconds=1))

    def finish(self, *, within: float = 60) -> None:
        """Sweep and dispatch until every message has ended or is uncertain."""
        ends_at = time.monotonic() + within
        while time.monotonic() < ends_at:
            if not Message.objects.filter(state__in=["planned", "claimed", "on_wire", "held"]).exists():
                return
            self.recover()
        raise AssertionError(f"still open after {within} s: {self.states()}")

    # -- looking

    def states(self) -> Counter[tuple[str, str, str]]:
        rows = Message.objects.values_list("state", "reason", "reason_detail")
        return Counter((state, reason, str(detail)[:300]) for state, reason, detail in rows)

    def taken(self) -> Counter[str]:
        """How often the sandbox took something for each order: its own ledger, not ours."""
        found: Counter[str] = Counter()
        for kind in ("solicitations", "messages", "mails"):
            for row in self.box.ledger(kind, limit=20_000):
                found[row["order_id"]] += 1
        return found

    def assert_kept_its_promise(self, *, kills: int = 0) -> None:
        """Nothing twice, nothing lost, nothing said to be sent that was not, and at most one doubt for each kill."""
        taken = self.taken()
        rows = list(Message.objects.select_related("order"))
        assert max(taken.values(), default=0) <= 1, f"taken twice: {[o for o, n in taken.items() if n > 1]}"
        assert self.box.summary()["duplicates"] == 0
        for row in rows:
            was_taken = taken[row.order.amazon_order_id] == 1
            if row.state == "sent":
                assert was_taken, f"{row.pk} says sent, and the other side never took it"
            elif was_taken:
                assert row.state in {"on_wire", "uncertain"}, f"{row.pk} was taken, and is {row.state}"
        doubts = sum(row.state in {"uncertain", "on_wire"} for row in rows)
        assert doubts <= kills, f"{doubts} doubts after {kills} kills"


@dataclass
class Workers:
    """Forks of one loaded process. Only processes made here are ever killed."""

    env: dict[str, str]
    process: subprocess.Popen[str] | None = None
    running: set[int] = field(default_factory=set)
    is_answering: bool = True

    def __post_init__(self) -> None:
        self.load()

    def load(self) -> None:
        command = [sys.executable, "-m", "tests.faults.zygote"]
        env = {**os.environ, **self.env}
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def start(self, seller_id: int, *, seconds: float, threads: int = 1, **env: str) -> int:
        pid = int(
            self._ask(start={"seller": seller_id, "seconds": seconds, "threads": threads, "env": env})["pid"]
        )
        self.running.add(pid)
        return pid

    def wait(self, pid: int) -> int:
        status = os.waitstatus_to_exitcode(int(self._ask(wait=pid)["status"]))
        self.running.discard(pid)
        return status

    def reap(self) -> None:
        """After a test, also one that was cut off: end what it left running, and begin anew if an answer is outstanding."""
        for pid in list(self.running):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.running.clear()
        if not self.is_answering and self.process is not None:
            self.process.kill()
            self.stop()
            self.load()
            self.is_answering = True

    def kill(self, pid: int) -> int:
        os.kill(pid, signal.SIGKILL)
        return self.wait(pid)

    def sweep(self, seller_id: int) -> None:
        assert os.waitstatus_to_exitcode(int(self._ask(sweep=seller_id)["status"])) == 0

    def stop(self) -> None:
        assert self.process is not None
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(20)
        if self.process.stdout is not None:
            self.process.stdout.close()

    def _ask(self, **question: Any) -> dict[str, Any]:
        process = self.process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        self.is_answering = False
        process.stdin.write(json.dumps(question) + "\n")
        process.stdin.flush()
        answer = dict(json.loads(process.stdout.readline()))
        self.is_answering = True
        return answer


def worker_env(box: SandboxControl) -> dict[str, str]:
    """The environment of a worker that speaks to this sandbox and uses this test's database."""
    at = db.settings_dict
    password = f":{at['PASSWORD']}" if at["PASSWORD"] else ""
    host, port = box.smtp
    return {
        "DATABASE_URL": f"postgresql://{at['USER']}{password}@{at['HOST']}:{at['PORT']}/{at['NAME']}",
        "AMAZON_BASE_URL": box.http,
        "AMAZON_TOKEN_URL": f"{box.http}/auth/o2/token",
        "AMAZON_LWA_CLIENT_ID": CLIENT_ID,
        "AMAZON_LWA_CLIENT_SECRET": CLIENT_SECRET,
        "SANDBOX_URL": box.http,
        "RELAY_SMTP_URL": f"smtp://{host}:{port}",
        "CLAIM_LEASE": f"{LEASE_SECONDS}s",
        "RAMP_SENDS": "0",  # thousands go out under one version here
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }


def connect(seller: Seller, box: SandboxControl) -> Connection:
    """Authorise the entered seller at the sandbox, fast enough for tests (Amazon's own rates are tested elsewhere)."""
    partner = f"A{seller.pk:012d}"
    box.add_seller(partner, region="eu", marketplaces=[DE])
    box.approve_sender(partner, SENDER)
    box.rate(1000, 1000, selling_partner_id=partner)
    made = Connection.objects.create(
        seller=seller,
        region="EU",
        selling_partner_id=partner,
        marketplace_ids=[DE],
        store_name="Marlow Kitchen Supply",
        authorised_at=timezone.now() - timedelta(days=30),
        sender_address=SENDER,
        daily_cap=1_000_000,  # thousands go out in one day here; the limit has its own tests
    )
    seal_token(made, box.grant(partner))
    made.save()
    return made


def make_channel_campaign(channel: str) -> Campaign:
    if channel == "solicitation":
        return make_campaign(planned_revision=1)
    purpose = "order_information" if channel == "relay_email" else "delivery_scheduling"
    fields = {"channel": channel, "purpose": purpose, "message_type": TYPED if channel == "messaging" else ""}
    trigger = "shipped" if channel == "messaging" else "delivered"
    template = make_template(body=BODY, **fields)
    TemplateText.objects.filter(version=template.approved).update(language="de")
    return make_campaign(
        channel=channel, purpose=purpose, name=channel, template=template, planned_revision=1, trigger=trigger
    )


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def share(total: int, parts: Sequence[str]) -> dict[str, int]:
    return {part: total // len(parts) for part in parts}
