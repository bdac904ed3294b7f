"""How a connection is, noticed from what Amazon answers and said in one sentence."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import Connection, SellerDue
from accounts.services import audit, mail, people, schemas
from amazon.errors import AmazonError, Outcome

H = Connection.Health
_log = logging.getLogger(__name__)

#: Work that needs a living connection; it stops with the last one and starts again with the next.
WORK_AFTER_CONNECTING = ("orders.sync", "orders.reports")
#: Refusals of these mean the account, not one feature we may lack a role for.
_EVERYDAY = frozenset({"searchOrders", "getMarketplaceParticipations"})
#: An error this soon after connecting may still speak of the token before.
_FRESH = timedelta(minutes=2)
#: Amazon's re-authorisation guide, read 2026-11-23.
AUTHORISATION_LASTS = timedelta(days=365)


def note_success(connection_id: int) -> None:
    """Amazon answered: what was passing has passed. Writes only when something changes."""
    passing = Connection.objects.filter(pk=connection_id, health__in=(H.THROTTLED, H.NEEDS_ATTENTION))
    passing.update(health=H.HEALTHY, health_note="", health_changed_at=timezone.now())


def note_error(connection_id: int, error: AmazonError) -> None:
    """Let one answer of Amazon's move the connection's health; most move nothing. May be told twice.

    Only the token server's own word disconnects: gateways have called whole fleets revoked for half an hour.
    """
    health = _meaning(error)
    if health is H.NEEDS_REAUTHORISATION:
        _stop(connection_id, error)
    elif health:
        _move(connection_id, health, error.sentence)
    elif error.outcome is Outcome.OUR_FAULT:
        _log.error("Amazon refuses our call as wrong: %s", error)


def _meaning(error: AmazonError) -> Connection.Health | None:
    if error.outcome is Outcome.RECONNECT:
        return H.NEEDS_REAUTHORISATION if error.is_certain_disconnect else H.NEEDS_ATTENTION
    if error.outcome is Outcome.NEEDS_ROLE and error.operation in _EVERYDAY:
        return H.NEEDS_ATTENTION
    return H.THROTTLED if error.status == 429 else None


def _move(connection_id: int, health: Connection.Health, note: str) -> bool:
    """Only from a better state to a worse one: throttling does not hide that the account needs attention."""
    better = list(H)[: list(H).index(health)]
    rows = Connection.objects.filter(pk=connection_id, health__in=better)
    return rows.update(health=health, health_note=note[:400], health_changed_at=timezone.now()) == 1


def _stop(connection_id: int, error: AmazonError) -> None:
    connection = Connection.objects.select_related("seller").get(pk=connection_id)
    if timezone.now() - connection.authorised_at < _FRESH:
        return
    note = (
        "Amazon no longer accepts our authorisation: it was revoked or is a year old. Connect Amazon again."
    )
    with schemas.inside("public"), transaction.atomic():
        if not _move(connection_id, H.NEEDS_REAUTHORISATION, note):
            return
        audit.record(
            "connection.revoked", seller=connection.seller, target=str(connection), said=error.message[:200]
        )
        stop_idle_work(connection.seller_id)
        mail.send(
            "connection_revoked",
            people.owners(connection.seller),
            connection=connection,
            seller=connection.seller,
        )


def stop_idle_work(seller_id: int) -> None:
    """Without a usable connection there is nothing to fetch."""
    usable = Connection.objects.filter(
        seller_id=seller_id, health__in=(H.HEALTHY, H.THROTTLED, H.NEEDS_ATTENTION)
    )
    if not usable.exists():
        SellerDue.objects.filter(seller_id=seller_id, kind__in=WORK_AFTER_CONNECTING).delete()


def expires_at(connection: Connection) -> datetime:
    return connection.authorised_at + AUTHORISATION_LASTS


def describe(connection: Connection) -> str:
    """How it is and what to do, in one sentence."""
    if connection.health in {H.NEEDS_ATTENTION, H.NEEDS_REAUTHORISATION} and connection.health_note:
        return connection.health_note
    left = expires_at(connection) - timezone.now()
    if connection.is_usable and left < timedelta(days=30):
        return f"Amazon ends a connection after a year: {max(left.days, 0)} days are left. Connect again."
    return _SENTENCES[H(connection.health)]


_SENTENCES: dict[Connection.Health, str] = {
    H.HEALTHY: "Amazon answers. Nothing to do.",
    H.THROTTLED: "Amazon slows us down for the moment. Messages go out later than usual; nothing to do.",
    H.NEEDS_ATTENTION: "Amazon refuses this account's data. Look for notices about it in Seller Central.",
    H.NEEDS_REAUTHORISATION: "Amazon no longer accepts our authorisation. Connect Amazon again.",
    H.DISCONNECTED: "Not connected: nothing is fetched and nothing is sent. Connect Amazon to go on.",
}
