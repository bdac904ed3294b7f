"""One seller's turn: claim, gate, and message by message through the fence. No transaction is open while
the network is.
"""

import logging
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic

from django.conf import settings
from django.utils import timezone

from accounts.models import Connection, Seller
from accounts.services import connections
from amazon.errors import AmazonError
from campaigns.channels.answers import understood
from campaigns.channels.base import ChannelAnswer, Parcel, Refused, TryLater
from campaigns.crashpoints import crashpoint
from campaigns.domain.states import ENDED, State
from campaigns.domain.vocabulary import Channel
from campaigns.models import Message
from campaigns.services import caps, moves
from campaigns.services.claim import Claim, Closed, claim, expire_due, next_due_at, put_off
from campaigns.services.dispatch import fence, outcome
from campaigns.services.dispatch.doors import Doors, messaging
from campaigns.services.gate import around, changed
from campaigns.services.gate.checks import Stop, first_stop
from campaigns.services.gate.facts import Facts
from campaigns.services.gate.texts import FALL_BACK, IN_GERMANY, Texts
from campaigns.services.plan import plan_orders

_log = logging.getLogger(__name__)


#: Until a seller is asked again whose due messages could not be claimed: they wait for one that is in hand.
OTHERS_HAVE_THEM = timedelta(seconds=15)
#: Up to this long the other side's pace closes a channel in the worker's memory: to move a backlog's due times so often
#: costs more.
SHORT_WAIT = timedelta(seconds=3)


@dataclass(slots=True)
class Turn:
    """What one turn did.

    `pauses`: channels of an account that the other side's pace stopped, and for how long. `due_besides`: channels
    of due messages the turn did not take. `next_due_at`: when the first of all others is due.
    """

    claimed: int = 0
    sent: int = 0
    pauses: dict[Closed, timedelta] = field(default_factory=dict)
    due_besides: frozenset[str] = frozenset()
    next_due_at: datetime | None = None

    @property
    def wait(self) -> timedelta | None:
        """The shortest of the pauses."""
        return min(self.pauses.values(), default=None)


def take_turn(seller: Seller, doors: Doors, limit: int, closed: Collection[Closed] = ()) -> Turn:
    """Send up to `limit` of the entered seller's due messages, none of a `closed` channel. May run twice, in several
    places at once.
    """
    turn, ends_at = Turn(), monotonic() + settings.CLAIM_LEASE.total_seconds() / 2
    claimed = claim(seller.pk, limit, closed)
    crashpoint("dispatch.after_claim")
    if claimed.has_expired:
        expire_due()  # nothing else looks at what no claim takes
    turn.claimed, turn.due_besides = len(claimed.facts), claimed.due_besides
    is_as_expected = not claimed.has_expired
    if claimed:
        sending = _Sending(seller, claimed, doors, turn)
        sending.run(ends_at)
        is_as_expected &= turn.sent + sending.paced == turn.claimed
    turn.next_due_at = _next_due_at(claimed) if is_as_expected else next_due_at(turn.wait or timedelta(0))
    return turn


def _next_due_at(claimed: Claim) -> datetime | None:
    """As the claim found it, where nothing of it was put off or given back since."""
    if claimed.waits_for_others:
        others = timezone.now() + OTHERS_HAVE_THEM
        return min(claimed.next_due_at or others, others)
    return claimed.next_due_at


class _Sending:
    def __init__(self, seller: Seller, claimed: Claim, doors: Doors, turn: Turn) -> None:
        self.seller, self.token, self.doors, self.turn = seller, claimed.token, doors, turn
        self.batch, self.claimed = claimed.facts, claimed
        self.around = around.of(self.batch)
        #: Channel and account that the rest of this turn leaves alone, and what they said.
        self.stopped: dict[Closed, TryLater] = {}
        #: Messages that only the other side's pace kept: given back untouched, and due.
        self.paced = 0
        self.has_ended = False

    def run(self, ends_at: float) -> None:
        """`ends_at` by the monotonic clock: what is not tried by then goes back while it is still ours."""
        allowed = self._gate()
        crashpoint("dispatch.after_gate")
        texts = Texts(self.seller, allowed, self.around.connections)
        left_over = []
        for one in allowed:
            if (one.channel, one.connection_id) in self.stopped or monotonic() >= ends_at:
                left_over.append(one)
            else:
                self._try(one, texts)
        moves.release([one.message_id for one in left_over], self.token)
        self._wait_for_the_stopped()
        self.paced += sum((one.channel, one.connection_id) in self.turn.pauses for one in left_over)
        self._give_others_their_turn()

    def _wait_for_the_stopped(self) -> None:
        """A short wait closes the channel of that account; in a long one what is due for it moves. Others go on."""
        for (channel, connection_id), answer in self.stopped.items():
            if answer.is_pace and answer.after <= SHORT_WAIT:
                self.turn.pauses[channel, connection_id] = answer.after
            else:
                put_off(channel, connection_id, answer.after, answer.reason)

    def _give_others_their_turn(self) -> None:
        """Where a message ended unsent, a campaign that stood behind it may have the order."""
        proactive = {one.order_id for one in self.batch if one.is_proactive}
        if not self.has_ended or not proactive:
            return
        stood_behind = Message.objects.filter(
            order_id__in=proactive, state=State.SKIPPED, reason="higher_priority"
        )
        if waiting := set(stood_behind.values_list("order_id", flat=True)):
            plan_orders(waiting, timezone.now())

    def _gate(self) -> Sequence[Facts]:
        """Those with nothing in the way; what the others met is written in one statement a kind."""
        stops = {one.message_id: first_stop(one, self.around) for one in self.batch}
        free = [one for one in self.batch if stops[one.message_id] is None]
        stops |= changed.stops(free, self.claimed.planned_until, self.claimed.came_back)
        _record_stops(stops, self.token)
        self.has_ended = any(stop.state in ENDED for stop in stops.values() if stop is not None)
        return [one for one in self.batch if stops[one.message_id] is None]

    def _try(self, one: Facts, texts: Texts) -> None:
        crossing = _Crossing(self.seller.pk, self.token, one, self.around.rooms[caps.place_of(one)])
        try:
            parcel = self._parcel(one, texts)
            if parcel is FALL_BACK or parcel is IN_GERMANY:
                outcome.record_fall_back(one, self.token, parcel)
                return
            if isinstance(parcel, Stop):
                self.has_ended |= parcel.state in ENDED
                outcome.record_stop(one, self.token, parcel)
                return
            receipt = self.doors.to(one.channel, self._connection(one)).send(
                parcel, crossing.bound_to(parcel)
            )
        except fence.FenceClosed as closed:
            self._turned_back(one, closed)
        except fence.FenceTooSlow:
            outcome.record_not_left(one, self.token)
        except (ChannelAnswer, AmazonError) as said:
            self._heard(one, said if isinstance(said, ChannelAnswer) else understood(said), crossing)
        except Exception as error:  # noqa: BLE001 (one message must not stop the others)
            _log.exception("Sending failed", extra={"message_id": one.message_id})
            outcome.record_failure(one, self.token, error, has_crossed=crossing.is_done)
        else:
            crashpoint("dispatch.before_outcome")
            outcome.record_sent(one, self.token, receipt)
            crashpoint("dispatch.after_outcome")
            self.turn.sent += 1
            self._all_is_well(one)

    def _parcel(self, one: Facts, texts: Texts) -> Parcel | Stop:
        language = ""
        if one.channel == Channel.MESSAGING and texts.speaks_several(one):
            language = messaging(self._connection(one)).buyer_locale(one.amazon_order_id, one.marketplace_id)
        return texts.parcel(one, language)

    def _turned_back(self, one: Facts, closed: fence.FenceClosed) -> None:
        if closed.stop is not None:
            self.has_ended |= closed.stop.state in ENDED
            outcome.record_stop(one, self.token, closed.stop)

    def _heard(self, one: Facts, answer: ChannelAnswer, crossing: "_Crossing") -> None:
        self._tell_connection(one, answer)
        self.has_ended |= isinstance(answer, Refused)
        if isinstance(answer, TryLater) and answer.is_pace and not crossing.is_done:
            moves.release([one.message_id], self.token)
            self.paced += answer.after <= SHORT_WAIT
        else:
            outcome.record_answer(one, self.token, answer, has_crossed=crossing.is_done)
        crashpoint("dispatch.after_outcome")
        if isinstance(answer, TryLater) and answer.stops_channel:
            self.stopped[one.channel, one.connection_id] = answer

    def _tell_connection(self, one: Facts, answer: ChannelAnswer) -> None:
        error = answer.__cause__
        if isinstance(error, AmazonError) and one.connection_id and not isinstance(answer, Refused):
            connections.note_error(one.connection_id, error)

    def _all_is_well(self, one: Facts) -> None:
        found = self._connection(one)
        if one.channel != Channel.RELAY_EMAIL and found.health != Connection.Health.HEALTHY:
            connections.note_success(found.pk)
            found.health = Connection.Health.HEALTHY

    def _connection(self, one: Facts) -> Connection:
        return self.around.connections[one.connection_id or 0]


class _Crossing:
    """The fence of one message, and whether it may have been crossed (also where the commit's own answer
    was lost).
    """

    def __init__(self, seller_id: int, token: uuid.UUID, one: Facts, room: caps.Room) -> None:
        self._seller_id, self._token, self._one, self._room = seller_id, token, one, room
        self.is_done = False

    def bound_to(self, parcel: Parcel) -> "_Bound":
        return _Bound(self, parcel)

    def cross(self, parcel: Parcel) -> None:
        fence.cross(self._seller_id, self._token, parcel, self._one, self._room)
        self.is_done = True


@dataclass(frozen=True, slots=True)
class _Bound:
    crossing: _Crossing
    parcel: Parcel

    def __call__(self) -> None:
        self.crossing.cross(self.parcel)


def _record_stops(stops: dict[int, Stop | None], token: uuid.UUID) -> None:
    found = [
        moves.Move(
            i, s.state, s.reason, s.detail, s.after if s.state in {State.HELD, State.PLANNED} else None
        )
        for i, s in stops.items()
        if s is not None
    ]
    moves.apply(found, [State.CLAIMED], token=token)
