"""Applying the rewrites that are safe."""

from collections.abc import Iterable

from compliance.engine.types import Finding, Where


def apply(source: str, findings: Iterable[Finding], where: Where = "body") -> tuple[str, list[Finding]]:
    """The source with each finding's fix in place of its span, and the findings whose fix was applied. Of two that
    overlap, the first in the text is taken; check again for the other."""
    fixable = [
        f for f in findings if f.fix is not None and f.where == where and 0 <= f.start <= f.end <= len(source)
    ]
    parts: list[str] = []
    applied: list[Finding] = []
    done = 0
    for finding in sorted(fixable, key=lambda f: (f.start, f.end)):
        if finding.fix is None or finding.start < done or (finding.start, finding.end) == (0, 0):
            continue
        parts += [source[done : finding.start], finding.fix.text]
        done = finding.end
        applied.append(finding)
    return "".join([*parts, source[done:]]), applied
