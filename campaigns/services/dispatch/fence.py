"""The fence: `claimed -> on_wire`, committed, immediately before the body or the request leaves. The only
place where the checks count.

Everything is asked again in the transaction that takes the day's room, and only a row that is still ours
passes. A worker that was stopped beyond its lease finds the row gone; one that was stopped right after the
commit knows by its own clock that it is too late.
"""

import time
import uuid
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from campaigns.channels.base import Parcel
from campaigns.crashpoints import crashpoint
from campaigns.domain.states import State
from campaigns.domain.vocabulary import CRITICAL, Channel
from campaigns.services import caps, ramp
from campaigns.services.gate import around, facts
from campaigns.services.gate.checks import Stop, day_is_full, first_stop
from campaigns.services.gate.facts import Facts


class FenceClosed(Exception):
    """The message may not leave. `stop` says why; None: the claim is no longer ours, so it is not ours to
    say.
    """

    def __init__(self, stop: Stop | None) -> None:
        super().__init__(stop.reason if stop else "the claim ran out")
        self.stop = stop


class FenceTooSlow(Exception):
    """Crossed, but so long ago that others may think us dead. Nothing was sent."""


_CROSS = f"""
WITH crossed AS (
  UPDATE campaigns_message m
  SET state = 'on_wire', on_wire_at = clock_timestamp(), leased_until = clock_timestamp() + %(lease)s,
      updated_at = clock_timestamp(),
      language = %(language)s, subject = %(subject)s, body = %(body)s, body_format = %(body_format)s, mail_id = %(mail_id)s
  WHERE id = %(id)s AND state = 'claimed' AND claim_token = %(token)s AND leased_until > clock_timestamp()
  RETURNING {facts.MESSAGE}
), counted AS ({caps.RAISE}), told AS (
  INSERT INTO campaigns_messageevent (message_id, at, before, after)
  SELECT id, clock_timestamp(), 'claimed', 'on_wire' FROM crossed
)
SELECT (SELECT used FROM counted),
       -- Whatever the server's default: what is about to leave must survive a crash of the database.
       set_config('synchronous_commit', 'on', true), crossed.*
FROM crossed;
"""  # noqa: S608


def cross(seller_id: int, token: uuid.UUID, parcel: Parcel, one: Facts, room: caps.Room) -> None:
    """`one` and `room` are the gate's. Raises FenceClosed or FenceTooSlow, and then nothing may leave."""
    started = time.monotonic()
    try:
        _cross_once(seller_id, token, parcel, one, room)
    except _RoomChanged as changed:
        _cross_once(seller_id, token, parcel, one, changed.room)
    crashpoint("fence.after_commit")
    # The monotonic clock runs on while a process is stopped: half a lease leaves the other half for the
    # answer.
    if time.monotonic() - started > settings.CLAIM_LEASE.total_seconds() / 2:
        raise FenceTooSlow


def _cross_once(seller_id: int, token: uuid.UUID, parcel: Parcel, one: Facts, room: caps.Room) -> None:
    """In one round trip the row moves, is counted, and all is asked again; then the checks decide whether that is
    committed.
    """
    with transaction.atomic():
        fresh, used = _put_on_wire(seller_id, token, parcel, one, room)
        _check_everything(fresh, used, room)
        if _is_planned_anew(fresh, one):
            # Claimed anew at once: it came back, so the gate asks the campaign's conditions again.
            raise FenceClosed(Stop(State.PLANNED, "being_planned", after=timedelta(0)))
        if ramp.is_counted(fresh) and not ramp.count(fresh):
            raise FenceClosed(Stop(State.PLANNED, "version_ramping", after=settings.RAMP_EVERY))
        crashpoint("fence.before_commit")


def _is_planned_anew(fresh: Facts, gate: Facts) -> bool:
    """The order or the campaign changed since the gate. No plan touches what is claimed, be it ever so quick."""
    before = (gate.order_changed_xact, gate.campaign_revision)
    return not gate.is_by_hand and (fresh.order_changed_xact, fresh.campaign_revision) != before


def _put_on_wire(
    seller_id: int, token: uuid.UUID, parcel: Parcel, one: Facts, room: caps.Room
) -> tuple[Facts, int | None]:
    """What is the case at this moment, and the day's count with this message; None where the day is full."""
    has_words = parcel.channel != Channel.SOLICITATION
    values: dict[str, Any] = facts.parameters(seller_id, [one]) | {
        "id": one.message_id, "token": token, "lease": settings.CLAIM_LEASE, "language": parcel.language,
        "subject": parcel.subject[:300], "body": parcel.body, "body_format": parcel.body_format if parcel.body else "",
        "mail_id": parcel.mail_id,
    } | caps.raising(room, is_critical=parcel.purpose in CRITICAL)  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_CROSS + facts.questions(has_words=has_words), values)
        found = cursor.fetchone()
        if found is None:
            raise FenceClosed(None)
        cursor.nextset()
        row, used = facts.Row(*found[2:]), found[0]
        (fresh,) = facts.answers(cursor, [row], has_words=has_words, is_counted=used is not None)
    return fresh, used


def _check_everything(fresh: Facts, used: int | None, room: caps.Room) -> None:
    surroundings = around.of([fresh])
    if stop := first_stop(fresh, surroundings):
        raise FenceClosed(stop)
    now = surroundings.rooms[caps.place_of(fresh)]
    if (now.day, now.allowed) != (room.day, room.allowed):
        raise _RoomChanged(now)
    if used is None:
        raise FenceClosed(day_is_full(fresh, now))


class _RoomChanged(Exception):
    """Midnight has passed since the gate, or the day's limit was changed: counted against the wrong one."""

    def __init__(self, room: caps.Room) -> None:
        super().__init__("the day or its limit changed")
        self.room = room
