"""A campaign's life: made, edited, switched on, paused, resumed, ended. Every act says what it did in
numbers, and is audited.

Acts on one campaign wait for each other (its row is locked). Raises CampaignRefused with its problems, or
StaleCampaign; nothing is changed then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from psycopg.sql import SQL, Literal

from accounts import due
from accounts.models import User
from accounts.services import audit
from accounts.tenancy import current_seller
from campaigns.domain.campaign_states import may_move
from campaigns.domain.conditions.standing import PLANNING
from campaigns.models import Campaign
from campaigns.services import plan
from campaigns.services.plan import Planned
from campaigns.services.readiness import Problem, activation_problems, settings_problems, targeting_draft
from compliance import pack
from compliance.models import Case
from compliance.services import review

S = Campaign.State
EDITABLE = frozenset(
    {
        "name",
        "channel",
        "purpose",
        "template",
        "trigger",
        "delay_hours",
        "window_days",
        "window_from",
        "window_until",
        "window_clock",
        "filters",
        "priority",
        "when_no_language",
        "note",
        "on_amazon_de",
        "covers_from_at",
    }
)
#: What changes no plan.
_HARMLESS = frozenset({"name", "note", "when_no_language", "on_amazon_de"})
#: Up to so many orders in reach are planned anew while the person waits; more are left to the worker.
PLAN_AT_ONCE = 20_000
EDITED = "campaigns.edited"


class CampaignRefused(Exception):
    """The act is not possible as asked; `problems` say what to mend, by field."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(problem.sentence for problem in problems))


class StaleCampaign(CampaignRefused):
    """Somebody changed the campaign after this form was opened."""

    def __init__(self) -> None:
        super().__init__(
            [
                Problem(
                    "stale",
                    "The campaign was changed meanwhile. Nothing was saved: reload to see it, then change "
                    "it again.",
                )
            ]
        )


@dataclass(frozen=True)
class Done:
    """What an act did. `planned` counts rows made, moved, withdrawn and put back; `is_later`: there are
    so many orders that a worker plans them in the background, and the numbers are still to come.
    """

    campaign: Campaign
    sentence: str
    planned: Planned = field(default_factory=Planned)
    held: int = 0
    cancelled: int = 0
    is_later: bool = False


def create(fields: Mapping[str, Any], *, actor: User | None) -> Campaign:
    """A draft. Raises CampaignRefused naming each field that cannot be used."""
    _refuse_unknown(fields)
    campaign = Campaign(**fields, author_id=actor.pk if actor else None)
    _refuse(settings_problems(campaign))
    with transaction.atomic():
        campaign.save()
        _audit("created", campaign, actor)
    return campaign


@transaction.atomic
def edit(
    campaign: Campaign, changes: Mapping[str, Any], *, based_on: int, actor: User | None, now: datetime
) -> Done:
    """Change some fields; `based_on` is the revision the form was opened with.

    What waits is planned anew. An active campaign must stay fit to send: what would need a review first
    is refused.
    """
    _refuse_unknown(changes)
    campaign = _lock(campaign)
    if campaign.revision != based_on:
        raise StaleCampaign
    if campaign.state == S.ENDED:
        raise CampaignRefused(
            [Problem("campaign_ended", "An ended campaign cannot be changed; make a new one.")]
        )
    before = targeting_draft(campaign) if campaign.state == S.IN_REVIEW else None
    changed = sorted(name for name, value in changes.items() if getattr(campaign, name) != value)
    for name in changed:
        setattr(campaign, name, changes[name])
    _refuse(activation_problems(campaign) if campaign.state == S.ACTIVE else settings_problems(campaign))
    if not changed:
        return Done(campaign, "Nothing was changed.")
    sentence = "Saved."
    if before is not None and targeting_draft(campaign) != before:
        sentence += _take_back(campaign, now)
    campaign.revision += 1
    campaign.save()
    _audit("edited", campaign, actor, fields=changed)
    return _replanned(campaign, sentence, now, is_needed=not set(changed) <= _HARMLESS)


def _take_back(campaign: Campaign, now: datetime) -> str:
    """Nobody decides on a choice of buyers that is no longer meant."""
    review.withdraw(current_seller(), Case.Subject.CAMPAIGN, campaign.public_id, now=now)
    campaign.state = S.DRAFT
    return " It no longer waits for review: submit it again."


@transaction.atomic
def activate(
    campaign: Campaign, *, actor: User | None, now: datetime, covers_from_at: datetime | None = None
) -> Done:
    """Switch on, for orders bought from `covers_from_at` on (by default from now on)."""
    campaign = _lock(campaign)
    _refuse_move(campaign, S.ACTIVE)
    _refuse(activation_problems(campaign))
    if campaign.activated_at is None:
        campaign.activated_at = now
        campaign.covers_from_at = covers_from_at or campaign.covers_from_at or now
    campaign.state, campaign.state_note, campaign.pack = S.ACTIVE, "", pack.version()
    campaign.revision += 1
    campaign.save()
    done = _replanned(campaign, "Switched on.", now)
    _audit("activated", campaign, actor, planned=done.planned.planned)
    return done


@transaction.atomic
def pause(campaign: Campaign, *, actor: User | None, now: datetime, note: str = "") -> Done:
    """Stop at once; what was planned is held, keeps its place, and comes back on `resume`. Other
    campaigns do not take it over.
    """
    campaign = _lock(campaign)
    _refuse_move(campaign, S.PAUSED)
    campaign.state, campaign.state_note = S.PAUSED, note[:400]
    campaign.revision += 1
    campaign.planned_revision = campaign.revision
    campaign.save()
    held = len(_stop_open(campaign, ("planned",), "held", "campaign_paused", actor))
    _audit("paused", campaign, actor, held=held, note=note)
    return Done(campaign, f"Paused. {_messages(held)} held and will come back when you resume.", held=held)


def resume(campaign: Campaign, *, actor: User | None, now: datetime) -> Done:
    """Switch on again what was paused; held messages return to the plan, where they still fit."""
    with transaction.atomic():
        campaign = _lock(campaign)
        _refuse_move(campaign, S.ACTIVE)
        _refuse(activation_problems(campaign))
        campaign.state, campaign.state_note, campaign.pack = S.ACTIVE, "", pack.version()
        campaign.revision += 1
        campaign.save()
        done = _replanned(campaign, "Resumed.", now)
        _audit("resumed", campaign, actor, returned=done.planned.returned, planned=done.planned.planned)
    return done


@transaction.atomic
def end(campaign: Campaign, *, actor: User | None, now: datetime, note: str = "") -> Done:
    """End for good: what waits is cancelled, and campaigns that stood behind may take the orders."""
    campaign = _lock(campaign)
    _refuse_move(campaign, S.ENDED)
    campaign.state, campaign.state_note, campaign.ended_at = S.ENDED, note[:400], now
    campaign.revision += 1
    campaign.planned_revision = campaign.revision
    campaign.save()
    order_ids = _stop_open(campaign, ("planned", "held"), "cancelled", "campaign_ended", actor)
    taken_over = plan.plan_orders(order_ids, now) if order_ids else Planned()
    _audit("ended", campaign, actor, cancelled=len(order_ids), note=note)
    sentence = f"Ended. {_messages(len(order_ids))} cancelled."
    others = taken_over.planned + taken_over.returned
    if others:
        sentence += f" {_messages(others)} planned instead by other campaigns."
    return Done(campaign, sentence, taken_over, cancelled=len(order_ids))


def replan_edited(now: datetime) -> Planned:
    """Plan every campaign of the entered seller whose last change is not planned yet. May run twice."""
    done = Planned()
    for campaign in Campaign.objects.filter(state__in=PLANNING).order_by("pk"):
        if campaign.planned_revision < campaign.revision:
            done += plan.replan(campaign, now)
    return done


# --- the parts ---


def _lock(campaign: Campaign) -> Campaign:
    # The planner's turn first, then the row: the same order everywhere, so that two never wait for each
    # other.
    plan.take_turn()
    return (
        Campaign.objects.select_for_update(of=("self",))
        .select_related("template__approved")
        .get(pk=campaign.pk)
    )


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise CampaignRefused(problems)


def _refuse_unknown(fields: Mapping[str, Any]) -> None:
    _refuse(
        [
            Problem("field_unknown", "There is no such field to set.", name)
            for name in fields
            if name not in EDITABLE
        ]
    )


def _refuse_move(campaign: Campaign, state: Campaign.State) -> None:
    if not may_move(campaign.state, state):
        was, wanted = campaign.get_state_display().lower(), str(state.label).lower()
        raise CampaignRefused([Problem("state", f"The campaign is {was}, so it cannot become {wanted}.")])


def _replanned(campaign: Campaign, sentence: str, now: datetime, *, is_needed: bool = True) -> Done:
    if campaign.state not in PLANNING or not is_needed:
        if campaign.state in PLANNING:
            Campaign.objects.filter(pk=campaign.pk, planned_revision=campaign.revision - 1).update(
                planned_revision=campaign.revision
            )
        return Done(campaign, sentence)
    if _orders_in_reach(campaign, now) > PLAN_AT_ONCE:
        due.lower(current_seller().pk, EDITED, now)
        return Done(
            campaign, f"{sentence} Its messages are being planned; the numbers follow.", is_later=True
        )
    done = plan.replan(campaign, now)
    return Done(campaign, f"{sentence} {say(done)}", done)


def say(done: Planned) -> str:
    """ "3 messages planned, 14 moved, 2 withdrawn." """
    parts = [
        f"{_messages(done.planned)} planned" if done.planned else "",
        f"{_messages(done.moved)} moved" if done.moved else "",
        f"{_messages(done.withdrawn)} withdrawn" if done.withdrawn else "",
        f"{_messages(done.returned)} put back" if done.returned else "",
    ]
    return (", ".join(part for part in parts if part) or "No message had to change") + "."


def _messages(count: int) -> str:
    return "1 message" if count == 1 else f"{count:,} messages"


def _orders_in_reach(campaign: Campaign, now: datetime) -> int:
    bounded = SQL("SELECT count(*) FROM (SELECT FROM orders_order o WHERE {} LIMIT {}) reached").format(
        plan.reach_of(campaign, now), Literal(PLAN_AT_ONCE + 1)
    )
    [(count,)] = plan.fetch(bounded)
    return int(count)


_STOP_OPEN = """
WITH before AS (
    SELECT id, state FROM campaigns_message WHERE campaign_id = %(campaign)s AND state = ANY(%(open)s)
        ORDER BY id FOR UPDATE
), stopped AS (
    UPDATE campaigns_message m SET state = %(state)s, reason = %(reason)s, reason_detail = '{}',
        updated_at = statement_timestamp()
    FROM before b WHERE m.id = b.id RETURNING m.id, m.order_id, b.state AS was
), told AS (
    INSERT INTO campaigns_messageevent (message_id, before, after, reason, actor_id)
    SELECT id, was, %(state)s, %(reason)s, %(actor)s FROM stopped
)
SELECT order_id FROM stopped
"""


def _stop_open(
    campaign: Campaign, open_states: Sequence[str], state: str, reason: str, actor: User | None
) -> list[int]:
    """Move this campaign's open rows aside; the orders concerned."""
    with connection.cursor() as cursor:
        cursor.execute(
            _STOP_OPEN,
            {
                "campaign": campaign.pk,
                "open": list(open_states),
                "state": state,
                "reason": reason,
                "actor": actor.pk if actor else None,
            },
        )
        return [order_id for (order_id,) in cursor.fetchall()]


def _audit(action: str, campaign: Campaign, actor: User | None, **data: Any) -> None:
    audit.record(f"campaign.{action}", actor=actor, seller=current_seller(), target=campaign.name, **data)


__all__ = [
    "CampaignRefused",
    "Done",
    "Problem",
    "StaleCampaign",
    "activate",
    "activation_problems",
    "create",
    "edit",
    "end",
    "pause",
    "replan_edited",
    "resume",
    "say",
]
