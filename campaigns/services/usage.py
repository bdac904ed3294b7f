"""What billing counts of the entered seller: orders with a first message of its own this month, and what cost nothing."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.billing.usage import Month, month_of
from accounts.models import Seller
from accounts.services.billing import counting

KIND = "usage.count"
#: Between a message sent and its order counted.
SOON = timedelta(minutes=2)

#: In which the month before is counted once more.
_AFTER_THE_END = timedelta(days=1)
# A message that Amazon bounced has left `sent`, so an opted-out buyer's order does not count; an `uncertain` one counts
# once it is settled.
_COUNT = """
WITH sent AS (
  SELECT m.id, m.order_id, m.channel FROM campaigns_message m
  WHERE m.state = 'sent' AND m.sent_at >= %(from)s AND m.sent_at < %(until)s
), own AS (SELECT DISTINCT order_id FROM sent WHERE channel <> 'solicitation')
SELECT
  (SELECT count(*) FROM own WHERE NOT EXISTS (
     SELECT FROM campaigns_message b WHERE b.order_id = own.order_id AND b.channel <> 'solicitation'
       AND b.state = 'sent' AND b.sent_at < %(from)s)),
  (SELECT count(*) FROM sent WHERE channel <> 'solicitation'),
  (SELECT count(*) FROM sent WHERE channel = 'solicitation'),
  (SELECT count(DISTINCT message_id) FROM campaigns_messageevent
   WHERE after = 'blocked' AND at >= %(from)s AND at < %(until)s),
  (SELECT count(DISTINCT message_id) FROM campaigns_messageevent
   WHERE after IN ('skipped', 'refused') AND reason = 'opted_out' AND at >= %(from)s AND at < %(until)s),
  (SELECT count(*) FROM public.compliance_case
   WHERE seller_id = %(seller)s AND submitted_at >= %(from)s AND submitted_at < %(until)s)
"""


def count(seller: Seller) -> datetime | None:
    """Store this month's figures; may run twice. Due again when somebody sends, and once after the month's end for the last
    of it."""
    now = timezone.now()
    month = month_of(now, seller.timezone)
    if now - month.starts_at < _AFTER_THE_END:
        _count(seller, month_of(month.starts_at - timedelta(days=1), seller.timezone))
    return month.ends_at + SOON if _count(seller, month) else None


def _count(seller: Seller, month: Month) -> int:
    counted, own, amazon, blocked, opted_out, reviews = _figures(seller, month)
    details = {
        "own": own, "amazon": amazon, "blocked": blocked, "opted_out": opted_out, "reviews": reviews,
        "further": max(0, own - counted),
    }  # fmt: skip
    counting.record(seller, month.first, counted, details)
    return own + amazon


def _figures(seller: Seller, month: Month) -> tuple[int, ...]:
    params: dict[str, Any] = {"from": month.starts_at, "until": month.ends_at, "seller": seller.pk}
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, params)
        return tuple(cursor.fetchone())
