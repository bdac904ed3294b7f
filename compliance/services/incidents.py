"""What came back from outside about a seller's messages: blocks, complaints, restrictions. It weighs on trust."""

import uuid
from datetime import datetime

from accounts.models import Seller
from compliance.models import Incident


def report_incident(
    seller: Seller,
    kind: Incident.Kind,
    *,
    reference: str,
    at: datetime,
    subject_id: uuid.UUID | None = None,
    note: str = "",
) -> bool:
    """Note it, once per `reference` (a message's public id, a notice's Message-ID); False: known already."""
    given = {"at": at, "subject_id": subject_id, "note": note[:300]}
    _, is_new = Incident.objects.get_or_create(
        seller=seller, kind=kind, reference=reference[:120], defaults=given
    )
    return is_new


def end_restriction(seller: Seller, *, at: datetime) -> int:
    """Amazon lifted it, or a person says so; answers how many ended."""
    running = Incident.objects.filter(seller=seller, kind=Incident.Kind.RESTRICTED, ended_at__isnull=True)
    return running.update(ended_at=at)
