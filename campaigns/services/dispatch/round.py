"""Many sellers at once: a few threads take turns for whoever is ready. Nobody sleeps for one seller's pace
while another could send.
"""

import heapq
import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts import due
from accounts.tenancy import SellerGone, seller_context
from campaigns.services import claim
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
#: Until a seller is asked again whose due messages could not be claimed: they wait for one that is in hand.
OTHERS_HAVE_THEM = timedelta(seconds=15)


@dataclass(order=True)
class _Waiting:
    ready_at: float
    number: int
    lease: due.Lease = field(compare=False)
    limit: int = field(default=FIRST_TURN, compare=False)
    #: Seconds between two messages as the other side's pace has shown itself; 0 while nothing has held the seller up.
    interval: float = field(default=0.0, compare=False)


class Round:
    """The sellers of one hint, until none has anything due soon or time is up. `sent` counts messages."""

    def __init__(
        self, leases: Sequence[due.Lease], *, threads: int | None = None, lasts: float = LASTS_SECONDS
    ) -> None:
        self._threads = min(settings.DISPATCH_THREADS if threads is None else threads, len(leases))
        self._lasts, self._ends_at = lasts, time.monotonic() + lasts
        self._queue = [_Waiting(0.0, number, lease) for number, lease in enumerate(leases)]
        self._busy = 0
        self._news = threading.Condition()
        self.sent = 0

    def run(self) -> int:
        """Answers how many messages were sent. In this very thread where there is to be only one."""
        heapq.heapify(self._queue)
        if self._threads <= 1:
            self._work()
            return self.sent
        workers = [
            threading.Thread(target=self._work_and_close, name=f"dispatch-{n}") for n in range(self._threads)
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        return self.sent

    def stop(self) -> None:
        """End after the messages in hand. Safe in a signal handler."""
        self._ends_at = 0.0

    def _work_and_close(self) -> None:
        try:
            self._work()
        finally:
            connection.close()  # the thread's own, and with it what its backend remembers of many schemas

    def _work(self) -> None:
        doors = Doors()
        try:
            while waiting := self._next():
                self._serve(waiting, doors)
        finally:
            doors.close()

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
        again = None
        try:
            again = self._turn(waiting, doors)
        except SellerGone:
            due.finish(waiting.lease, None)
        except Exception:  # noqa: BLE001 (one seller must not stop the others)
            _log.exception("A seller's turn failed", extra={"seller_id": waiting.lease.seller_id})
            connection.close()
            due.finish(waiting.lease, timezone.now() + AFTER_FAILURE)
        finally:
            with self._news:
                self._busy -= 1
                if again is not None:
                    heapq.heappush(self._queue, again)
                self._news.notify_all()

    def _turn(self, waiting: _Waiting, doors: Doors) -> _Waiting | None:
        """The seller's next place in the queue, or None once its lease was given back."""
        turn, started, has_found_nothing = Turn(), time.monotonic(), False
        with seller_context(waiting.lease.seller_id) as seller:
            if not self._is_over:
                turn = take_turn(seller, doors, waiting.limit)
                has_found_nothing = not turn.claimed
            next_due_at = claim.next_due_at(
                OTHERS_HAVE_THEM if has_found_nothing else turn.wait or timedelta(0)
            )
        with self._news:
            self.sent += turn.sent
        near = _seconds_until(next_due_at)
        if near is None or near > NEAR_SECONDS or self._is_over:
            due.finish(waiting.lease, next_due_at)
            return None
        interval = max(waiting.interval, turn.wait.total_seconds() if turn.wait else 0.0)
        # Coming back before the next message may go costs a claim and a release for nothing.
        ready_at = max(time.monotonic() + max(near, 0.0), started + interval * turn.sent)
        return _Waiting(ready_at, waiting.number, waiting.lease, _next_limit(waiting, turn), interval)


def _next_limit(waiting: _Waiting, turn: Turn) -> int:
    if turn.wait is not None or waiting.interval > TOO_SLOW_TO_BATCH:
        return max(1, min(turn.sent, waiting.limit))
    return min(waiting.limit * 2, LONGEST_TURN)


def _seconds_until(at: datetime | None) -> float | None:
    return None if at is None else (at - timezone.now()).total_seconds()
