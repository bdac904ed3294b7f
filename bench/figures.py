"""What a bench says: a figure, its goal, and whether it was met."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """`goal` in words ("at least 0.4"); `ok` None where there is none. `note`: how it was measured, its spread."""

    name: str
    value: float
    unit: str
    goal: str = ""
    ok: bool | None = None
    note: str = ""

    def __str__(self) -> str:
        verdict = {True: "met", False: "MISSED", None: ""}[self.ok]
        goal = f"  (goal {self.goal}: {verdict})" if self.goal else ""
        note = f"  {self.note}" if self.note else ""
        return f"{self.name}: {self.value:,.4g} {self.unit}{goal}{note}"

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def at_least(name: str, value: float, unit: str, goal: float, note: str = "") -> Figure:
    return Figure(name, value, unit, f"at least {goal:g}", value >= goal, note)


def at_most(name: str, value: float, unit: str, goal: float, note: str = "") -> Figure:
    return Figure(name, value, unit, f"at most {goal:g}", value <= goal, note)
