"""Source text with the findings' words marked, as HTML that is safe to show. Pure."""

from collections.abc import Iterable
from html import escape

from compliance.engine.types import Finding, Outcome


def marked(source: str, findings: Iterable[Finding], where: str = "body") -> str:
    """Overlapping spans are merged; the graver outcome names the mark."""
    spans = sorted((f.start, f.end, f.outcome) for f in findings if f.where == where and f.end > f.start)
    parts, at = [], 0
    for start, end, outcome in _merged(spans):
        parts.append(escape(source[at:start]))
        parts.append(f'<mark class="{escape(outcome)}">{escape(source[start:end])}</mark>')
        at = end
    return "".join([*parts, escape(source[at:])])


def _merged(spans: list[tuple[int, int, Outcome]]) -> list[tuple[int, int, Outcome]]:
    merged: list[tuple[int, int, Outcome]] = []
    for start, end, outcome in spans:
        if merged and start < merged[-1][1]:
            before = merged[-1]
            merged[-1] = (before[0], max(before[1], end), max(before[2], outcome))
        else:
            merged.append((start, end, outcome))
    return merged
