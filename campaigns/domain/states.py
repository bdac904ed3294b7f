"""A message's states and the allowed moves: the one table. Pure.

`on_wire` is never re-sent by the program: it leaves only by an answer (sent, refused, or a definite "not
taken" back to planned or held) or, when no answer can come any more, to `uncertain`, which only a witness or
a person settles.
"""

from enum import StrEnum


class State(StrEnum):
    PLANNED = "planned"
    HELD = "held"
    CLAIMED = "claimed"
    ON_WIRE = "on_wire"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    SKIPPED = "skipped"
    BLOCKED = "blocked"
    REFUSED = "refused"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


S = State
_STOPS = frozenset({S.HELD, S.SKIPPED, S.BLOCKED, S.EXPIRED, S.CANCELLED})

MOVES: dict[State, frozenset[State]] = {
    S.PLANNED: _STOPS | {S.CLAIMED},
    S.HELD: (_STOPS - {S.HELD}) | {S.PLANNED},
    # `uncertain` again: sent again by a person, and Amazon's offer is gone before this attempt left.
    S.CLAIMED: _STOPS | {S.PLANNED, S.ON_WIRE, S.REFUSED, S.UNCERTAIN},
    S.ON_WIRE: frozenset({S.SENT, S.UNCERTAIN, S.REFUSED, S.PLANNED, S.HELD}),
    # By a witness, by a person ("send again" plans it), or by the worker that had it and woke up late with a
    # definite answer.
    S.UNCERTAIN: frozenset({S.SENT, S.REFUSED, S.PLANNED, S.HELD, S.UNCERTAIN}),
    S.SENT: frozenset({S.REFUSED}),  # a bounce: Amazon took it and did not deliver it
    S.SKIPPED: frozenset({S.PLANNED}),  # the order or the campaign changed
    S.BLOCKED: frozenset({S.PLANNED, S.CANCELLED}),  # the text was mended
    S.EXPIRED: frozenset({S.PLANNED}),  # the window moved
    S.CANCELLED: frozenset({S.PLANNED}),
    S.REFUSED: frozenset({S.PLANNED}),  # only a person's "send again", after mending what was refused
}

#: From the claim on, no second proactive message may touch the order (partial unique index on the table).
CONTACTED = frozenset({S.CLAIMED, S.ON_WIRE, S.SENT, S.UNCERTAIN})
#: States that carry no reason.
SILENT = frozenset({S.PLANNED, S.CLAIMED, S.ON_WIRE, S.SENT})
OPEN = frozenset({S.PLANNED, S.HELD})
#: Ended without having contacted anybody.
ENDED = frozenset({S.SKIPPED, S.BLOCKED, S.REFUSED, S.EXPIRED, S.CANCELLED})
#: States in which `due_at` says when the message is looked at next.
LOOKED_AT = frozenset({S.PLANNED, S.HELD, S.UNCERTAIN})

#: Of a history line `e`, in SQL: nobody learnt what became of the message, and a person had it sent again.
SENT_AGAIN = "e.before = 'uncertain' AND e.after = 'planned' AND e.detail ->> 'by' = 'person'"


def may_move(before: State, after: State) -> bool:
    return after in MOVES[before]
