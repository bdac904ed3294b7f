"""Plans, their steps of monthly orders, and prices: the one table. Pure.

A plan's price is for each connected seller and depends on how many orders a month a message of the seller's own was sent
about. Sends are unlimited. `manage.py sync_plans` brings the table to Stripe; how to add a plan: docs/how-to/add-a-plan.md.
Money is in minor units of CURRENCY, without tax.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

CURRENCY = "EUR"
TRIAL = timedelta(days=30)
#: A year costs as much as so many months.
MONTHS_IN_YEARLY_PRICE = 10
#: Members of an agency that its plan includes; more cost a seat each.
INCLUDED_SEATS = 5


class Plan(StrEnum):
    FREE = "free"
    SOLO = "solo"
    GROWTH = "growth"
    SCALE = "scale"
    AGENCY = "agency"

    @property
    def title(self) -> str:  # type: ignore[override]  # for people; str.title is never meant
        return self.value.capitalize()


class Interval(StrEnum):
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Tier:
    """The price of each unit, where there are at most `up_to` of them (None: however many)."""

    up_to: int | None
    unit_minor: int


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that can be bought. `orders` a month and seller (None: without limit); an agency's sellers share theirs."""

    code: str
    plan: Plan
    orders: int | None
    tiers: tuple[Tier, ...]

    @property
    def is_volume(self) -> bool:
        return len(self.tiers) > 1

    @property
    def title(self) -> str:
        if self.orders is None:
            return f"{self.plan.title}, any number of orders"
        shared = " for each seller, shared" if self.plan is Plan.AGENCY else ""
        return f"{self.plan.title}, up to {self.orders:,} orders a month{shared}"

    def unit_minor(self, quantity: int, interval: Interval = Interval.MONTH) -> int:
        """The price of one of `quantity` units for one interval: the volume decides for all of them."""
        tier = next(t for t in self.tiers if t.up_to is None or quantity <= t.up_to)
        return tier.unit_minor * months_paid(interval)

    def amount_minor(self, quantity: int, interval: Interval = Interval.MONTH) -> int:
        return self.unit_minor(quantity, interval) * quantity

    def allowance(self, quantity: int) -> int | None:
        """Orders a month for `quantity` sellers together; None: without limit."""
        return None if self.orders is None else self.orders * quantity


class UnknownStep(Exception):
    """No plan has this step."""


def _flat(plan: Plan, orders: int | None, minor: int) -> Step:
    return Step(f"{plan}-{orders or 'any'}", plan, orders, (Tier(None, minor),))


def _agency(orders: int, *minor: int) -> Step:
    """Prices for 1 to 5, 6 to 20, 21 to 50 and more sellers."""
    tiers = tuple(Tier(up_to, unit) for up_to, unit in zip((5, 20, 50, None), minor, strict=True))
    return Step(f"{Plan.AGENCY}-{orders}", Plan.AGENCY, orders, tiers)


FREE = _flat(Plan.FREE, 50, 0)
STEPS: tuple[Step, ...] = (
    FREE,
    _flat(Plan.SOLO, 500, 19_00),
    _flat(Plan.GROWTH, 1_500, 39_00),
    _flat(Plan.GROWTH, 3_000, 59_00),
    _flat(Plan.SCALE, 6_000, 99_00),
    _flat(Plan.SCALE, 12_000, 149_00),
    _flat(Plan.SCALE, 30_000, 249_00),
    _flat(Plan.SCALE, None, 399_00),
    _agency(1_500, 29_00, 24_00, 19_00, 15_00),
    _agency(6_000, 79_00, 69_00, 59_00, 49_00),
    _agency(30_000, 199_00, 179_00, 159_00, 139_00),
)
#: A member of an agency beyond INCLUDED_SEATS.
SEAT = Step("agency-seat", Plan.AGENCY, 0, (Tier(None, 9_00),))
_BY_CODE = {step.code: step for step in (*STEPS, SEAT)}


def find(code: str) -> Step:
    """Raises UnknownStep."""
    if code not in _BY_CODE:
        raise UnknownStep(f"“{code}” is no step of a plan; known are {', '.join(_BY_CODE)}")
    return _BY_CODE[code]


def on_sale(*, to_agency: bool) -> tuple[Step, ...]:
    """What a seller, or an agency, can buy; smallest first."""
    return tuple(s for s in STEPS if s is not FREE and (s.plan is Plan.AGENCY) == to_agency)


def months_paid(interval: Interval) -> int:
    return MONTHS_IN_YEARLY_PRICE if interval is Interval.YEAR else 1


def lookup_key(step: Step, interval: Interval) -> str:
    """How Stripe's Price is found; the amount may change behind it."""
    return f"permitted-{step.code}-{interval}"


def sold() -> list[tuple[Step, Interval]]:
    """Every pair that has a Price at Stripe."""
    paid = [step for step in STEPS if step is not FREE]
    return [(step, interval) for step in (*paid, SEAT) for interval in Interval]


def of_lookup_key(key: str) -> tuple[Step, Interval]:
    """Raises UnknownStep."""
    for step, interval in sold():
        if lookup_key(step, interval) == key:
            return step, interval
    raise UnknownStep(f"“{key}” is the key of no price of ours")


def step_for(orders: int, *, to_agency: bool = False, quantity: int = 1) -> Step:
    """The smallest step that holds so many orders a month; Free where it does and a seller asks."""
    offered = on_sale(to_agency=to_agency) if to_agency else (FREE, *on_sale(to_agency=False))
    fits = (s for s in offered if (most := s.allowance(max(quantity, 1))) is None or orders <= most)
    return next(fits, offered[-1])


def next_step(step: Step) -> Step | None:
    """The next larger one of the same buyer; None at the top."""
    offered = on_sale(to_agency=step.plan is Plan.AGENCY)
    if step is FREE:
        return offered[0]
    place = offered.index(step) + 1
    return offered[place] if place < len(offered) else None


def extra_seats(members: int) -> int:
    return max(0, members - INCLUDED_SEATS)


#: What is never charged, and why. For pages.
NEVER_CHARGED: tuple[tuple[str, str], ...] = (
    ("Amazon's own review requests", "Amazon writes and sends them; on every plan, without limit."),
    ("Messages that a rule blocked", "Nothing left, so nothing counts."),
    ("Messages to buyers who opted out", "Also where Amazon tells of the wish only afterwards."),
    ("Reviews of your texts by a person", "However often you submit."),
    ("Further messages about an order", "An order counts once, with its first message."),
)
