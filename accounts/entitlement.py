"""May this seller send? Billing will answer; until then a ready seller may."""

from dataclasses import dataclass

from accounts.models import Seller


@dataclass(frozen=True)
class Entitlement:
    is_entitled: bool
    #: For people; empty when entitled.
    reason: str


def of(seller: Seller) -> Entitlement:
    """Read it at the gate. A lapse holds messages, it deletes nothing."""
    if seller.state == Seller.State.READY:
        return Entitlement(True, "")
    return Entitlement(False, f"This seller is {seller.get_state_display().lower()}.")
