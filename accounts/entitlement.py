"""May this seller send? One row answers (`SellerEntitlement`), kept current when billing changes and when time changes it.

The gate and the fence ask in a statement they send anyway: COLUMNS over `public.accounts_seller seller` and JOIN.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

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


class Basis(NamedTuple):
    """What the answer rests on. `standing` is None for a seller without a row."""

    state: str
    standing: str | None = None
    why: str | None = None
    holds_from_at: datetime | None = None
    own_texts_held_until: datetime | None = None


JOIN = "LEFT JOIN public.accounts_sellerentitlement entitled ON entitled.seller_id = seller.id"
#: A Basis.
COLUMNS = (
    "seller.state, entitled.standing, entitled.why, entitled.holds_from_at, entitled.own_texts_held_until"
)

#: What a row says that time has overtaken before the tick came.
_OVERTAKEN = {Why.PAYMENT_FAILED: Why.GRACE_OVER}


def of(seller: Seller) -> Entitlement:
    """No query where the seller was read with `select_related("entitlement")`."""
    row: SellerEntitlement | None = getattr(seller, "entitlement", None)
    if row is None:
        return judge(Basis(seller.state))
    return judge(Basis(seller.state, row.standing, row.why, row.holds_from_at, row.own_texts_held_until))


def judge(basis: Basis) -> Entitlement:
    """Ask it at the fence. A lapse holds messages, it deletes nothing.

    A seller without a row is new: it is in its trial. An installation without Stripe's key sells nothing, so everything
    is open.
    """
    if basis.state != Seller.State.READY:
        return Entitlement(False, f"This seller is {Seller.State(basis.state).label.lower()}.")
    if basis.standing is None or not settings.STRIPE_SECRET_KEY:
        return Entitlement(True, "")
    now = timezone.now()
    if basis.holds_from_at and basis.holds_from_at <= now:
        return Entitlement(False, _words(basis))
    held_until = basis.own_texts_held_until
    return Entitlement(True, "", held_until if held_until and held_until > now else None)


def _words(basis: Basis) -> str:
    why = Why(basis.why or "")
    if basis.standing != Standing.HELD:
        why = _OVERTAKEN.get(why, Why.NO_PLAN if why is Why.OWN_TRIAL else why)
    return " ".join(WORDS[why])
