"""May this message go out now? Small pure questions about a frozen snapshot, asked at the gate and again
in the fence.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from accounts import entitlement
from accounts.models import Connection
from amazon.regions import MARKETPLACES
from campaigns.domain.schedule import SendWindow, next_moment
from campaigns.domain.states import State
from campaigns.domain.vocabulary import ASKS, CRITICAL, Channel, Trigger
from campaigns.services import caps, ramp
from campaigns.services.gate.around import Around
from campaigns.services.gate.facts import Facts

#: How long until a held message is looked at again, unless what held it says so earlier.
LOOK_AGAIN = timedelta(minutes=15)
#: Where only trying tells whether the trouble is gone (the text, a file, the relay): a few times a day.
#: Mending releases at once.
TRY_AGAIN = timedelta(hours=4)
#: An edited campaign is planned anew within seconds.
SOON_PLANNED = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Stop:
    """Not now, or not at all: the state it goes to, why, and (held, planned) when it is looked at again."""

    state: State
    reason: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    after: timedelta = LOOK_AGAIN


Check = Callable[[Facts, Around], Stop | None]


def first_stop(facts: Facts, around: Around) -> Stop | None:
    """The first thing in the way; None: nothing but the words is left to look at."""
    for check in CHECKS:
        if stop := check(facts, around):
            return stop
    return None


def hold(reason: str, after: timedelta = LOOK_AGAIN, **detail: Any) -> Stop:
    return Stop(State.HELD, reason, detail, after)


def skip(reason: str, **detail: Any) -> Stop:
    return Stop(State.SKIPPED, reason, detail)


def window_is_open(facts: Facts, around: Around) -> Stop | None:
    return Stop(State.EXPIRED, "window_closed") if facts.expires_at <= facts.now else None


def order_is_valid(facts: Facts, around: Around) -> Stop | None:
    if facts.is_cancelled and not facts.is_by_hand:
        return skip("order_cancelled")
    if facts.is_replacement and facts.purpose in ASKS:
        return skip("order_replacement")
    return None


def is_not_left_out(facts: Facts, around: Around) -> Stop | None:
    """Who sent the product back or got the money back, where the campaign says so and is not about just that. It is never
    left unsaid: leaving out who may be displeased is a choice (compliance/rules/no_selective_audience.py).
    """
    if facts.trigger in {Trigger.RETURNED, Trigger.REFUNDED}:
        return None
    if facts.is_returned and facts.leaves_out_returned:
        return skip("order_returned")
    return skip("order_refunded") if facts.is_refunded and facts.leaves_out_refunded else None


def is_not_suppressed(facts: Facts, around: Around) -> Stop | None:
    if facts.suppressed_by == "opt_out":
        return None if facts.purpose in CRITICAL else skip("opted_out")
    return skip("suppressed") if facts.suppressed_by else None


def contacts_once(facts: Facts, around: Around) -> Stop | None:
    return skip("already_contacted") if facts.is_proactive and facts.is_contacted_otherwise else None


def campaign_is_active(facts: Facts, around: Around) -> Stop | None:
    if facts.is_by_hand or facts.campaign_state == "active":
        return None
    if facts.campaign_state == "ended":
        return Stop(State.CANCELLED, "campaign_ended")
    return hold("campaign_paused" if facts.campaign_state == "paused" else "campaign_not_active")


def plan_is_current(facts: Facts, around: Around) -> Stop | None:
    """The planner may be about to take the order out, or to move its time: it goes first."""
    return Stop(State.PLANNED, "being_planned", after=SOON_PLANNED) if facts.is_plan_outdated else None


def version_is_approved(facts: Facts, around: Around) -> Stop | None:
    """The version fixed at the claim must still be the approved one; where a newer one took its place the
    message is claimed anew.
    """
    if facts.is_by_hand or facts.channel == Channel.SOLICITATION:
        return None
    if facts.version_state == "approved" and facts.version_id == facts.approved_version_id:
        return None
    if facts.version_state == "superseded":
        return Stop(State.PLANNED, "version_not_approved", after=timedelta(0))
    return hold("version_paused" if facts.version_state == "paused" else "version_not_approved")


def messaging_is_allowed(facts: Facts, around: Around) -> Stop | None:
    """Amazon's own request is not concerned. Its end releases at once (services/restriction.py)."""
    is_own = facts.channel != Channel.SOLICITATION
    return hold("messaging_restricted", TRY_AGAIN) if facts.is_restricted and is_own else None


def version_is_within_limits(facts: Facts, around: Around) -> Stop | None:
    """What the reviewer's approval is limited to. How many is counted in the fence."""
    if facts.version_id is None:
        return None
    store = MARKETPLACES.get(facts.marketplace_id)
    if facts.limit_marketplaces and (store is None or store.country not in facts.limit_marketplaces):
        return skip("limit_marketplace", marketplaces=facts.limit_marketplaces)
    if facts.limit_until is not None and facts.limit_until <= facts.now:
        return hold("limit_over", TRY_AGAIN)
    if facts.limit_volume is not None and facts.version_sends >= facts.limit_volume:
        return hold("limit_reached", TRY_AGAIN, limit=facts.limit_volume)
    return None


def version_does_not_rest(facts: Facts, around: Around) -> Stop | None:
    until = facts.version_paused_until
    return hold("version_rests", until - facts.now) if until is not None and until > facts.now else None


def version_has_its_turn(facts: Facts, around: Around) -> Stop | None:
    """A new version's first messages go out in steps; those behind are spread over the steps to come."""
    after = ramp.wait(facts)
    return Stop(State.PLANNED, "version_ramping", after=after) if after else None


def hours_are_open(facts: Facts, around: Around) -> Stop | None:
    """A message that was kept waiting past its campaign's hours goes out in the next ones."""
    if facts.is_by_hand:
        return None
    window = SendWindow(frozenset(facts.window_days), facts.window_from, facts.window_until)
    store = MARKETPLACES.get(facts.marketplace_id)
    zone = facts.timezone if facts.window_clock == "seller" or store is None else store.timezone
    opens_at = next_moment(window, zone, facts.now) or facts.expires_at
    return None if opens_at <= facts.now else Stop(State.PLANNED, "outside_hours", after=opens_at - facts.now)


def has_connection(facts: Facts, around: Around) -> Stop | None:
    if facts.account is None:
        return skip("order_not_connected")
    return None if facts.account.is_usable else hold(_UNUSABLE[Connection.Health(facts.account.health)])


def can_be_mailed(facts: Facts, around: Around) -> Stop | None:
    if facts.channel != Channel.RELAY_EMAIL:
        return None
    if not facts.relay_address_sealed:
        return skip("no_relay_address")
    has_sender = facts.account is not None and facts.account.sender_address
    return None if has_sender else hold("no_sender_address")


def is_armed(facts: Facts, around: Around) -> Stop | None:
    return None if facts.is_armed else hold("sending_not_armed")


def is_entitled(facts: Facts, around: Around) -> Stop | None:
    """What ends the hold releases at once (services/release.py), so there is no hurry to look again."""
    found = entitlement.judge(facts.entitled_by)
    if not found.is_entitled:
        return hold("not_entitled", TRY_AGAIN, why=found.reason)
    if found.own_texts_held_until and facts.channel != Channel.SOLICITATION:
        return hold("over_step", found.own_texts_held_until - facts.now)
    return None


def has_room_today(facts: Facts, around: Around) -> Stop | None:
    room = around.rooms[caps.place_of(facts)]
    return None if room.used < room.limit_for(facts.purpose in CRITICAL) else day_is_full(facts, room)


def day_is_full(facts: Facts, room: caps.Room) -> Stop:
    return hold(
        "cap_reached",
        max(room.next_day_at - facts.now, timedelta(minutes=1)),
        limit=room.allowed,
        used=room.used,
    )


_UNUSABLE = {
    Connection.Health.NEEDS_REAUTHORISATION: "connection_needs_reauthorisation",
    Connection.Health.DISCONNECTED: "connection_disconnected",
    Connection.Health.NEEDS_ATTENTION: "connection_needs_attention",
}

#: What ends a message comes before what only delays it.
CHECKS: tuple[Check, ...] = (
    window_is_open,
    order_is_valid,
    is_not_left_out,
    is_not_suppressed,
    contacts_once,
    has_connection,
    campaign_is_active,
    plan_is_current,
    version_is_approved,
    messaging_is_allowed,
    version_is_within_limits,
    version_does_not_rest,
    version_has_its_turn,
    hours_are_open,
    can_be_mailed,
    is_armed,
    is_entitled,
    has_room_today,
)
