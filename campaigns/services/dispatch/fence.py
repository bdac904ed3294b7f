"""The fence: `claimed -> on_wire`, committed, immediately before the body or the request leaves. The only
place where the checks count.

Everything is asked again in the same transaction, the day's room is taken in it, and only a row that is still
ours passes. A worker that was stopped beyond its lease finds the row gone; one that was stopped right after
the commit knows by its own clock that it is too late.
"""

import time
import uuid
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from campaigns.channels.base import Parcel
from campaigns.crashpoints import crashpoint
from campaigns.services import caps
from campaigns.services.gate import around, facts
from campaigns.services.gate.checks import CRITICAL, Stop, first_stop, hold


class FenceClosed(Exception):
    """The message may not leave. `stop` says why; None: the claim is no longer ours, so it is not ours to
    say.
    """

    def __init__(self, stop: Stop | None) -> None:
        super().__init__(stop.reason if stop else "the claim ran out")
        self.stop = stop


class FenceTooSlow(Exception):
    """Crossed, but so long ago that others may think us dead. Nothing was sent."""


_CROSS = """
WITH crossed AS (
  UPDATE campaigns_message
  SET state = 'on_wire', on_wire_at = clock_timestamp(), leased_until = clock_timestamp() + %(lease)s,
      updated_at = clock_timestamp(),
      language = %(language)s, subject = %(subject)s, body = %(body)s, body_format = %(body_format)s, mail_id = %(mail_id)s
  WHERE id = %(id)s AND state = 'claimed' AND claim_token = %(token)s
  RETURNING id
)
INSERT INTO campaigns_messageevent (message_id, at, before, after)
SELECT id, clock_timestamp(), 'claimed', 'on_wire' FROM crossed
-- Whatever the server's default: what is about to leave must survive a crash of the database.
RETURNING set_config('synchronous_commit', 'on', true)
"""


def cross(seller_id: int, token: uuid.UUID, parcel: Parcel) -> None:
    """Raises FenceClosed or FenceTooSlow, and then nothing may leave."""
    started = time.monotonic()
    with transaction.atomic():
        _check_everything(seller_id, token, parcel)
        _put_on_wire(token, parcel)
        crashpoint("fence.before_commit")
    crashpoint("fence.after_commit")
    # The monotonic clock runs on while a process is stopped: half a lease leaves the other half for the
    # answer.
    if time.monotonic() - started > settings.CLAIM_LEASE.total_seconds() / 2:
        raise FenceTooSlow


def _check_everything(seller_id: int, token: uuid.UUID, parcel: Parcel) -> None:
    fresh = facts.lock_claimed(parcel.message_id, token)
    if fresh is None:
        raise FenceClosed(None)
    place = (fresh.connection_id or 0, fresh.marketplace_id)
    surroundings = around.read(seller_id, [place])
    if stop := first_stop(fresh, surroundings):
        raise FenceClosed(stop)
    if not caps.raise_by_one(surroundings.rooms[place], is_critical=parcel.purpose in CRITICAL):
        raise FenceClosed(hold("cap_reached"))


def _put_on_wire(token: uuid.UUID, parcel: Parcel) -> None:
    values: dict[str, Any] = {
        "id": parcel.message_id, "token": token, "lease": settings.CLAIM_LEASE, "language": parcel.language,
        "subject": parcel.subject[:300], "body": parcel.body, "body_format": parcel.body_format if parcel.body else "",
        "mail_id": parcel.mail_id,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_CROSS, values)
        if cursor.fetchone() is None:
            raise FenceClosed(None)
