"""Bars for a drawing 100 high, with words for its ends: the geometry of the desk's charts. Pure.

Labels are HTML around the drawing, so that it may be stretched to any width.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

_WIDTH, _GAP = 10.0, 2.0
_EACH = 7  # labels that fit side by side


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    series: int
    words: str


@dataclass(frozen=True, slots=True)
class Chart:
    """`lines`: what the height of the drawing's grid means, from the top. `labels`: one for each group of bars."""

    title: str
    series: tuple[str, ...]
    labels: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]  # the same as words, for the table: a label and a value per series
    bars: tuple[Bar, ...]
    lines: tuple[str, ...]
    width: float

    @property
    def is_each_named(self) -> bool:
        """Few enough that each has its label below it."""
        return len(self.labels) <= _EACH

    @property
    def ends(self) -> tuple[str, ...]:
        """The labels shown below: all, or first, middle, last."""
        last = len(self.labels) - 1
        return self.labels if self.is_each_named else tuple(self.labels[n] for n in (0, last // 2, last))


def chart(
    title: str,
    series: Sequence[str],
    groups: Sequence[tuple[str, Sequence[float | None]]],
    *,
    unit: str = "",
    divide: float = 1,
    top: float = 0,
) -> Chart:
    """Groups of bars side by side, one bar a series. None is drawn as nothing and said as a dash. `top`: what the whole height
    means; 0: as much as the largest bar needs."""
    most = max((v / divide for _, values in groups for v in values if v is not None), default=0)
    top = top or _round_up(most)
    bars = tuple(
        bar
        for at, (label, values) in enumerate(groups)
        for bar in _group(at, label, values, top, series, unit, divide)
    )
    rows = tuple((label, *(_said(v, unit, divide) for v in values)) for label, values in groups)
    lines = (_number(top, unit), _number(top / 2, unit), "0")
    width = len(groups) * (len(series) * _WIDTH + 2 * _GAP)
    return Chart(title, tuple(series), tuple(label for label, _ in groups), rows, bars, lines, max(width, 1))


def _group(
    at: int,
    label: str,
    values: Sequence[float | None],
    top: float,
    series: Sequence[str],
    unit: str,
    divide: float,
) -> list[Bar]:
    left = at * (len(series) * _WIDTH + 2 * _GAP) + _GAP
    return [
        Bar(
            round(left + n * _WIDTH, 2), round(100 - 100 * v / divide / top, 2), _WIDTH - 1, round(100 * v / divide / top, 2), n,
            f"{label}, {series[n].lower()}: {_said(v, unit, divide)}",
        )
        for n, v in enumerate(values) if v is not None
    ]  # fmt: skip


def _said(value: float | None, unit: str, divide: float) -> str:
    return "–" if value is None else _number(value / divide, unit)


def _number(value: float, unit: str) -> str:
    words = f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"
    return f"{words} {unit}".rstrip()


def _round_up(most: float) -> float:
    """The next number with one digit that is not 0, so that the half is a plain number too."""
    if most <= 0:
        return 1
    power = 10 ** math.floor(math.log10(most))
    tops = (step * power for step in range(1, 11) if step * power >= most)
    return float(next((top for top in tops if top < 2 or top % 2 == 0), 10 * power))
