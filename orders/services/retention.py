"""Personal data is forgotten 30 days after delivery, as Amazon's data protection policy asks (read 2026-11-23).

Without a delivery date the latest promise counts, else the day of the order. The keyed hash stays: it says
nothing, and an opt-out must outlive the address.
"""

import logging
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Seller
from accounts.tenancy import SellerGone, seller_context
from orders.models import Order
from orders.services.upsert import take_turn

KEPT_FOR = timedelta(days=30)
_log = logging.getLogger(__name__)


def forget(now: datetime) -> int:
    """Forget what the time is over for in the entered seller's schema, in one statement; the number of orders."""
    counts_from = Coalesce(F("delivered_at"), F("promised_latest_at"), F("purchased_at"))
    over = Order.objects.exclude(relay_address_sealed="").alias(counts_from=counts_from)
    with transaction.atomic():
        with connection.cursor() as cursor:
            take_turn(cursor)
        return over.filter(counts_from__lt=now - KEPT_FOR).update(relay_address_sealed="", forgotten_at=now)


def forget_everywhere() -> int:
    """For every ready seller that ever connected, each in its schema; the number of orders forgotten."""
    now, forgotten = timezone.now(), 0
    connected = Seller.objects.filter(state=Seller.State.READY, connections__isnull=False).distinct()
    for seller in connected.iterator():
        try:
            with seller_context(seller):
                forgotten += forget(now)
        except SellerGone:
            continue
        except Exception:  # noqa: BLE001  one seller's trouble must not keep the others' data
            _log.exception("Buyer data could not be forgotten", extra={"seller_id": seller.pk})
    return forgotten
