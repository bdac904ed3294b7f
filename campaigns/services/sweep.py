"""What time does to messages: leases run out, windows close, held ones may go on, uncertain ones are
witnessed. Set-based, one seller.

Sellers come here by the due index (kind "messages.sweep"): every claim leaves the end of its lease there,
every held or uncertain message the time at which it is looked at again. A seller that has none of these is
never visited.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from accounts import due
from accounts.models import Seller
from accounts.tenancy import current_seller
from campaigns.domain.states import State
from campaigns.models import Message
from campaigns.services import moves, release
from campaigns.services.claim import SWEEP_GRACE
from campaigns.services.dispatch.outcome import FIRST_WITNESS, PARKED_FOR
from campaigns.services.gate import around, facts
from campaigns.services.gate.checks import LOOK_AGAIN, Stop, first_stop
from campaigns.services.moves import Move

AT_ONCE = 500
#: A row that took so many workers along is parked. Not fewer: a whole batch is lost with its worker, and most of it is innocent.
LOST_WITH_WORKERS = 20


@dataclass(frozen=True, slots=True)
class Swept:
    """Messages taken back from dead workers, shown as uncertain, expired, and let go on."""

    taken_back: int = 0
    uncertain: int = 0
    expired: int = 0
    released: int = 0
    next_due_at: datetime | None = None


def sweep(seller: Seller) -> Swept:
    """Sweep the entered seller. May run twice, and beside dispatch: each move names the state it expects."""
    taken_back, uncertain = _take_back(), _show_unknown()
    expired = expire()
    released = _look_again_at_held(seller) + _settle_uncertain(seller)
    if taken_back or released:
        due.lower(seller.pk, "messages.due", timezone.now())
    return Swept(taken_back, uncertain, expired, released, next_look_at())


def expire() -> int:
    """Planned and held messages whose window closed say so."""
    late = Message.objects.filter(state__in=[State.PLANNED, State.HELD], expires_at__lte=timezone.now())
    gone = [
        Move(pk, State.EXPIRED, "window_closed") for pk in late.values_list("pk", flat=True)[: AT_ONCE * 10]
    ]
    return len(moves.apply(gone, [State.PLANNED, State.HELD]))


def release_held(reasons: Collection[str]) -> int:
    """Something was mended: look at once at the entered seller's messages held for it. The gate still has
    its say.
    """
    held = Message.objects.filter(state=State.HELD, reason__in=reasons)
    freed = moves.apply(
        [Move(pk, State.PLANNED, after=timedelta(0)) for pk in held.values_list("pk", flat=True)],
        [State.HELD],
    )
    if freed:
        due.lower(current_seller().pk, "messages.due", timezone.now())
    return len(freed)


_OVER = """
SELECT id, attempts FROM campaigns_message
WHERE state = %s AND leased_until < clock_timestamp() ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
"""


@transaction.atomic
def _take_back() -> int:
    """Claimed, and the worker gone before anything left: back to the queue; a row that keeps taking its
    worker along is parked.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OVER, [State.CLAIMED, AT_ONCE])
        rows = cursor.fetchall()
    parked = [
        Move(pk, State.HELD, "keeps_failing", {}, PARKED_FOR)
        for pk, attempts in rows
        if attempts + 1 >= LOST_WITH_WORKERS
    ]
    back = [
        Move(pk, State.PLANNED, "lease_over", {}, timedelta(0), True)
        for pk, attempts in rows
        if attempts + 1 < LOST_WITH_WORKERS
    ]
    return len(moves.apply([*parked, *back], [State.CLAIMED]))


@transaction.atomic
def _show_unknown() -> int:
    """On the wire, and the worker gone: nobody knows, so it is shown and never sent again by the program."""
    with connection.cursor() as cursor:
        cursor.execute(_OVER, [State.ON_WIRE, AT_ONCE])
        rows = cursor.fetchall()
    unknown = [
        Move(pk, State.UNCERTAIN, "outcome_unknown", {"words": "worker lost"}, FIRST_WITNESS)
        for pk, _ in rows
    ]
    return len(moves.apply(unknown, [State.ON_WIRE]))


def _look_again_at_held(seller: Seller) -> int:
    """Held messages whose time has come are asked the gate's own questions, without a claim; those that
    pass go on.
    """
    now = timezone.now()
    ids = list(
        Message.objects.filter(state=State.HELD, due_at__lte=now)
        .order_by("due_at")
        .values_list("pk", flat=True)[:AT_ONCE]
    )
    if not ids:
        return 0
    batch = facts.read(ids)
    surroundings = around.of(batch)
    reasons = dict(Message.objects.filter(pk__in=ids).values_list("pk", "reason"))
    free, stopped = [], []
    for one in batch:
        stop = first_stop(one, surroundings)
        if stop is None and reasons[one.message_id] in release.REASONS:
            due.lower(seller.pk, release.KIND, now)  # all of them together, so that they do not burst
        elif stop is None:
            free.append(Move(one.message_id, State.PLANNED, after=timedelta(0)))
        else:
            stopped.append((one.message_id, stop, reasons[one.message_id]))
    _keep(stopped)
    return len(moves.apply(free, [State.HELD]))


def _keep(stopped: Collection[tuple[int, Stop, str]]) -> None:
    """Still held for the same reason: only the next look moves, and the history stays short. Another
    reason is told.
    """
    same = [pk for pk, stop, reason in stopped if stop.state is State.HELD and stop.reason == reason]
    Message.objects.filter(pk__in=same, state=State.HELD).update(due_at=timezone.now() + LOOK_AGAIN)
    told = [
        Move(pk, stop.state, stop.reason, stop.detail, stop.after)
        for pk, stop, reason in stopped
        if stop.state is State.HELD and stop.reason != reason
    ]
    ended = [
        Move(pk, stop.state, stop.reason, stop.detail, stop.after if stop.state is State.PLANNED else None)
        for pk, stop, _ in stopped
        if stop.state is not State.HELD
    ]
    moves.apply([*told, *ended], [State.HELD])


def _settle_uncertain(seller: Seller) -> int:
    from campaigns.services import settle

    return settle.ask_witnesses(seller, AT_ONCE)


_NEXT = """
SELECT least(
  (SELECT min(leased_until) + %(grace)s FROM campaigns_message WHERE state IN ('claimed', 'on_wire')),
  (SELECT min(due_at) FROM campaigns_message WHERE state = 'held'),
  (SELECT min(expires_at) FROM campaigns_message
   WHERE state = 'planned' AND due_at <= clock_timestamp() AND expires_at <= clock_timestamp()),
  (SELECT min(due_at) FROM campaigns_message WHERE state = 'uncertain' AND reason <> 'left_open'))
"""


def next_look_at() -> datetime | None:
    """When the entered seller's messages need the sweep next; None: nothing of theirs waits for time to pass."""
    params: dict[str, Any] = {"grace": SWEEP_GRACE}
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, params)
        found: datetime | None = cursor.fetchone()[0]
        return found
