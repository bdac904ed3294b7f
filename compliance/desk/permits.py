"""Who may do what with a case, in which state: the one table, as functions that answer with the refusal. Pure.

The services ask with the row locked; the pages ask to show what can be pressed. tests/compliance/desk walk every action, state,
role and relation.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from compliance import errors
from compliance.desk.queues import QUEUES, Queue

#: How long a decision on the desk may be undone, before anybody is told of it.
UNDO_WINDOW = timedelta(seconds=10)
#: How long a reviewer holds a case without a sign of activity.
LEASE = timedelta(minutes=5)
APPEAL_WITHIN = timedelta(days=14)


class Action(StrEnum):
    TAKE = "take"
    DECIDE = "decide"
    CORRECT = "correct"


class Hold(StrEnum):
    """How the case is leased, seen from who acts."""

    MINE = "mine"
    LAPSED = "lapsed"  # was mine, and nobody has taken it since
    OTHERS = "others"
    FREE = "free"


@dataclass(frozen=True, slots=True)
class Situation:
    """A case and who acts on it. `is_person` is False for the command line without --by."""

    title: str
    status: str  # Case.Status
    queue: str
    hold: Hold = Hold.FREE
    holder: str = ""
    is_person: bool = True
    is_lead: bool = False
    #: A member of the seller or its agency, or who submitted it.
    is_involved: bool = False
    #: Decided it before.
    is_barred: bool = False


def refusal(action: Action, at: Situation) -> errors.DeskError | None:
    """Why not, or None. The case's state is looked at first: who comes too late hears that and nothing else."""
    if action is Action.CORRECT:
        return _correct(at)
    return _state(at) or _person(at) or _hold(action, at)


def _state(at: Situation) -> errors.DeskError | None:
    if at.status == "withdrawn":
        return errors.StaleCase(at.title)
    return None if at.status == "waiting" else errors.AlreadyDecided(at.title)


def _person(at: Situation) -> errors.DeskError | None:
    if at.is_involved:
        return errors.OwnSeller(at.title)
    if at.is_barred:
        return errors.SamePerson(at.title)
    if not at.is_person and at.queue in (Queue.SECOND, Queue.APPEAL):
        return errors.Nameless(at.title)
    if at.is_person and QUEUES[Queue(at.queue)].is_for_leads and not at.is_lead:
        return errors.LeadsOnly(at.title)
    return None


def _hold(action: Action, at: Situation) -> errors.DeskError | None:
    if at.hold is Hold.OTHERS:
        return errors.HeldByAnother(at.title, at.holder)
    if action is Action.DECIDE and at.is_person and at.hold is not Hold.MINE:
        return errors.LeaseLapsed(at.title) if at.hold is Hold.LAPSED else errors.NotTaken(at.title)
    return None


def _correct(at: Situation) -> errors.DeskError | None:
    """By a lead, of what is decided and counts; nobody else works on it meanwhile."""
    if at.is_involved:
        return errors.OwnSeller(at.title)
    if not at.is_lead:
        return errors.LeadsOnly(at.title)
    if at.is_barred:  # another person was asked because of what they decided
        return errors.SamePerson(at.title)
    if at.status not in ("decided", "with_author"):
        return errors.NotCorrectable()
    return None


def undo_refusal(
    *, is_own: bool, is_undone: bool, effective_at: datetime, now: datetime
) -> errors.DeskError | None:
    if not is_own:
        return errors.NotYours()
    return errors.UndoTooLate() if is_undone or now >= effective_at else None


def appeal_refusal(
    *,
    answer: str,
    is_last: bool,
    is_of_appeal: bool,
    is_appealed: bool,
    effective_at: datetime,
    now: datetime,
) -> errors.DeskError | None:
    """Once per verdict, within 14 days, of what sends back or limits; the answer to an appeal stands."""
    if is_appealed:
        return errors.AppealedAlready()
    appealable = answer in ("changes_requested", "rejected", "approved_limited")
    if not appealable or not is_last or now < effective_at:
        return errors.NotAppealable()
    if is_of_appeal:
        return errors.AppealHeard()
    return errors.AppealTooLate(APPEAL_WITHIN.days) if now > effective_at + APPEAL_WITHIN else None
