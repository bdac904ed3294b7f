"""What a condition is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from psycopg.sql import SQL, Composable, Literal

from amazon.regions import MARKETPLACES
from campaigns.domain.reasons import Kind
from campaigns.domain.terms import Terms, zone_of


@dataclass(frozen=True)
class Seen:
    """One order as the explanation read it: the columns of `query.FACTS` and the condition's own `facts`,
    by name.
    """

    facts: Mapping[str, Any]
    terms: Terms

    def __getitem__(self, name: str) -> Any:
        return self.facts[name]

    @property
    def zone(self) -> str:
        return zone_of(self["marketplace_id"], self.terms)

    @property
    def store(self) -> str:
        known = MARKETPLACES.get(self["marketplace_id"])
        return known.name if known else f"the marketplace {self['marketplace_id']}"

    def when(self, at: datetime | None) -> str:
        """A moment as the marketplace's clock shows it: "Mon 23 Nov 2026, 10:05 (Europe/Berlin)"."""
        return say_when(at, self.zone)

    def day(self, at: datetime | None) -> str:
        return f"{at.astimezone(ZoneInfo(self.zone)):%a %-d %b %Y}" if at else "an unknown day"


def say_when(at: datetime | None, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%a %-d %b %Y, %H:%M} ({zone})" if at else "an unknown time"


Say = Callable[[Seen], str]


def _always(terms: Terms) -> bool:
    return True


def _no_facts(terms: Terms) -> Mapping[str, Composable]:
    return {}


def _never(terms: Terms) -> bool:
    return False


@dataclass(frozen=True)
class Condition:
    """`sql` is a boolean over the order `o` and is true exactly when the condition is met (NULL counts as
    not met).

    `code` goes into the message as its reason; `reason` and `remedy` are that code's general sentences,
    left empty where `campaigns.domain.reasons` has them. `applies` says whether the campaign asks for it
    at all; if not, the condition is not in the SQL, and the explanation says `unrestricted` (or nothing
    where that is empty). `waits` says whether an unmet answer may still change by itself. `facts` are
    further expressions that the sentences need.
    """

    code: str
    sql: Callable[[Terms], Composable]
    met: Say
    unmet: Say
    reason: str = ""
    remedy: str = ""
    kind: Kind = Kind.ORDER
    applies: Callable[[Terms], bool] = _always
    unrestricted: str = ""
    waits: Callable[[Terms], bool] = _never
    facts: Callable[[Terms], Mapping[str, Composable]] = _no_facts


def says(sentence: str) -> Say:
    """The same sentence for every order."""
    return lambda seen: sentence


def yes(terms: Terms) -> bool:
    return True


def listed(values: tuple[str, ...]) -> Composable:
    return SQL("ANY ({}::text[])").format(Literal(list(values)))


def money(minor: int | None, currency: str) -> str:
    """2490 EUR as "24.90 EUR"; yen have no minor unit."""
    if minor is None:
        return "an unknown amount"
    return f"{minor:,} {currency}" if currency == "JPY" else f"{minor / 100:,.2f} {currency}"


def some(values: tuple[str, ...], most: int = 3) -> str:
    """A few of a long list, in words."""
    shown = ", ".join(values[:most])
    return shown if len(values) <= most else f"{shown} and {len(values) - most} more"
