"""Orders that changed after they were last planned. Whoever plans them is called at once, but a claim may be quicker, and no
plan touches what is claimed: so the campaign's own conditions, which are the planner's, are asked again here.

Whether an order changed is read from what the claim reads anyway; only where one did is anything asked, and then once for
the whole batch.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from campaigns.domain.states import State
from campaigns.services import plan
from campaigns.services.gate.checks import SOON_PLANNED, Stop, skip
from campaigns.services.gate.facts import Facts

_PLANNED_ANEW = Stop(State.PLANNED, "being_planned", after=SOON_PLANNED)


def stops(
    batch: Collection[Facts], planned_until: int, came_back: Collection[int] = ()
) -> Mapping[int, Stop]:
    """What stands in the way of messages whose orders changed from `planned_until` on (the planner's cursor when they were
    claimed), and of those that `came_back` from an earlier claim: the planner passed over them while they were in hand, its
    cursor did not wait. By message.
    """
    asked = [
        one
        for one in batch
        if one.campaign_id and (one.order_changed_xact >= planned_until or one.message_id in came_back)
    ]
    if not asked:
        return {}
    now = max(one.now for one in asked)
    verdicts = plan.judge([(one.campaign_id or 0, one.order_id) for one in asked], now)
    found = {one.message_id: _stop(verdicts.get((one.campaign_id or 0, one.order_id)), now) for one in asked}
    return {message_id: stop for message_id, stop in found.items() if stop is not None}


def _stop(verdict: tuple[str | None, datetime | None] | None, now: datetime) -> Stop | None:
    """Without a verdict (the campaign plans no more, or its filters cannot be read) the planner goes first."""
    if verdict is None:
        return _PLANNED_ANEW
    unmet, due_at = verdict
    if unmet is not None:
        return skip(unmet)
    is_early = due_at is not None and due_at > now
    return Stop(State.PLANNED, "being_planned", after=due_at - now) if is_early and due_at else None
