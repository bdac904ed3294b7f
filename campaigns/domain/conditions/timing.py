"""Is the moment known, and does Amazon's window leave time for the message?"""

from psycopg.sql import SQL

from campaigns.domain.conditions.base import Condition, Seen
from campaigns.domain.triggers import EVIDENCE, MOMENTS
from campaigns.domain.windows import WINDOWS


def _moment(seen: Seen) -> str:
    return MOMENTS[seen.terms.trigger].words


def _moment_met(seen: Seen) -> str:
    words = _moment(seen)
    if seen["evidence"] == "order":
        return f"{words[0].upper()}{words[1:]} was on {seen.when(seen['moment'])}."
    return f"{words[0].upper()}{words[1:]}: {seen.when(seen['moment'])} ({EVIDENCE[seen['evidence']]})."


def _moment_unmet(seen: Seen) -> str:
    if "deliver" in _moment(seen) or "window" in _moment(seen):
        source = (
            "Amazon's shipment report brings an estimate"
            if seen["fulfilment"] == "FBA"
            else "the carrier or Amazon reports it"
        )
        return f"The date of delivery is not known yet; {source}."
    return f"Amazon has not reported {_moment(seen)}."


def _closed(seen: Seen) -> str:
    return (
        f"Amazon permits the message {WINDOWS[seen.terms.channel].words}, which was over on "
        f"{seen.when(seen['closes_at'])}."
    )


def _window_met(seen: Seen) -> str:
    return f"Amazon permits the message until {seen.when(seen['closes_at'])}."


EARLY = (
    Condition(
        "moment_unknown",
        lambda terms: SQL("o.moment IS NOT NULL"),
        _moment_met,
        _moment_unmet,
        reason="The moment the campaign counts from is not known yet.",
        remedy="Nothing to do: it is looked at again when Amazon reports it.",
        waits=lambda terms: True,
    ),
    Condition(
        "window_unknown",
        lambda terms: SQL("(o.opens_at IS NOT NULL AND o.closes_at IS NOT NULL)"),
        lambda seen: f"Amazon's window opens on {seen.when(seen['opens_at'])}.",
        lambda seen: "Amazon's window counts from the delivery, whose date is not known yet.",
        reason="The date of delivery is not known yet, and Amazon's window counts from it.",
        remedy="Nothing to do: it is looked at again when Amazon reports it.",
        waits=lambda terms: True,
    ),
    Condition("window_closed", lambda terms: SQL("o.closes_at > {}").format(terms.now), _window_met, _closed),
)


def _too_late(seen: Seen) -> str:
    return (
        f"The campaign would write on {seen.when(seen['due_at'] or seen['ready_at'])} at the earliest, "
        "after Amazon's window closes "
        f"on {seen.when(seen['closes_at'])}."
    )


LATE = (
    Condition(
        "no_send_moment",
        lambda terms: SQL("o.due_at < o.closes_at"),
        lambda seen: (
            f"The first moment that fits the delay and the send window is {seen.when(seen['due_at'])}."
        ),
        _too_late,
        reason="Delay and send window leave no moment before Amazon's window closes.",
        remedy="Shorten the delay, or allow more days or hours in the send window.",
    ),
)
