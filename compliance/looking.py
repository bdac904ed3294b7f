"""What the checker shows of one text: the verdict, each finding with its number, the words marked, the rewrites offered.

The public checker, the editor of texts and any other page that checks while somebody types show the same.
"""

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe

from compliance import policy, rewriting
from compliance.engine.run import check
from compliance.engine.types import Draft, Finding, Outcome
from compliance.marking import marked, spans
from compliance.policy import Accepted

EVERY_FIX = "all"
_FIX = re.compile(r"(?P<rule>[a-z0-9-]{1,60}):(?P<where>subject|body):(?P<start>\d{1,7}):(?P<end>\d{1,7})")


@dataclass(frozen=True)
class Noted:
    """A finding as it is listed. `fix_id` names it in a form; empty where no rewrite is offered."""

    number: int
    finding: Finding
    #: The characters of the source that the finding is about.
    words: str
    #: And those that its rewrite would take the place of: they may be more.
    replaced: str = ""

    @property
    def fix_id(self) -> str:
        f = self.finding
        return f"{f.rule}:{f.where}:{f.start}:{f.end}" if can_fix(f) else ""

    @property
    def quoted(self) -> str:
        """The words, where the sentence does not name them already."""
        words = " ".join(self.finding.text.split())
        return "" if words in self.finding.message else words


@dataclass(frozen=True)
class Look:
    draft: Draft
    outcome: Outcome
    reasons: tuple[Noted, ...]
    advice: tuple[Noted, ...]

    @property
    def noted(self) -> tuple[Noted, ...]:
        return (*self.reasons, *self.advice)

    @property
    def blocking(self) -> int:
        return sum(noted.finding.outcome is Outcome.BLOCK for noted in self.reasons)

    @property
    def doubtful(self) -> int:
        return len(self.reasons) - self.blocking

    @property
    def fixes(self) -> int:
        return sum(bool(noted.fix_id) for noted in self.noted)

    @property
    def has_marks(self) -> bool:
        return any(noted.finding.end > noted.finding.start for noted in self.noted)

    @property
    def body(self) -> SafeString:
        return self._marked(self.draft.body, "body")

    @property
    def subject(self) -> SafeString:
        return self._marked(self.draft.subject, "subject")

    @property
    def spans(self) -> str:
        """The body's, as JSON, in characters as Python counts them; the page's script counts its own way."""
        found = spans(self.draft.body, self._findings)
        return json.dumps([{"start": s.start, "end": s.end, "kind": str(s.outcome)} for s in found])

    def _marked(self, source: str, where: str) -> SafeString:
        shown = marked(source, self._findings, where, numbered=True)
        return mark_safe(shown)  # noqa: S308 (marked() escapes)

    @property
    def _findings(self) -> Sequence[Finding]:
        return [noted.finding for noted in self.noted]


def look(draft: Draft, accepted: Collection[Accepted] = ()) -> Look:
    """Rules and policy over a text as typed. Nothing is stored; shadow rules say nothing."""
    verdict = policy.judge(check(draft).findings, accepted)
    listed = enumerate((*sorted(verdict.reasons, key=_place), *sorted(verdict.advice, key=_place)), start=1)
    numbered = [_noted(n, f, _source(draft, f)) for n, f in listed]
    held = len(verdict.reasons)
    return Look(draft, verdict.outcome, tuple(numbered[:held]), tuple(numbered[held:]))


def can_fix(finding: Finding) -> bool:
    """A rewrite that the text itself can take: not an absence, not a file's name."""
    return finding.can_be_fixed


def apply_fix(draft: Draft, fix_id: str) -> Draft | None:
    """The draft with one rewrite, or (`EVERY_FIX`) with all of them. None: the text has changed and the words are gone."""
    if fix_id == EVERY_FIX:
        return rewriting.rewrite(draft).draft
    named = _FIX.fullmatch(fix_id)
    if named is None:
        return None
    wanted = (named["rule"], named["where"], int(named["start"]), int(named["end"]))
    for finding in check(draft).findings:
        if (
            can_fix(finding)
            and not finding.shadow
            and (finding.rule, finding.where, finding.start, finding.end) == wanted
        ):
            return rewriting.apply_one(draft, finding)
    return None


def _noted(number: int, finding: Finding, source: str) -> Noted:
    return Noted(number, finding, source[finding.start : finding.end], source[slice(*finding.fixed_span)])


def _place(finding: Finding) -> tuple[int, bool, int]:
    """The gravest first, each in the order of the text; what is about no words after what is."""
    return -finding.outcome.rank, finding.end <= finding.start, finding.start


def _source(draft: Draft, finding: Finding) -> str:
    return {"subject": draft.subject, "body": draft.body}.get(finding.where, "")
