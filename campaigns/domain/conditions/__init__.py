"""Every condition an order must meet to get a campaign's message, declared once: one SQL expression and
the sentences about it.

The planner's verdict and the explanation's answers are made of the same expressions (`query.py`), so they
cannot differ. A new condition is one object in one of these files and its place in a list below; the
order of the lists is the order in which a reason is looked for: what the seller decided, then what the
order is, then time, then what was written before.
"""

from campaigns.domain.conditions import contact, order_state, reach, selection, standing, timing
from campaigns.domain.conditions.base import Condition, Seen
from campaigns.domain.reasons import REASONS, Reason

#: Whether the campaign is switched on. The planner knows this beforehand, so it is not in its SQL.
STANDING: tuple[Condition, ...] = standing.CONDITIONS
#: Answered from the order and the tables around it.
EARLY: tuple[Condition, ...] = (
    *standing.COVERAGE,
    *selection.CONDITIONS,
    *reach.CONDITIONS,
    *order_state.CONDITIONS,
    *timing.EARLY,
    *contact.EARLY,
)
#: Answered once the send time is computed.
LATE: tuple[Condition, ...] = (*timing.LATE, *contact.LATE)
#: Cheap and choosy, of the order's own columns alone: what is asked first, of every campaign at once.
SIFTING: tuple[Condition, ...] = (*selection.OF_ORDER, *standing.COVERAGE)
ALL: tuple[Condition, ...] = (*STANDING, *EARLY, *LATE)
CODES: frozenset[str] = frozenset(condition.code for condition in ALL)

__all__ = ["ALL", "CODES", "EARLY", "LATE", "REASONS", "STANDING", "Condition", "Seen", "reasons"]


def reasons() -> dict[str, Reason]:
    """The reasons that only the planner knows, for the registry of `campaigns.domain.reasons`."""
    return {c.code: Reason(c.code, c.reason, c.remedy, c.kind) for c in ALL if c.code not in REASONS}
