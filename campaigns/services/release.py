"""The subscription covers sending again: what waited for it goes on, spread out, in its hours, and never late."""

from datetime import datetime, time, timedelta
from typing import Any, cast

from django.utils import timezone

from accounts import due, entitlement
from accounts.models import Seller
from amazon.regions import MARKETPLACES
from campaigns.domain.pacing import Waiting, spread
from campaigns.domain.schedule import SendWindow
from campaigns.domain.states import State
from campaigns.domain.vocabulary import Channel
from campaigns.models import Message
from campaigns.services import moves
from campaigns.services.moves import Move

#: Reasons of held messages that billing ends.
REASONS = ("not_entitled", "over_step")
REASON = "covered_again"
#: Lowered by name from accounts, which knows no campaigns (accounts/services/billing/standing.py).
KIND = "billing.released"
AT_ONCE = 5_000
_ALWAYS = SendWindow(frozenset(range(1, 8)), time.min, time.max)
_EARLIEST = timedelta(seconds=1)


def release(seller: Seller) -> datetime | None:
    """Of the entered seller; when there is more to do. May run twice. The gate and the fence still have their say."""
    fresh = Seller.objects.select_related("entitlement").get(pk=seller.pk)
    entitled = entitlement.of(fresh)
    if not entitled.is_entitled:
        return None
    rows = _held(only_amazons=entitled.own_texts_held_until is not None)
    now = timezone.now()
    planned = [
        Move(pk, State.PLANNED, REASON, after=max(at - now, _EARLIEST))
        for pk, at in spread((_waiting(row, fresh.timezone) for row in rows), now)
    ]
    moved = moves.apply(planned, [State.HELD])
    if moved:
        due.lower(seller.pk, "messages.due", now)
    return now + timedelta(minutes=1) if len(rows) == AT_ONCE else None


def _held(*, only_amazons: bool) -> list[dict[str, Any]]:
    found = Message.objects.filter(state=State.HELD, reason__in=REASONS)
    if only_amazons:
        found = found.filter(channel=Channel.SOLICITATION)
    rows = (
        found.order_by("expires_at", "pk").values(
            "pk", "expires_at", "order__marketplace_id", "campaign__window_days", "campaign__window_from",
            "campaign__window_until", "campaign__window_clock",
        )[:AT_ONCE]
    )  # fmt: skip
    return cast("list[dict[str, Any]]", list(rows))


def _waiting(row: dict[str, Any], seller_zone: str) -> Waiting:
    """A message by hand has no campaign, and so no hours."""
    if row["campaign__window_days"] is None:
        return Waiting(row["pk"], row["expires_at"], _ALWAYS, seller_zone)
    days = frozenset(row["campaign__window_days"])
    window = SendWindow(days, row["campaign__window_from"], row["campaign__window_until"])
    store = MARKETPLACES.get(row["order__marketplace_id"])
    follows_seller = row["campaign__window_clock"] == "seller" or store is None
    return Waiting(
        row["pk"],
        row["expires_at"],
        window,
        seller_zone if follows_seller or store is None else store.timezone,
    )
