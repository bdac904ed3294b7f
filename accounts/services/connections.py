"""A seller's connections to Amazon in use: speaking for them, keeping them fresh, ending them.

Making one is accounts/services/consent.py; how one fares is accounts/services/health.py, whose
`note_success` and `note_error` are offered here too.
"""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import database, due, sealing
from accounts.models import AuditEntry, Connection, Seller, User
from accounts.services import amazon_client, audit, health, mail, people, schemas
from accounts.services.health import describe, note_error, note_success
from accounts.services.resealing import token_cell
from amazon import sellers
from amazon.client import SellingPartner
from amazon.errors import AmazonError, Outcome
from amazon.regions import MARKETPLACES

__all__ = ["describe", "disconnect", "note_error", "note_success", "selling_partner"]

H = Connection.Health
_log = logging.getLogger(__name__)
_WARN_DAYS = (30, 14, 3)


def selling_partner(connection: Connection) -> SellingPartner:
    """Amazon's API as this seller. Opens the sealed token and makes no call yet.

    Raises AmazonError `reconnect` where there is no token, SealingError where it does not open."""
    if not connection.refresh_token_sealed:
        raise AmazonError(Outcome.RECONNECT, "Amazon is not connected. Connect it first.")
    token = sealing.open_sealed(
        connection.refresh_token_sealed, token_cell(connection.pk), _owner(connection)
    )
    return amazon_client.client().seller(connection.region, connection.selling_partner_id, token)


def _owner(connection: Connection) -> Seller:
    """Without a query where the seller is entered anyway."""
    entered = database.connection.tenant
    return (
        entered if isinstance(entered, Seller) and entered.pk == connection.seller_id else connection.seller
    )


def seal_token(connection: Connection, refresh_token: str) -> None:
    connection.refresh_token_sealed = sealing.seal(
        refresh_token, token_cell(connection.pk), _owner(connection)
    )


def read_participations(connection: Connection) -> None:
    """Ask Amazon where this account sells and store it. Raises AmazonError; then nothing changes."""
    usable = [shop for shop in sellers.participations(selling_partner(connection)) if shop.is_usable]
    ours = [shop for shop in usable if MARKETPLACES[shop.marketplace_id].region == connection.region]
    connection.marketplace_ids = [shop.marketplace_id for shop in ours]
    connection.store_name = next(
        (shop.store_name for shop in ours if shop.store_name), connection.store_name
    )[:200]
    connection.participations_read_at = timezone.now()
    connection.save(update_fields=["marketplace_ids", "store_name", "participations_read_at"])


def lower_work(connection: Connection) -> None:
    for kind in health.WORK_AFTER_CONNECTING:
        due.lower(connection.seller_id, kind, timezone.now())


def disconnect(connection: Connection, actor: User | None = None) -> None:
    """Forget the token at once and stop. The row stays, so that the account can not slip into another
    seller."""
    with schemas.inside("public"), transaction.atomic():
        note = "Disconnected. Nothing is fetched and nothing is sent."
        values = {
            "refresh_token_sealed": "",
            "health": H.DISCONNECTED,
            "health_note": note,
            "health_changed_at": timezone.now(),
        }
        Connection.objects.filter(pk=connection.pk).update(**values)
        health.stop_idle_work(connection.seller_id)
        audit.record("connection.disconnected", actor, connection.seller, target=str(connection))
    connection.refresh_from_db()


def refresh_participations() -> None:
    """Daily for living connections; hourly for those Amazon refused, which is how they heal."""
    now = timezone.now()
    stale = Q(participations_read_at=None) | Q(participations_read_at__lt=now - timedelta(days=1))
    living = Q(health__in=(H.HEALTHY, H.THROTTLED)) & stale
    for connection in Connection.objects.filter(
        living | Q(health=H.NEEDS_ATTENTION), seller__state=Seller.State.READY
    ).iterator():
        refresh_one(connection)


def refresh_one(connection: Connection) -> None:
    try:
        read_participations(connection)
    except AmazonError as error:
        note_error(connection.pk, error)
    except Exception:  # noqa: BLE001  # the next connection is not to blame
        _log.exception("The marketplaces of %s could not be read", connection)
    else:
        note_success(connection.pk)
        if connection.health == H.NEEDS_ATTENTION:
            lower_work(connection)


def warn_of_expiry() -> None:
    """One mail 30, 14 and 3 days before Amazon ends an authorisation. May run twice: what was said is in
    the audit log."""
    soon = timezone.now() - health.AUTHORISATION_LASTS + timedelta(days=max(_WARN_DAYS))
    ending = Connection.objects.exclude(refresh_token_sealed="").filter(
        authorised_at__lte=soon, seller__state=Seller.State.READY
    )
    for connection in ending.select_related("seller").exclude(health=H.NEEDS_REAUTHORISATION):
        _warn(connection)


def _warn(connection: Connection) -> None:
    ends_at = health.expires_at(connection)
    days = min(step for step in _WARN_DAYS if ends_at - timezone.now() <= timedelta(days=step))
    warned = AuditEntry.objects.filter(
        action="connection.expiry_warned", target=str(connection), at__gte=connection.authorised_at
    )
    if warned.filter(data__days__lte=days).exists():
        return
    with transaction.atomic():
        audit.record("connection.expiry_warned", seller=connection.seller, target=str(connection), days=days)
        context = {
            "connection": connection,
            "seller": connection.seller,
            "days": max((ends_at - timezone.now()).days, 0),
        }
        mail.send("connection_expires", people.owners(connection.seller), ends_at=ends_at, **context)
