"""Tallies beside each other: a line each, every number with a bar that compares it to its column's largest. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from compliance.desk.tallies import Tally

Measure = Callable[[Tally], float | None]
Said = Callable[[Tally], str]


@dataclass(frozen=True, slots=True)
class Column:
    """`measure` is drawn, `said` is written. `top`: what a whole bar means; 0: the column's largest."""

    title: str
    measure: Measure
    said: Said
    top: float = 0


@dataclass(frozen=True, slots=True)
class Cell:
    """`bar` in 100; None: there is nothing to compare."""

    title: str
    words: str
    bar: float | None


@dataclass(frozen=True, slots=True)
class Line:
    key: str
    name: str
    cells: tuple[Cell, ...]


def lines(rows: Sequence[tuple[str, str, Tally]], columns: Sequence[Column]) -> list[Line]:
    """`rows`: key, name, tally; drawn in their order."""
    tops = [column.top or max((column.measure(t) or 0 for _, _, t in rows), default=0) for column in columns]
    return [
        Line(key, name, tuple(_cell(tally, column, top) for column, top in zip(columns, tops, strict=True)))
        for key, name, tally in rows
    ]


def share(part: Callable[[Tally], int], whole: Callable[[Tally], int]) -> Measure:
    """In 100; None of nothing."""
    return lambda tally: 100 * part(tally) / whole(tally) if whole(tally) else None


def percent(measure: Measure) -> Said:
    def said(tally: Tally) -> str:
        value = measure(tally)
        return "–" if value is None else f"{value:.0f} %"

    return said


def _cell(tally: Tally, column: Column, top: float) -> Cell:
    value = column.measure(tally)
    bar = None if value is None or not top else round(100 * min(value / top, 1), 1)
    return Cell(column.title, column.said(tally), bar)
