"""May this seller send? One row answers (`SellerEntitlement`), kept current when billing changes and when time changes it."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from accounts.billing.entitlements import WORDS, Standing, Why
from accounts.models import Seller, SellerEntitlement


@dataclass(frozen=True)
class Entitlement:
    is_entitled: bool
    #: For people: what is the matter, and what to do; empty when entitled.
    reason: str
    #: Texts of the seller's own wait until then; Amazon's own requests go on.
    own_texts_held_until: datetime | None = None


#: What a row says that time has overtaken before the tick came.
_OVERTAKEN = {Why.PAYMENT_FAILED: Why.GRACE_OVER}


def of(seller: Seller) -> Entitlement:
    """Read it at the fence. A lapse holds messages, it deletes nothing.

    No query where the seller was read with `select_related("entitlement")`. A seller without a row is new: it is in its
    trial. An installation without Stripe's key sells nothing, so everything is open.
    """
    if seller.state != Seller.State.READY:
        return Entitlement(False, f"This seller is {seller.get_state_display().lower()}.")
    row: SellerEntitlement | None = getattr(seller, "entitlement", None)
    if row is None or not settings.STRIPE_SECRET_KEY:
        return Entitlement(True, "")
    now = timezone.now()
    if row.holds_from_at and row.holds_from_at <= now:
        return Entitlement(False, _words(row))
    held_until = row.own_texts_held_until
    return Entitlement(True, "", held_until if held_until and held_until > now else None)


def _words(row: SellerEntitlement) -> str:
    why = Why(row.why)
    if row.standing != Standing.HELD:
        why = _OVERTAKEN.get(why, Why.NO_PLAN if why is Why.OWN_TRIAL else why)
    return " ".join(WORDS[why])
