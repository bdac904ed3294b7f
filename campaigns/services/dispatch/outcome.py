"""What came of one attempt, written in its own transaction. Only the claim's own token may write it, once."""

import logging
import uuid
from datetime import timedelta

from django.db import connection, transaction

from accounts import due
from accounts.tenancy import current_seller
from campaigns.channels.base import ChannelAnswer, Held, OutcomeUnknown, Receipt, Refused, TryLater
from campaigns.domain.states import State
from campaigns.domain.vocabulary import Channel
from campaigns.models import Message
from campaigns.services import caps, moves, ramp
from campaigns.services.claim import SWEEP_KIND
from campaigns.services.gate.checks import TRY_AGAIN, Stop
from campaigns.services.gate.facts import Facts
from campaigns.services.moves import Move

_log = logging.getLogger(__name__)

#: Where a message may stand when its own worker says what became of it.
_OURS = (State.CLAIMED, State.ON_WIRE, State.UNCERTAIN)
_GONE = (State.ON_WIRE, State.UNCERTAIN)
#: Failures on our side after which a message is parked, so that it does not stand in the way for ever.
PARKED_AFTER = 5
PARKED_FOR = timedelta(hours=1)
#: When a witness is first asked about an unknown outcome.
FIRST_WITNESS = timedelta(minutes=10)
#: Between two looks of a witness: Amazon has given empty answers by mistake.
SECOND_WITNESS = timedelta(hours=6)

_SENT = """
WITH sent AS (
  UPDATE campaigns_message m
  SET state = 'sent', sent_at = clock_timestamp(), reason = '', reason_detail = '{}', amazon_request_id = %(reference)s,
      claim_token = NULL, leased_until = NULL, updated_at = clock_timestamp()
  FROM (SELECT id, state FROM campaigns_message WHERE id = %(id)s FOR UPDATE) b
  WHERE m.id = b.id AND m.state IN ('on_wire', 'uncertain') AND m.claim_token = %(token)s
  RETURNING m.id, b.state AS was
)
INSERT INTO campaigns_messageevent (message_id, at, before, after)
SELECT id, clock_timestamp(), was, 'sent' FROM sent RETURNING message_id
"""


def record_sent(facts: Facts, token: uuid.UUID, receipt: Receipt) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_SENT, {"id": facts.message_id, "token": token, "reference": receipt.reference[:80]})
        if cursor.fetchone() is None:
            _log.warning(
                "A message was taken, but somebody else had settled it",
                extra={"message_id": facts.message_id},
            )


def record_stop(facts: Facts, token: uuid.UUID, stop: Stop) -> None:
    """The gate or the fence said no."""
    after = stop.after if stop.state in {State.HELD, State.PLANNED} else None
    moves.apply(
        [Move(facts.message_id, stop.state, stop.reason, stop.detail, after)], [State.CLAIMED], token=token
    )


@transaction.atomic
def record_fall_back(facts: Facts, token: uuid.UUID, stop: Stop) -> None:
    """Amazon's own request takes the place of a text that lacks the buyer's language, or may not ask there: claimed
    anew, as what it is now."""
    if moves.apply(
        [Move(facts.message_id, State.PLANNED, stop.reason, stop.detail, stop.after)],
        [State.CLAIMED],
        token=token,
    ):
        Message.objects.filter(pk=facts.message_id, state=State.PLANNED).update(
            channel=Channel.SOLICITATION, message_type="", is_proactive=True, version=None
        )


def record_answer(facts: Facts, token: uuid.UUID, answer: ChannelAnswer, *, has_crossed: bool) -> None:
    """Anything but "taken". What crossed the fence and certainly did not leave gives its place in the
    day's room back.
    """
    move = _move(facts, answer)
    if move.to is State.UNCERTAIN:
        moves.apply([move], _GONE[:1], token=token)
        return
    if facts.may_have_gone and answer.reason == "asked_elsewhere":
        # We had sent it once without learning so; that Amazon refuses the repeat is the witness.
        record_witnessed(facts, token, "amazon_refuses_repeat")
        return
    if facts.may_have_gone and answer.reason == "not_offered" and not has_crossed:
        _record_doubt(facts, token, answer)
        return
    with transaction.atomic():
        moved = moves.apply([move], _OURS[1:] if has_crossed else _OURS[:1], token=token)
        if moved and has_crossed:
            caps.give_back(facts.connection_id or 0, facts.marketplace_id, facts.now)
            ramp.give_back(facts)
        if moved and move.to is State.REFUSED and facts.version_id is not None:
            due.lower(current_seller().pk, SWEEP_KIND, facts.now)  # services/pausing.py looks at its version


def _record_doubt(facts: Facts, token: uuid.UUID, answer: ChannelAnswer) -> None:
    """Sent again at a person's word, and Amazon offers it no more: probably since the first attempt went out.
    Nobody knows again; the witness asks once more before it counts as sent.
    """
    seen = {**answer.detail, "still_offered": False, "gone_at": facts.now.isoformat()}
    moves.apply(
        [Move(facts.message_id, State.UNCERTAIN, "outcome_unknown", seen, SECOND_WITNESS)],
        [State.CLAIMED],
        token=token,
    )


def record_failure(facts: Facts, token: uuid.UUID, error: Exception, *, has_crossed: bool) -> None:
    """Our own mistake. Before the fence it is tried again and later parked; after it nobody can know."""
    word = {"words": type(error).__name__}
    # Not crossed, yet the row may stand on the wire: the commit's answer was lost. Nothing left all the same.
    before_wire = [State.CLAIMED, State.ON_WIRE]
    if has_crossed:
        moves.apply(
            [Move(facts.message_id, State.UNCERTAIN, "outcome_unknown", word, FIRST_WITNESS)],
            _GONE[:1],
            token=token,
        )
    elif facts.attempts + 1 >= PARKED_AFTER:
        moves.apply(
            [Move(facts.message_id, State.HELD, "keeps_failing", word, PARKED_FOR, True)],
            before_wire,
            token=token,
        )
    else:
        move = Move(
            facts.message_id,
            State.PLANNED,
            "send_failed",
            word,
            _backed_off(timedelta(minutes=1), facts),
            True,
        )
        moves.apply([move], before_wire, token=token)


def record_not_left(facts: Facts, token: uuid.UUID) -> None:
    """The fence was crossed, or may have been, and nothing left: back to the queue."""
    with transaction.atomic():
        from_wire = moves.apply([Move(facts.message_id, State.PLANNED, "lease_over")], _GONE, token=token)
        if from_wire:
            caps.give_back(facts.connection_id or 0, facts.marketplace_id, facts.now)
            ramp.give_back(facts)
    moves.release([facts.message_id], token)


def record_witnessed(facts: Facts, token: uuid.UUID, witness: str) -> None:
    """Claimed anew at a person's word, and the other side proves that the first attempt had gone out."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE campaigns_message SET state = 'on_wire' WHERE id = %s AND claim_token = %s AND state = 'claimed'",
            [facts.message_id, token],
        )
        cursor.execute(_SENT, {"id": facts.message_id, "token": token, "reference": ""})
        cursor.execute(
            "UPDATE campaigns_messageevent SET detail = jsonb_build_object('witness', %s::text) WHERE id = "
            "(SELECT max(id) FROM campaigns_messageevent WHERE message_id = %s)", [witness, facts.message_id],
        )  # fmt: skip


def _move(facts: Facts, answer: ChannelAnswer) -> Move:
    match answer:
        case OutcomeUnknown():
            return Move(facts.message_id, State.UNCERTAIN, answer.reason, answer.detail, FIRST_WITNESS)
        case Refused():
            return Move(facts.message_id, State.REFUSED, answer.reason, answer.detail)
        case Held():
            return Move(facts.message_id, State.HELD, answer.reason, answer.detail, TRY_AGAIN)
        case TryLater():
            after = answer.after if answer.is_pace else _backed_off(answer.after, facts)
            return Move(
                facts.message_id, State.PLANNED, answer.reason, answer.detail, after, not answer.is_pace
            )
    raise TypeError(f"{type(answer).__name__} is no answer a channel gives")


def _backed_off(after: timedelta, facts: Facts) -> timedelta:
    """Twice as long each time, at most a day; what is asked daily stays daily."""
    doubled: timedelta = after * 2 ** min(facts.attempts, 6)
    return max(after, min(doubled, timedelta(days=1)))
