"""Applying the rewrites that are safe."""

from collections.abc import Iterable

from compliance.engine.types import Finding, Where


def apply(source: str, findings: Iterable[Finding], where: Where = "body") -> tuple[str, list[Finding]]:
    """The source with each finding's fix in place of its span, and the findings whose fix was applied. Of two that
    overlap, the first in the text is taken, and of two that begin together the one that takes more away; check again
    for the other."""
    fixable = [f for f in findings if f.can_be_fixed and f.where == where]
    parts: list[str] = []
    applied: list[Finding] = []
    done = 0
    for finding in sorted(fixable, key=_order):
        start, end = finding.fixed_span
        if finding.fix is None or not done <= start <= end <= len(source):
            continue
        parts += [source[done:start], finding.fix.text]
        done = end
        applied.append(finding)
    return "".join([*parts, source[done:]]), applied


def _order(finding: Finding) -> tuple[int, int, int]:
    start, end = finding.fixed_span
    return start, -end, len(finding.fix.text) if finding.fix else 0
