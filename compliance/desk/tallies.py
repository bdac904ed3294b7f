"""What a day of decisions comes to, in numbers that can be added to another day's. Pure.

Times are kept as counts of steps that grow by a fiftieth each, so a median or a 95th percentile over any number of days is
right within one part in a hundred, and takes the same work whatever was decided in them.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

_GROWTH = math.log(1.02)


def step_of(seconds: float | None) -> int | None:
    return None if seconds is None else round(math.log1p(max(seconds, 0)) / _GROWTH)


@dataclass(slots=True)
class Times:
    """Spans in seconds, as many as there were of each step."""

    steps: Counter[int] = field(default_factory=Counter)

    def note(self, seconds: float | None) -> None:
        self.count(step_of(seconds))

    def count(self, step: int | None) -> None:
        if step is not None:
            self.steps[step] += 1

    def within(self, share: float) -> float | None:
        """The span within which so large a share was (0.5: the median); None: there was none."""
        wanted, seen = share * self.steps.total(), 0
        for step in sorted(self.steps):
            seen += self.steps[step]
            if seen >= wanted:
                return math.expm1(step * _GROWTH)
        return None


_COUNTS = (
    "decided", "in_time", "sent_back", "overturned", "audited", "agreed", "known", "known_found",
)  # fmt: skip


@dataclass(slots=True)
class Tally:
    """`waits`: from queue to decision; `looks`: from handing out to decision. `audited`: words held against a second look,
    counted on the day of that look; `known`: texts with a known answer."""

    decided: int = 0
    in_time: int = 0
    sent_back: int = 0
    overturned: int = 0
    audited: int = 0
    agreed: int = 0
    known: int = 0
    known_found: int = 0
    waits: Times = field(default_factory=Times)
    looks: Times = field(default_factory=Times)

    @property
    def median(self) -> float | None:
        return self.waits.within(0.5)

    @property
    def p95(self) -> float | None:
        return self.waits.within(0.95)

    @property
    def median_look(self) -> float | None:
        return self.looks.within(0.5)

    def add(self, other: "Tally") -> None:
        for name in _COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.waits.steps.update(other.waits.steps)
        self.looks.steps.update(other.looks.steps)

    def as_json(self) -> dict[str, Any]:
        counts = {name: getattr(self, name) for name in _COUNTS if getattr(self, name)}
        return {**counts, "waits": self.waits.steps, "looks": self.looks.steps}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Tally":
        counts = {name: data[name] for name in _COUNTS if name in data}
        return cls(**counts, waits=_times(data["waits"]), looks=_times(data["looks"]))


def _times(data: Mapping[str, int]) -> Times:
    return Times(Counter({int(step): count for step, count in data.items()}))


@dataclass(frozen=True, slots=True)
class Word:
    """One answer a person gave. `heard` is who gave the answer it was held against, where it is an audit's."""

    reviewer: int
    is_approval: bool
    waited: float | None
    looked: float | None
    is_in_time: bool
    is_overturned: bool
    is_agreed: bool | None
    is_known: bool
    heard: int | None
    languages: tuple[str, ...]
    rules: tuple[str, ...]


#: How a day is told apart; "all" has the one key "".
KINDS = ("all", "reviewer", "language", "rule")


@dataclass(slots=True)
class Sums:
    """Of one day, or of many. `came`: cases that needed a person, by the day they came; `automatic`: approved by the rules."""

    submitted: int = 0
    came: int = 0
    automatic: int = 0
    tallies: dict[str, dict[str, Tally]] = field(default_factory=lambda: {kind: {} for kind in KINDS})

    @property
    def all(self) -> Tally:
        return self.of("all", "")

    def of(self, kind: str, key: str) -> Tally:
        return self.tallies[kind].setdefault(key, Tally())

    def add(self, other: "Sums") -> None:
        self.submitted += other.submitted
        self.came += other.came
        self.automatic += other.automatic
        for kind in KINDS:
            for key, tally in other.tallies[kind].items():
                self.of(kind, key).add(tally)

    def as_json(self) -> dict[str, Any]:
        kinds = {
            kind: {key: t.as_json() for key, t in tallies.items()} for kind, tallies in self.tallies.items()
        }
        return {"submitted": self.submitted, "came": self.came, "automatic": self.automatic, **kinds}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Sums":
        told = {
            kind: {key: Tally.from_json(row) for key, row in data.get(kind, {}).items()} for kind in KINDS
        }
        return cls(data["submitted"], data["came"], data["automatic"], told)


def sums(words: Iterable[Word], *, submitted: int = 0, came: int = 0, automatic: int = 0) -> Sums:
    found = Sums(submitted, came, automatic)
    for word in words:
        _count(found, word)
    return found


def _count(found: Sums, word: Word) -> None:
    """A text with a known answer says how good its reader is, and nothing of the desk's pace."""
    own = found.of("reviewer", str(word.reviewer))
    if word.is_known:
        own.known += 1
        own.known_found += bool(word.is_agreed)
        return
    about = [found.all]
    about += [found.of("language", language) for language in word.languages]
    about += [found.of("rule", rule) for rule in word.rules]
    waited, looked = step_of(word.waited), step_of(word.looked)
    for tally in (own, *about):
        _decided(tally, word)
        tally.waits.count(waited)
        tally.looks.count(looked)
    if word.is_agreed is not None:
        heard = [found.of("reviewer", str(word.heard))] if word.heard is not None else []
        for tally in (*heard, *about):
            tally.audited += 1
            tally.agreed += word.is_agreed


def _decided(tally: Tally, word: Word) -> None:
    tally.decided += 1
    tally.in_time += word.is_in_time
    tally.sent_back += not word.is_approval
    tally.overturned += word.is_overturned
