"""One case as its page shows it, put together from the frozen snapshot. Nothing is stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from compliance import marking
from compliance.desk import diff, letter, reasons
from compliance.desk.reasons import Given, Reason
from compliance.drafts import finding_from_json
from compliance.engine.types import Finding, Outcome
from compliance.models import Case
from compliance.views.desk.common import language_name


@dataclass(frozen=True)
class Suggestion:
    """A canned reason that fits a finding; `value` is what the form sends."""

    reason: Reason
    value: str
    is_first: bool


@dataclass(frozen=True)
class ShownFinding:
    number: int  # its place among the part's findings, as the marks name it
    finding: Finding
    suggestions: tuple[Suggestion, ...]


@dataclass(frozen=True)
class Part:
    """One language. `document` is a whole page for a sandboxed frame, "" for plain text, which is in `text`."""

    language: str
    language_name: str
    outcome: str
    subject: str
    text: str
    document: str
    source_subject: SafeString
    source_body: SafeString
    findings: tuple[ShownFinding, ...]
    diff: tuple[diff.Piece, ...]
    files: tuple[dict[str, Any], ...]
    targeting: dict[str, Any] | None

    @property
    def is_targeting(self) -> bool:
        """A choice of buyers alone, without words."""
        return self.targeting is not None and not (self.text or self.document or self.subject)

    @property
    def is_changed(self) -> bool:
        return any(piece.kind != "same" for piece in self.diff)


def parts_of(case: Case, before: Case | None) -> list[Part]:
    """`before`: the version that was approved last, to compare with."""
    known = {draft["language"]: draft for draft in before.drafts} if before else {}
    return [_part(part, known.get(part["draft"]["language"])) for part in case.snapshot]


def _part(part: dict[str, Any], before: dict[str, Any] | None) -> Part:
    draft = part["draft"]
    # A draft of targeting alone says nothing about words, so rules about words are no findings of it.
    is_targeting = draft["targeting"] is not None and not draft["body"]
    found = [finding_from_json(f) for f in part["findings"] if not is_targeting or f["where"] == "targeting"]
    findings = sorted(found, key=lambda f: (-f.outcome.rank, f.where != "subject", f.start))
    is_html = draft["body_format"] == "html"
    return Part(
        draft["language"], language_name(draft["language"]), part["outcome"], letter.subject(draft),
        "" if is_html else letter.text(draft), letter.document(draft) if is_html else "",
        _marked(draft["subject"], findings, "subject"), _marked(draft["body"], findings, "body"),
        tuple(_shown(n, f, draft["language"]) for n, f in enumerate(findings)), _diff(before, draft),
        tuple(draft["attachments"]), draft["targeting"],
    )  # fmt: skip


def _marked(source: str, findings: Sequence[Finding], where: str) -> SafeString:
    return mark_safe(marking.marked(source, findings, where))  # noqa: S308 (marked() escapes)


def _shown(number: int, finding: Finding, language: str) -> ShownFinding:
    offered = reasons.suggested([finding.rule])[:3] if finding.outcome >= Outcome.ADVICE else []
    return ShownFinding(
        number, finding, tuple(_suggestion(r, finding, language, r is offered[0]) for r in offered)
    )


def _suggestion(reason: Reason, finding: Finding, language: str, is_first: bool) -> Suggestion:
    value = f"{reason.code}|{language}|{finding.where}|{finding.start}|{finding.end}"
    return Suggestion(reason, value, is_first and finding.outcome >= Outcome.REVIEW)


def _diff(before: dict[str, Any] | None, draft: dict[str, Any]) -> tuple[diff.Piece, ...]:
    return tuple(diff.compare(_whole(before), _whole(draft))) if before else ()


def _whole(draft: dict[str, Any]) -> str:
    return f"{draft['subject']}\n\n{draft['body']}" if draft["subject"] else str(draft["body"])


def given_from(value: str, case: Case) -> Given | None:
    """What the form sends, with the words it points at taken from the snapshot; None for what is no such value."""
    pieces = value.split("|")
    if not pieces[0].isdecimal() or len(pieces[0]) > 4 or len(pieces) not in (1, 5):
        return None
    if len(pieces) == 1:
        return Given(int(pieces[0]))
    code, language, where, start, end = pieces
    if where not in ("subject", "body") or not (start.isdecimal() and end.isdecimal()):
        return Given(int(code), language, where if where in ("targeting", "attachment") else "body")
    source = next((str(d[where]) for d in case.drafts if d["language"] == language), "")
    return Given(int(code), language, where, int(start), int(end), source[int(start) : int(end)])
