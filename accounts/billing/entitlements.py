"""What a subscription's state permits: the one table. Pure.

Stripe's status, the grace after a failed payment and our own trial give a standing; `decide` adds what an operator gave for
free and how old Stripe's word is, and says when time alone will change it. All times are aware UTC.
Statuses: Stripe's subscription object, API 2026-10-28 (stripe-python 16.1's own documentation, read 2026-11-25).
Why each cell is as it is: docs/decisions/0012-plans-and-payment.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

#: Sending goes on for so long after a payment failed.
GRACE = timedelta(days=7)
#: A status that this version does not know is taken for a failed payment, for so long.
UNKNOWN_GRACE = timedelta(hours=24)
#: What Stripe said last counts for so long after the paid period, where Stripe can not be asked.
LAST_KNOWN_COUNTS = timedelta(hours=72)


class Status(StrEnum):
    NONE = "none"  # nothing was ever bought
    TRIALING = "trialing"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    UNPAID = "unpaid"
    PAUSED = "paused"
    INCOMPLETE = "incomplete"
    INCOMPLETE_EXPIRED = "incomplete_expired"
    CANCELED = "canceled"
    UNKNOWN = "unknown"  # Stripe says something that this version does not know

    @classmethod
    def read(cls, said: str) -> "Status":
        return cls(said) if said in cls._value2member_map_ else cls.UNKNOWN


class Standing(StrEnum):
    TRIAL = "trial"  # everything, no limit
    PAID = "paid"
    COMPED = "comped"  # everything, no limit, by the operator's word
    GRACE = "grace"  # a payment failed; sending goes on
    FREE = "free"
    HELD = "held"  # nothing is sent; messages wait


class Why(StrEnum):
    """What the standing comes from; the sentences are WORDS."""

    OWN_TRIAL = "own_trial"
    BOUGHT_TRIAL = "bought_trial"
    PAID = "paid"
    COMPED = "comped"
    PAYMENT_FAILED = "payment_failed"
    GRACE_OVER = "grace_over"
    UNPAID = "unpaid"
    PAUSED = "paused"
    NO_PLAN = "no_plan"
    UNCONFIRMED = "unconfirmed"
    NOT_UNDERSTOOD = "not_understood"


class Payer(StrEnum):
    SELLER = "seller"
    AGENCY = "agency"


@dataclass(frozen=True, slots=True)
class Cell:
    """`standing` None: whatever the payer has without a plan (`BASE`)."""

    standing: Standing | None
    why: Why


S, W = Standing, Why
_TRIAL = Cell(S.TRIAL, W.OWN_TRIAL)
_NO_PLAN = Cell(None, W.NO_PLAN)
_UNPAID, _PAUSED = Cell(S.HELD, W.UNPAID), Cell(S.HELD, W.PAUSED)
_PAID, _BOUGHT_TRIAL = Cell(S.PAID, W.PAID), Cell(S.TRIAL, W.BOUGHT_TRIAL)

#: Stripe's status -> (our own trial runs; it is over, the grace runs; both are over).
TABLE: dict[Status, tuple[Cell, Cell, Cell]] = {
    Status.NONE: (_TRIAL, _NO_PLAN, _NO_PLAN),
    Status.TRIALING: (_BOUGHT_TRIAL, _BOUGHT_TRIAL, _BOUGHT_TRIAL),
    Status.ACTIVE: (_PAID, _PAID, _PAID),
    Status.PAST_DUE: (_TRIAL, Cell(S.GRACE, W.PAYMENT_FAILED), Cell(S.HELD, W.GRACE_OVER)),
    Status.UNPAID: (_TRIAL, _UNPAID, _UNPAID),
    Status.PAUSED: (_TRIAL, _PAUSED, _PAUSED),
    Status.INCOMPLETE: (_TRIAL, _NO_PLAN, _NO_PLAN),
    Status.INCOMPLETE_EXPIRED: (_TRIAL, _NO_PLAN, _NO_PLAN),
    Status.CANCELED: (_TRIAL, _NO_PLAN, _NO_PLAN),
    Status.UNKNOWN: (_TRIAL, Cell(S.GRACE, W.NOT_UNDERSTOOD), Cell(S.HELD, W.NOT_UNDERSTOOD)),
}
#: Without a plan one seller goes on with Free; Free is for one seller, so an agency has nothing to fall back on.
BASE = {Payer.SELLER: S.FREE, Payer.AGENCY: S.HELD}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a payer. `troubled_since`: when the payment failed, or a status came up that we do not know.

    `covered_until` is the end of the period Stripe confirmed; `confirmed_at` when Stripe was last heard.
    """

    payer: Payer
    trial_ends_at: datetime | None = None
    comped_until: datetime | None = None
    status: Status = Status.NONE
    troubled_since: datetime | None = None
    covered_until: datetime | None = None
    confirmed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """`changes_at`: when time alone makes it another; `holds_from_at`: when time alone makes it HELD. None: never."""

    standing: Standing
    why: Why
    changes_at: datetime | None = None
    holds_from_at: datetime | None = None

    @property
    def is_entitled(self) -> bool:
        return self.standing is not Standing.HELD


def decide(facts: Facts, now: datetime) -> Decision:
    standing, why = _look_up(facts, now)
    changes = [at for at in sorted(_moments(facts)) if at > now and _look_up(facts, at) != (standing, why)]
    holds = (at for at in sorted(_moments(facts)) if at > now and _look_up(facts, at)[0] is S.HELD)
    holds_from_at = now if standing is S.HELD else next(holds, None)
    return Decision(standing, why, changes[0] if changes else None, holds_from_at)


def grace_ends_at(facts: Facts) -> datetime | None:
    if facts.troubled_since is None:
        return None
    return facts.troubled_since + (UNKNOWN_GRACE if facts.status is Status.UNKNOWN else GRACE)


def _look_up(facts: Facts, at: datetime) -> tuple[Standing, Why]:
    if facts.comped_until and at < facts.comped_until:
        return S.COMPED, W.COMPED
    cell = TABLE[facts.status][_column(facts, at)]
    if cell.standing in {S.PAID, S.TRIAL} and cell.why is not W.OWN_TRIAL and _is_stale(facts, at):
        trial_runs = facts.trial_ends_at is not None and at < facts.trial_ends_at
        cell = _TRIAL if trial_runs else Cell(None, W.UNCONFIRMED)
    return cell.standing or BASE[facts.payer], cell.why


def _column(facts: Facts, at: datetime) -> int:
    if facts.trial_ends_at and at < facts.trial_ends_at:
        return 0
    ends_at = grace_ends_at(facts)
    return 1 if ends_at is None or at < ends_at else 2


def _stale_at(facts: Facts) -> datetime | None:
    """Where nothing was heard since the paid period ended: when the last word stops counting."""
    if facts.covered_until is None or facts.confirmed_at is None or facts.confirmed_at > facts.covered_until:
        return None
    return facts.covered_until + LAST_KNOWN_COUNTS


def _is_stale(facts: Facts, at: datetime) -> bool:
    stale_at = _stale_at(facts)
    return stale_at is not None and at >= stale_at


def _moments(facts: Facts) -> Iterator[datetime]:
    for at in (facts.trial_ends_at, facts.comped_until, grace_ends_at(facts), _stale_at(facts)):
        if at is not None:
            yield at


#: What it means and what to do, for people.
WORDS: dict[Why, tuple[str, str]] = {
    W.OWN_TRIAL: (
        "The trial runs: everything is open, and no card is needed.",
        "Choose a plan before it ends.",
    ),
    W.BOUGHT_TRIAL: ("A plan is chosen; paying begins when the trial ends.", "Nothing to do."),
    W.PAID: ("The plan is paid.", "Nothing to do."),
    W.COMPED: ("The operator of this installation covers it.", "Nothing to do."),
    W.PAYMENT_FAILED: (
        "A payment failed. Sending goes on for 7 days from then.",
        "Update the card on the Plan page; the payment is then tried again.",
    ),
    W.GRACE_OVER: (
        "A payment failed, and the 7 days in which sending went on are over.",
        "Update the card on the Plan page. What is still in time then goes out.",
    ),
    W.UNPAID: (
        "An invoice was not paid, so nothing is sent.",
        "Pay the open invoice on the Plan page. What is still in time then goes out.",
    ),
    W.PAUSED: (
        "The subscription is paused: its trial ended without a card.",
        "Add a card on the Plan page. What is still in time then goes out.",
    ),
    W.NO_PLAN: ("No plan is chosen.", "Choose a plan on the Plan page."),
    W.UNCONFIRMED: (
        "The payment service could not be asked for three days, so the subscription could not be confirmed.",
        "Nothing to do: it is asked again every few minutes.",
    ),
    W.NOT_UNDERSTOOD: (
        "The payment service reports a state that we do not know.",
        "Tell us: this is ours to mend.",
    ),
}
