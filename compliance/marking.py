"""Source text with the findings' words marked, each mark naming its findings. Pure; the HTML is safe to show.

The marks only wrap words, so that offsets into the shown text are offsets into the source.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from compliance.engine.types import Finding, Outcome


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the source that the same findings are about, by their places in the list; the gravest names the mark."""

    start: int
    end: int
    outcome: Outcome
    findings: tuple[int, ...]
    #: Those whose words end here: where a number is shown once.
    ending: tuple[int, ...]


def spans(source: str, findings: Sequence[Finding], where: str = "body") -> Iterator[Span]:
    """In the order of the text; where findings overlap, the stretch names all of them."""
    size = len(source)
    found = [
        (n, min(f.start, size), min(f.end, size))
        for n, f in enumerate(findings)
        if f.where == where and f.end > f.start
    ]
    edges = sorted({edge for _, start, end in found for edge in (start, end)})
    for start, end in itertools.pairwise(edges):
        covering = [n for n, s, e in found if s < end and e > start]
        if covering:
            gravest = max(Outcome(findings[n].outcome) for n in covering)
            ending = tuple(n for n, _, e in found if e == end and n in covering)
            yield Span(start, end, gravest, tuple(covering), ending)


def marked(source: str, findings: Sequence[Finding], where: str = "body", *, numbered: bool = False) -> str:
    """`data-findings` holds the findings' places in `findings`; `numbered` shows them, from 1, where their words end."""
    parts, at = [], 0
    for span in spans(source, findings, where):
        parts += [escape(source[at : span.start]), _mark(source[span.start : span.end], span, numbered)]
        at = span.end
    return "".join([*parts, escape(source[at:])])


def _mark(words: str, span: Span, numbered: bool) -> str:
    places = " ".join(map(str, span.findings))
    shown = ",".join(str(n + 1) for n in span.ending)
    number = f' data-n="{shown}"' if numbered and shown else ""
    return f'<mark class="{escape(span.outcome)}" data-findings="{places}"{number}>{escape(words)}</mark>'
