"""How it stands with what was handed in, as the author reads it: status, expected time, what was said, and what can be done."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.tenancy import current_seller
from compliance.desk.queues import Queue
from compliance.desk.reasons import Given, Reason, UnknownReason, find
from compliance.models import Verdict
from compliance.selectors.standing import Standing, standing_of

_A = Verdict.Answer
_WAITS_FOR = {
    Queue.NEW: "A person looks at it.",
    Queue.APPEAL: "Your appeal waits: another person looks at it.",
    Queue.SECOND: "One reviewer agreed; it is grave enough to need a second person.",
    Queue.AUDIT: "It was approved and is looked at once more, as a share of all texts is.",
    Queue.RESCAN: "A rule changed, and a person looks at whether your text still fits.",
    Queue.ESCALATED: "A reviewer asked a colleague with more experience to decide.",
}


@dataclass(frozen=True)
class Quoted:
    """Words a reason is about, and the language they are in."""

    words: str
    language: str


@dataclass(frozen=True)
class Said:
    """One canned reason and the words it is about, each once."""

    reason: Reason
    quoted: tuple[Quoted, ...]


@dataclass(frozen=True)
class Told:
    """What the panel shows. `words` are the reviewer's own, beside the canned reasons."""

    tone: str
    title: str
    by: str
    on_appeal: bool
    text: str
    expected_at: datetime | None
    is_late: bool
    said: tuple[Said, ...]
    words: str
    decided_at: datetime | None
    can_appeal: bool
    appeal_until: datetime | None
    why_no_appeal: str
    can_mend: bool  # it was sent back, and nobody looks at it again

    @property
    def can_act(self) -> bool:
        return self.can_mend or self.can_appeal or bool(self.why_no_appeal)


def told(subject_id: uuid.UUID) -> Told | None:
    """None: it was never handed in, or nothing is left to say."""
    standing = standing_of(current_seller(), [subject_id], timezone.now()).get(subject_id)
    if standing is None or (standing.verdict is None and not standing.is_waiting):
        return None
    return _told(standing)


def marked_words(verdict_reasons: list[dict[str, Any]]) -> list[Given]:
    """A verdict's reasons that are tied to words."""
    given = [Given(**row) for row in verdict_reasons]
    return [g for g in given if g.end > g.start]


def _told(standing: Standing) -> Told:
    verdict, waits = standing.verdict, standing.is_waiting
    title, tone = _title(standing)
    is_back = verdict is not None and verdict.sends_back and not waits
    late = standing.expected_at is not None and standing.expected_at < timezone.now()
    return Told(
        tone, title, "A person" if verdict and verdict.reviewer_id else "The rules", _is_of_appeal(verdict),
        _text(standing), standing.expected_at, late, _said(verdict), _own_words(verdict),
        verdict.decided_at if verdict else None, bool(standing.appeal_until) and not waits, standing.appeal_until,
        standing.why_no_appeal if is_back else "", is_back,
    )  # fmt: skip


def _title(standing: Standing) -> tuple[str, str]:
    verdict = standing.verdict
    if verdict is None:
        return "Waiting for a person", "info"
    if standing.is_waiting:
        return f"{verdict.get_answer_display()}, and looked at again", "info"
    tones = {_A.APPROVED: "good", _A.APPROVED_LIMITED: "good", _A.REJECTED: "bad"}
    return verdict.get_answer_display(), tones.get(_A(verdict.answer), "warn")


def _text(standing: Standing) -> str:
    if standing.is_waiting:
        return _WAITS_FOR[Queue(standing.case.queue)]
    is_back = standing.verdict is not None and standing.verdict.answer == _A.CHANGES_REQUESTED
    return "Change what is named here and submit it again." if is_back else ""


def _is_of_appeal(verdict: Verdict | None) -> bool:
    return verdict is not None and verdict.queue == Queue.APPEAL


def _said(verdict: Verdict | None) -> tuple[Said, ...]:
    """By reason, in the order in which they were given."""
    given = [Given(**row) for row in verdict.reasons] if verdict else []
    return tuple(
        Said(
            _reason(code),
            tuple(dict.fromkeys(Quoted(g.text, g.language) for g in given if g.code == code and g.text)),
        )
        for code in dict.fromkeys(g.code for g in given)
    )


def _reason(code: int) -> Reason:
    try:
        return find(code)
    except UnknownReason:  # a number of an older list
        return Reason(code, "No longer used", "", "", "", ())


def _own_words(verdict: Verdict | None) -> str:
    """The stored reason holds the canned ones first, a line each; what follows is the reviewer's own."""
    if verdict is None or verdict.reviewer_id is None:
        return verdict.reason if verdict and not verdict.reasons else ""
    canned = len({row["code"] for row in verdict.reasons})
    return "\n".join(verdict.reason.split("\n")[canned:])
