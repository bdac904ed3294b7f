"""Uncertain messages: settled by a witness or by a person, never by sending again on our own account.

Witnesses: for Amazon's request, that Amazon no longer offers it, seen twice, hours apart and inside its
window (one empty answer proves nothing: Amazon has given them by mistake); for mail, a bounce (`bounces`);
for typed messages there is none.
"""

import logging
from datetime import datetime, timedelta

from django.db import connection as db
from django.db import transaction
from django.utils import timezone

from accounts import due
from accounts.models import Connection, Seller, User
from accounts.services import audit
from accounts.services.connections import selling_partner
from accounts.tenancy import current_seller
from amazon import solicitations
from amazon.errors import AmazonError
from campaigns.domain.states import State
from campaigns.domain.vocabulary import Channel
from campaigns.models import Message
from campaigns.services import moves
from campaigns.services.dispatch.outcome import SECOND_WITNESS
from campaigns.services.moves import Move

_log = logging.getLogger(__name__)
ASK_AGAIN = SECOND_WITNESS
NO_WITNESS = timedelta(days=365)
ASKED_AT_ONCE = 20


class NotSettlable(Exception):
    """The message is not (or no longer) in a state that asks for this; the text says what it is."""

    def __init__(self, message: Message) -> None:
        super().__init__(
            f"This message is {message.get_state_display().lower()} now; open it again to see. Nothing was changed."
        )


# --- by a person
# ----------------------------------------------------------------------------------------------------


@transaction.atomic
def it_went(message: Message, actor: User | None) -> None:
    """A person knows that it arrived. Raises NotSettlable."""
    _settle_as_sent(message.pk, "person", actor)
    _record("message.it_went", message, actor)
    message.refresh_from_db()


@transaction.atomic
def send_again(message: Message, actor: User | None) -> None:
    """A person wants it sent again although it may have gone out: the one way back from `uncertain`. Raises
    NotSettlable.

    The page asks once more before; who said so stays in the history. It passes the gate and the fence like
    any other.
    """
    if message.expires_at <= timezone.now():
        raise NotSettlable(message)
    back = Move(message.pk, State.PLANNED, after=timedelta(0), detail={"by": "person"})
    _or_refuse(
        message, moves.apply([back], [State.UNCERTAIN, State.REFUSED], actor_id=actor.pk if actor else None)
    )
    _record("message.send_again", message, actor)
    due.lower(current_seller().pk, "messages.due", timezone.now())


@transaction.atomic
def leave(message: Message, actor: User | None) -> None:
    """Nobody will know, and that is all right: it stops asking for attention and is never sent again.
    Raises NotSettlable.
    """
    left = Move(message.pk, State.UNCERTAIN, "left_open")
    _or_refuse(message, moves.apply([left], [State.UNCERTAIN], actor_id=actor.pk if actor else None))
    _record("message.left_open", message, actor)


@transaction.atomic
def withdraw(message: Message, actor: User | None) -> None:
    """A person does not want it sent. Only what still waits can be withdrawn: raises NotSettlable."""
    waiting = [State.PLANNED, State.HELD, State.BLOCKED]
    gone = Move(message.pk, State.CANCELLED, "withdrawn_by_hand")
    _or_refuse(message, moves.apply([gone], waiting, actor_id=actor.pk if actor else None))
    _record("message.withdrawn", message, actor)


def release_blocked(campaign_id: int) -> int:
    """The campaign's text was mended: its blocked messages that are still in time are looked at anew.
    Answers how many.
    """
    blocked = Message.objects.filter(
        campaign_id=campaign_id, state=State.BLOCKED, expires_at__gt=timezone.now()
    )
    freed = moves.apply(
        [Move(pk, State.PLANNED, after=timedelta(0)) for pk in blocked.values_list("pk", flat=True)],
        [State.BLOCKED],
    )
    if freed:
        due.lower(current_seller().pk, "messages.due", timezone.now())
    return len(freed)


# --- by a witness
# ---------------------------------------------------------------------------------------------------


def ask_witnesses(seller: Seller, limit: int) -> int:
    """Ask about the entered seller's uncertain messages whose time has come; answers how many were settled."""
    asked = Message.objects.filter(
        state=State.UNCERTAIN, reason="outcome_unknown", due_at__lte=timezone.now()
    )
    settled = 0
    for message in asked.select_related("order").order_by("due_at")[: min(limit, ASKED_AT_ONCE)]:
        settled += _ask(seller, message)
    return settled


def _ask(seller: Seller, message: Message) -> bool:
    if message.channel != Channel.SOLICITATION or message.expires_at <= timezone.now():
        _look_again(message, NO_WITNESS)
        return False
    connection = Connection.objects.filter(pk=message.order.connection_id or 0, seller=seller).first()
    if connection is None or not connection.is_usable:
        _look_again(message, ASK_AGAIN)
        return False
    try:
        offered = solicitations.actions(
            selling_partner(connection), message.order.amazon_order_id, message.order.marketplace_id
        )
    except AmazonError:
        _look_again(message, timedelta(minutes=30))
        return False
    return _weigh(message, is_offered=offered)


def _weigh(message: Message, *, is_offered: bool) -> bool:
    if is_offered:
        _look_again(message, ASK_AGAIN, still_offered=True, gone_at=None)
        return False
    first_gone_at = message.reason_detail.get("gone_at")
    if first_gone_at and timezone.now() - datetime.fromisoformat(first_gone_at) >= ASK_AGAIN:
        return _settle_as_sent(message.pk, "amazon_no_longer_offers_it", None)
    _look_again(message, ASK_AGAIN, still_offered=False, gone_at=first_gone_at or timezone.now().isoformat())
    return False


def _look_again(message: Message, after: timedelta, **seen: object) -> None:
    detail = {**message.reason_detail, **seen}
    Message.objects.filter(pk=message.pk, state=State.UNCERTAIN).update(
        due_at=timezone.now() + after, reason_detail=detail
    )


_SETTLE = """
WITH settled AS (
  UPDATE campaigns_message
  SET state = 'sent', reason = '', reason_detail = '{}', sent_at = coalesce(on_wire_at, clock_timestamp()),
    claim_token = NULL, leased_until = NULL, updated_at = clock_timestamp()
  WHERE id = %(id)s AND state = 'uncertain' RETURNING id
)
INSERT INTO campaigns_messageevent (message_id, at, before, after, detail, actor_id)
SELECT id, clock_timestamp(), 'uncertain', 'sent', jsonb_build_object('witness', %(witness)s::text), %(actor)s FROM settled
RETURNING message_id
"""


def _settle_as_sent(message_id: int, witness: str, actor: User | None) -> bool:
    with db.cursor() as cursor:
        cursor.execute(_SETTLE, {"id": message_id, "witness": witness, "actor": actor.pk if actor else None})
        found = cursor.fetchone() is not None
    if not found and witness == "person":
        raise NotSettlable(Message.objects.get(pk=message_id))
    return found


def _or_refuse(message: Message, moved: set[int]) -> None:
    message.refresh_from_db()
    if not moved:
        raise NotSettlable(message)


def _record(action: str, message: Message, actor: User | None) -> None:
    audit.record(action, actor, current_seller(), target=str(message.public_id))
