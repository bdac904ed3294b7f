"""Who did what to what: append-only, one line per act that changes who may do what, or what Amazon hears
from us."""

from typing import Any

from accounts.models import Agency, AuditEntry, Seller, User


def record(
    action: str,
    actor: User | None = None,
    seller: Seller | None = None,
    agency: Agency | None = None,
    target: str = "",
    **data: Any,
) -> AuditEntry:
    """Inside the caller's transaction, so that act and entry stand or fall together. No personal data in
    `data`."""
    return AuditEntry.objects.create(
        action=action, actor=actor, seller=seller, agency=agency, target=target[:120], data=data
    )
