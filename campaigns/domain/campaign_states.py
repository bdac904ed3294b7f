"""A campaign's states and the allowed moves: the one table. Pure."""

from collections.abc import Mapping

#: From a state to those it may go to. An ended campaign stays ended: its messages are its record.
MOVES: Mapping[str, frozenset[str]] = {
    "draft": frozenset({"in_review", "active", "ended"}),
    "in_review": frozenset({"draft", "active", "ended"}),
    "active": frozenset({"paused", "ended"}),
    "paused": frozenset({"active", "ended"}),
    "ended": frozenset(),
}


def may_move(before: str, after: str) -> bool:
    return after in MOVES[before]
