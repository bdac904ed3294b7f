"""What happened, counted from the database and held against the sandbox's ledger."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from accounts.models import Connection, Seller, SellerDue
from accounts.tenancy import seller_context
from campaigns.models import Campaign, Message
from campaigns.services.forecast import forecast
from config.demo import control
from orders.models import Order, SyncCursor

WENT = ("sent", "uncertain", "on_wire")


@dataclass
class Summary:
    orders_synced: int = 0
    planned: int = 0  # still waiting for their time
    sent: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    blocked: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    expired: int = 0
    uncertain: int = 0
    amazon_calls: dict[str, int] = field(default_factory=dict)
    duplicates: int = 0
    #: Where database and ledger disagree, in words; empty is the point of it all.
    disagreements: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            name: dict(value) if isinstance(value, Counter) else value for name, value in vars(self).items()
        }


def take() -> Summary:
    summary = Summary()
    for seller in Seller.objects.filter(state=Seller.State.READY):
        with seller_context(seller):
            _count_seller(summary)
    _compare(summary, control.get("/summary"))
    return summary


def is_quiet(now: datetime | None = None) -> bool:
    """Nothing is due, nothing is being worked on, and every connection was read to the end once."""
    at = now or timezone.now()
    sooner = Q(due_at__lte=at) & ~Q(kind__in=("orders.sync", "orders.reports"))
    if SellerDue.objects.filter(sooner | Q(leased_until__gt=at)).exists():
        return False
    return all(_seller_is_quiet(seller, at) for seller in Seller.objects.filter(state=Seller.State.READY))


def _seller_is_quiet(seller: Seller, at: datetime) -> bool:
    with seller_context(seller):
        connections = set(Connection.objects.filter(seller=seller).values_list("pk", flat=True))
        read = set(
            SyncCursor.objects.filter(complete_until_at__isnull=False, page_token="").values_list(
                "pk", flat=True
            )
        )
        busy = Q(state__in=("claimed", "on_wire")) | Q(state="planned", due_at__lte=at)
        return connections <= read and not Message.objects.filter(busy).exists()


def _count_seller(summary: Summary) -> None:
    summary.orders_synced += Order.objects.count()
    for row in Message.objects.values(
        "state", "channel", "reason", "reason_detail__findings__0__rule"
    ).annotate(n=Count("pk")):
        _count_messages(summary, row)
    for campaign in Campaign.objects.filter(state=Campaign.State.ACTIVE):
        summary.skipped.update(forecast(campaign, timezone.now()).excluded)


def _count_messages(summary: Summary, row: Mapping[str, Any]) -> None:
    state, n = row["state"], row["n"]
    if state in ("planned", "claimed"):
        summary.planned += n
    elif state in WENT:
        summary.uncertain += n if state != "sent" else 0
        summary.sent[row["channel"]] += n if state == "sent" else 0
    elif state == "blocked":
        summary.blocked[row["reason_detail__findings__0__rule"] or row["reason"]] += n
    elif state in ("skipped", "held", "refused"):
        getattr(summary, state)[row["reason"]] += n
    elif state == "expired":
        summary.expired += n


def _compare(summary: Summary, ledger: dict[str, Any]) -> None:
    summary.amazon_calls, summary.duplicates = ledger["amazon_calls"], ledger["duplicates"]
    if summary.duplicates:
        summary.disagreements.append(f"{summary.duplicates} orders were contacted more than once")
    for channel in sorted({*summary.sent, *ledger["sent"]}):
        ours, theirs = summary.sent[channel], ledger["sent"].get(channel, 0)
        if not ours <= theirs <= ours + summary.uncertain + _bounced(summary, channel):
            summary.disagreements.append(
                f"{channel}: the database says {ours} were sent, the ledger {theirs}"
            )
    if ledger.get("outside_window"):
        summary.disagreements.append(f"{ledger['outside_window']} requests were sent outside the window")


def _bounced(summary: Summary, channel: str) -> int:
    """Amazon took these mails and sent them back: accepted in its ledger, refused in ours."""
    return summary.refused["opted_out"] if channel == "relay_email" else 0
