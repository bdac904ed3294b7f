"""A source text with the findings' words marked, as HTML that is safe to show. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from compliance.engine.types import Finding, Outcome


@dataclass(frozen=True, slots=True)
class Span:
    """Characters of the source, and the numbers of the findings that are about them (from 1, as listed)."""

    start: int
    end: int
    outcome: Outcome
    numbers: tuple[int, ...]


def spans(findings: Sequence[Finding], where: str = "body", size: int | None = None) -> list[Span]:
    """In the order of the text. Overlapping ones are merged; the graver outcome names the mark.

    `size` is the source's length: what lies outside it (a finding on an older text) is left out.
    """
    found = sorted(
        (
            Span(f.start, f.end, f.outcome, (number,))
            for number, f in enumerate(findings, start=1)
            if f.where == where and f.end > f.start and (size is None or f.end <= size)
        ),
        key=lambda span: (span.start, span.end),
    )
    return _merged(found)


def marked(source: str, findings: Iterable[Finding], where: str = "body", *, numbered: bool = False) -> str:
    """`numbered`: each mark carries the numbers of its findings, for the list beside it."""
    parts, at = [], 0
    for span in spans(list(findings), where, len(source)):
        numbers = f' data-n="{",".join(map(str, span.numbers))}"' if numbered else ""
        parts.append(escape(source[at : span.start]))
        parts.append(
            f'<mark class="{escape(span.outcome)}"{numbers}>{escape(source[span.start : span.end])}</mark>'
        )
        at = span.end
    return "".join([*parts, escape(source[at:])])


def _merged(found: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in found:
        if merged and span.start < merged[-1].end:
            before = merged[-1]
            merged[-1] = Span(
                before.start,
                max(before.end, span.end),
                max(before.outcome, span.outcome),
                tuple(sorted({*before.numbers, *span.numbers})),
            )
        else:
            merged.append(span)
    return merged
