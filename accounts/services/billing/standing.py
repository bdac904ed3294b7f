"""From what is known of a payer to the one row the gate reads for each seller."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from django.db import transaction
from django.db.models import F, prefetch_related_objects
from django.utils import timezone

from accounts import due
from accounts.billing.entitlements import Decision, Facts, Payer, Standing, Status, decide
from accounts.models import BillingAccount, Seller, SellerEntitlement, Subscription
from accounts.services.billing import notices

#: Work of campaigns': messages that were held may go on. Lowered by name, as accounts knows no campaigns.
RELEASED = "billing.released"
#: Where a payer has nothing better, these of the seller's own account count.
_OWN_COUNTS = frozenset({Standing.TRIAL, Standing.COMPED, Standing.PAID})


def current_subscription(account: BillingAccount) -> Subscription | None:
    """The newest that has begun and not ended, else the newest that has not ended, else the newest."""
    return max(account.subscriptions.all(), key=_rank, default=None)


def _rank(found: Subscription) -> tuple[bool, bool, datetime]:
    has_begun = found.status != Status.INCOMPLETE  # its first payment waits: it takes no paid plan's place
    return not found.is_over and has_begun, not found.is_over, found.created_at


def facts_of(account: BillingAccount) -> Facts:
    return facts_from(account, current_subscription(account))


def facts_from(account: BillingAccount, subscription: Subscription | None) -> Facts:
    own = Facts(
        Payer.AGENCY if account.agency_id else Payer.SELLER,
        trial_ends_at=account.trial_ends_at,
        comped_until=account.comped_until,
    )
    if subscription is None:
        return own
    return replace(
        own,
        status=Status.read(subscription.status),
        troubled_since=subscription.troubled_since,
        covered_until=subscription.period_ends_at,
        confirmed_at=subscription.fetched_at,
    )


def decision_of(account: BillingAccount, now: datetime) -> Decision:
    return decide(facts_of(account), now)


@dataclass(frozen=True)
class Turned:
    """A seller whose standing changed, and who pays for it."""

    seller: Seller
    payer: BillingAccount
    before: str
    decision: Decision


def refresh(seller_ids: Collection[int]) -> list[Turned]:
    """Compute these sellers' rows anew and let follow what follows: held messages go on, people are told."""
    now, turned = timezone.now(), []
    with transaction.atomic():
        rows = SellerEntitlement.objects.select_for_update(of=("self",)).filter(seller__in=seller_ids)
        known: dict[int, Decision] = {}
        for row in _with_accounts(rows):
            decision = _decide(row, now, known)
            before = (row.standing, row.why, row.changes_at, row.holds_from_at)
            after = (decision.standing, decision.why, decision.changes_at, decision.holds_from_at)
            if before != after:
                _write(row, decision, now)
            if row_turned := _turned(row, before[0], decision):
                turned.append(row_turned)
        _follow(turned, now)
    return turned


def _with_accounts(rows: Iterable[SellerEntitlement]) -> list[SellerEntitlement]:
    found = rows.select_related("seller__billing", "seller__agency", "payer__agency", "payer__seller")  # type: ignore[attr-defined]
    listed = list(found.order_by("pk"))
    accounts = {row.payer_id: row.payer for row in listed}
    for row in listed:
        row.payer = accounts[row.payer_id]
        row.seller.billing = accounts.setdefault(row.seller.billing.pk, row.seller.billing)
    prefetch_related_objects(list(accounts.values()), "subscriptions")
    return listed


def _decide(row: SellerEntitlement, now: datetime, known: dict[int, Decision]) -> Decision:
    theirs = _known(row.payer, now, known)
    own_account: BillingAccount = cast(Any, row.seller).billing  # the reverse of a one-to-one
    if own_account.pk == row.payer_id or theirs.is_entitled:
        return theirs
    own = _known(own_account, now, known)
    return own if own.standing in _OWN_COUNTS else theirs


def _known(account: BillingAccount, now: datetime, known: dict[int, Decision]) -> Decision:
    if account.pk not in known:
        known[account.pk] = decision_of(account, now)
    return known[account.pk]


def _write(row: SellerEntitlement, decision: Decision, now: datetime) -> None:
    SellerEntitlement.objects.filter(pk=row.pk).update(
        standing=decision.standing, why=decision.why, holds_from_at=decision.holds_from_at,
        changes_at=decision.changes_at, computed_at=now,
    )  # fmt: skip


def _turned(row: SellerEntitlement, before: str, decision: Decision) -> Turned | None:
    return Turned(row.seller, row.payer, before, decision) if before != decision.standing else None


def _follow(turned: list[Turned], now: datetime) -> None:
    free = [t for t in turned if t.before == Standing.HELD]
    due.lower_many(RELEASED, [(t.seller.pk, now) for t in free])
    for payer in {t.payer for t in turned}:
        theirs = [t for t in turned if t.payer == payer]
        held = [t for t in theirs if not t.decision.is_entitled]
        if held:
            notices.held(payer, [t.seller for t in held], held[0].decision.why)
        if back := [t.seller for t in theirs if t in free]:
            notices.resumed(payer, back)


def refresh_covered_by(account: BillingAccount) -> list[Turned]:
    """Every seller this account pays for, and the one it belongs to."""
    ids = set(SellerEntitlement.objects.filter(payer=account).values_list("pk", flat=True))
    return refresh(ids | ({account.seller_id} if account.seller_id else set()))


def refresh_due(limit: int = 500) -> int:
    """Rows that time alone has changed; a tick calls this."""
    now = timezone.now()
    rows = SellerEntitlement.objects.filter(changes_at__lte=now).order_by(F("changes_at"))
    ids = list(rows.values_list("pk", flat=True)[:limit])
    refresh(ids)
    return len(ids)
