"""Source text with the findings' words marked, each mark naming its findings. Pure; the HTML is safe to show.

The marks only wrap words, so that offsets into the shown text are offsets into the source.
"""

import itertools
from collections.abc import Sequence
from html import escape

from compliance.engine.types import Finding, Outcome


def marked(source: str, findings: Sequence[Finding], where: str) -> str:
    """`data-findings` holds the findings' places in `findings`; where spans overlap, the stretch names all of them."""
    spans = [(f.start, f.end, n) for n, f in enumerate(findings) if f.where == where and f.end > f.start]
    edges = sorted(
        {0, len(source), *(min(edge, len(source)) for start, end, _ in spans for edge in (start, end))}
    )
    parts = []
    for start, end in itertools.pairwise(edges):
        covering = [n for s, e, n in spans if s < end and e > start]
        words = escape(source[start:end])
        parts.append(_mark(words, covering, findings) if covering else words)
    return "".join(parts)


def _mark(words: str, covering: list[int], findings: Sequence[Finding]) -> str:
    gravest = max(Outcome(findings[n].outcome) for n in covering)
    names = " ".join(str(n) for n in covering)
    return f'<mark class="{escape(gravest)}" data-findings="{names}">{words}</mark>'
