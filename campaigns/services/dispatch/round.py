"""Many sellers at once: a few threads take turns for whoever is ready. Nobody sleeps for one seller's pace
while another could send.
"""

import heapq
import logging
import threading
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Count
from django.utils import timezone

from accounts import due
from accounts.models import Seller
from accounts.tenancy import SellerGone, seller_context
from campaigns.services import claim, usage
from campaigns.services.claim import Closed
from campaigns.services.dispatch.crew import count_turn, work_together
from campaigns.services.dispatch.doors import Doors
from campaigns.services.dispatch.turn import Turn, take_turn

_log = logging.getLogger(__name__)

KIND = "messages.due"
#: A round ends after so long; who is not done is due again at once, and a worker that is told to stop has
#: soon stopped.
LASTS_SECONDS = 20.0
#: A seller whose next message is this near stays in the round.
NEAR_SECONDS = 3.0
#: Messages of one seller in one turn: first a few, more while nothing holds it up.
FIRST_TURN, LONGEST_TURN = 5, claim.BATCH
#: Seconds between messages above which a seller's turns stay short.
TOO_SLOW_TO_BATCH = 0.05
AFTER_FAILURE = timedelta(minutes=1)
#: Sellers that are done are given back together: after so long, or once they are so many.
GIVEN_BACK_AFTER, GIVEN_BACK_AT_ONCE = 0.25, 50


@dataclass(order=True)
class _Waiting:
    ready_at: float
    number: int
    lease: due.Lease = field(compare=False)
    limit: int = field(default=FIRST_TURN, compare=False)
    #: Seconds between two messages as the other side's pace has shown itself; 0 while nothing has held the seller up.
    interval: float = field(default=0.0, compare=False)
    #: Channels of an account that the other side's pace has closed, until when (monotonic).
    closed: dict[Closed, float] = field(default_factory=dict, compare=False)


class Round:
    """The sellers of one hint, until none has anything due soon or time is up. `sent` counts messages."""

    def __init__(
        self, leases: Sequence[due.Lease], *, threads: int | None = None, lasts: float = LASTS_SECONDS
    ) -> None:
        self._threads = min(settings.DISPATCH_THREADS if threads is None else threads, len(leases))
        self._lasts, self._ends_at = lasts, time.monotonic() + lasts
        self._queue = [_Waiting(0.0, number, lease) for number, lease in enumerate(leases)]
        self._sellers = _sellers([lease.seller_id for lease in leases])
        self._busy = 0
        self._news = threading.Condition()
        self._done: list[tuple[due.Lease, datetime | None]] = []
        self._senders: set[int] = set()
        self._give_back_at = 0.0
        self.sent = 0

    def run(self) -> int:
        """Answers how many messages were sent. In this very thread where there is to be only one."""
        heapq.heapify(self._queue)
        if self._threads <= 1:
            self._work()
        else:
            work_together(self._work, self._threads)
        return self.sent

    def stop(self) -> None:
        """End after the messages in hand. Safe in a signal handler."""
        self._ends_at = 0.0

    def _work(self) -> None:
        doors = Doors()
        try:
            while waiting := self._next():
                self._serve(waiting, doors)
        finally:
            doors.close()
            self._give_back(at_once=True)

    def _next(self) -> _Waiting | None:
        with self._news:
            while self._queue or self._busy:
                wait = self._queue[0].ready_at - time.monotonic() if self._queue else NEAR_SECONDS
                if self._queue and (wait <= 0 or self._is_over):
                    self._busy += 1
                    return heapq.heappop(self._queue)
                self._news.wait(min(max(wait, 0.001), 0.5))
            return None

    @property
    def _is_over(self) -> bool:
        return time.monotonic() >= self._ends_at

    def _serve(self, waiting: _Waiting, doors: Doors) -> None:
        again: _Waiting | None = None
        try:
            again = self._turn(waiting, doors)
        except SellerGone:
            self._finish(waiting.lease, None)
        except Exception:  # noqa: BLE001 (one seller must not stop the others)
            _log.exception("A seller's turn failed", extra={"seller_id": waiting.lease.seller_id})
            connection.close()
            self._finish(waiting.lease, timezone.now() + AFTER_FAILURE)
        finally:
            with self._news:
                self._busy -= 1
                if again is not None:
                    heapq.heappush(self._queue, again)
                self._news.notify_all()
        self._give_back()

    def _turn(self, waiting: _Waiting, doors: Doors) -> _Waiting | None:
        """The seller's next place in the queue, or None once its lease was given back."""
        if waiting.lease.seller_id not in self._sellers:
            raise SellerGone(f"Seller {waiting.lease.seller_id} does not exist")
        seller, accounts = self._sellers[waiting.lease.seller_id]
        if self._is_over:
            self._finish(waiting.lease, timezone.now())
            return None
        started = time.monotonic()
        closed = {channel: until for channel, until in waiting.closed.items() if until > started}
        with seller_context(seller):
            turn = take_turn(seller, doors, waiting.limit, closed)
        count_turn()
        with self._news:
            self.sent += turn.sent
            if turn.sent:
                self._senders.add(seller.pk)
        closed |= {channel: time.monotonic() + wait.total_seconds() for channel, wait in turn.pauses.items()}
        near = _seconds_until_next(turn, closed, has_several=accounts > 1)
        if near is None or near > NEAR_SECONDS or self._is_over:
            self._finish(waiting.lease, None if near is None else timezone.now() + timedelta(seconds=near))
            return None
        interval = max(waiting.interval, turn.wait.total_seconds() if turn.wait else 0.0)
        # Coming back before the next message may go costs a claim and a release for nothing.
        ready_at = max(time.monotonic() + near, started + interval * turn.sent if turn.pauses else 0.0)
        return _Waiting(ready_at, waiting.number, waiting.lease, _next_limit(waiting, turn), interval, closed)

    def _finish(self, lease: due.Lease, next_due_at: datetime | None) -> None:
        with self._news:
            self._done.append((lease, next_due_at))

    def _give_back(self, *, at_once: bool = False) -> None:
        with self._news:
            is_time = (
                at_once or time.monotonic() >= self._give_back_at or len(self._done) >= GIVEN_BACK_AT_ONCE
            )
            if not is_time:
                return
            self._give_back_at = time.monotonic() + GIVEN_BACK_AFTER
            done, self._done = self._done, []
            senders, self._senders = self._senders, set()
        due.finish_many(done)
        counted_at = timezone.now() + usage.SOON
        due.lower_many(usage.KIND, [(seller_id, counted_at) for seller_id in senders])


def _sellers(ids: Collection[int]) -> dict[int, tuple[Seller, int]]:
    """Each with the number of its Amazon accounts. One statement for all: what is true at sending the fence asks."""
    found = Seller.objects.filter(pk__in=ids).annotate(accounts=Count("connections"))
    return {seller.pk: (seller, seller.accounts) for seller in found}


def _seconds_until_next(turn: Turn, closed: Mapping[Closed, float], *, has_several: bool) -> float | None:
    """Until it is worth coming back; None: not before something new is due."""
    channels = {channel for channel, _ in closed}
    if turn.due_besides and (has_several or turn.due_besides - channels):
        return 0.0
    times = [until - time.monotonic() for until in closed.values()]
    if turn.next_due_at is not None:
        times.append((turn.next_due_at - timezone.now()).total_seconds())
    return max(min(times), 0.0) if times else None


def _next_limit(waiting: _Waiting, turn: Turn) -> int:
    if turn.wait is not None or waiting.interval > TOO_SLOW_TO_BATCH:
        return max(1, min(turn.sent, waiting.limit))
    return min(waiting.limit * 2, LONGEST_TURN)
