"""Writing a verdict down: the row, what it accepts, where the case stands then, and who is told when.

Every path to a verdict ends here. The caller holds the case's row locked.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from accounts import due
from accounts.models import User
from accounts.services import audit
from compliance.desk import reasons
from compliance.desk.queues import QUEUES, Queue
from compliance.desk.reasons import Given
from compliance.drafts import finding_from_json, finding_to_json
from compliance.engine.types import Finding, Outcome, Severity
from compliance.models import AcceptedFinding, Case, Verdict
from compliance.services import calendar, figures

_A, _S = Verdict.Answer, Case.Status
NO_WINDOW = timedelta()


@dataclass(frozen=True, slots=True)
class Limits:
    """Of an approval with limits. `marketplaces`: two letters; `volume`: messages in all; `until`: aware."""

    marketplaces: tuple[str, ...] = ()
    volume: int | None = None
    until: datetime | None = None

    def __bool__(self) -> bool:
        return bool(self.marketplaces or self.volume or self.until)


@dataclass(frozen=True, slots=True)
class Entry:
    """One verdict to be written."""

    answer: Verdict.Answer
    reviewer: User | None
    now: datetime
    words: str = ""
    given: Sequence[Given] = ()
    accepted: Sequence[Finding] = ()
    limits: Limits = field(default_factory=Limits)
    window: timedelta = NO_WINDOW  # until it counts
    awaits_second: bool = False
    batch: uuid.UUID = field(default_factory=uuid.uuid4)


def approve_by_system(case: Case, reason: str, now: datetime) -> Verdict:
    return record(case, Entry(_A.APPROVED, None, now, words=reason, accepted=holding_findings(case)))


def record(case: Case, entry: Entry) -> Verdict:
    before = last_answer(case)
    verdict = _write(case, entry, before)
    _accept(verdict, case, entry)
    _move(case, verdict)
    audit.record(f"case.{entry.answer}", actor=entry.reviewer, seller=case.seller, target=str(case.public_id))
    if entry.answer in Verdict.FINAL and not entry.awaits_second and case.known_answer_id is None:
        due.lower(case.seller_id, "cases.decided", verdict.effective_at)
    return verdict


def holding_findings(case: Case) -> list[Finding]:
    """The findings that made a person necessary, each once. What a shadow rule saw made nothing necessary."""
    found = (finding_from_json(f) for part in case.snapshot for f in part["findings"])
    held = {(f.rule, f.where, f.words_hash): f for f in found if f.outcome >= Outcome.REVIEW and not f.shadow}
    return list(held.values())


def is_risky(finding: Finding) -> bool:
    """Letting it be overrides a rule that is certain, at the account's risk: one person is not enough.

    A doubt (review) is what one person is asked to settle. The same line as `policy` draws for an override."""
    return finding.outcome is Outcome.BLOCK and finding.severity is not Severity.ADVISE


def last_answer(case: Case) -> Verdict | None:
    """The last answer to the author, whether it counts already or not."""
    return Verdict.objects.final().filter(case=case).order_by("-pk").first()


def first_of_two(case: Case) -> Verdict | None:
    """The approval that waits for a second person, if one does; escalating it in between changes nothing."""
    words = Verdict.objects.not_undone().filter(case=case, answer__in=Verdict.FINAL)
    last = words.order_by("-pk").first()
    return last if last and last.awaits_second else None


def _write(case: Case, entry: Entry, before: Verdict | None) -> Verdict:
    """On the same case a later answer looks at the earlier again; where it differs it takes its place."""
    is_final = entry.answer in Verdict.FINAL and not entry.awaits_second
    overturned = before if is_final and before is not None and before.answer != entry.answer else None
    if overturned is not None:
        figures.forget(overturned.decided_at)
    return Verdict.objects.create(
        case=case, answer=entry.answer, reviewer=entry.reviewer, reason=reasons.sentence(entry.given, entry.words),
        reasons=[given.as_json() for given in entry.given], quoted=[finding_to_json(f) for f in holding_findings(case)],
        pack=case.pack, queue=case.queue, corrects=overturned,
        about=first_of_two(case) or before, awaits_second=entry.awaits_second, is_agreed=_is_agreed(case, entry, before),
        marketplaces=list(entry.limits.marketplaces), volume=entry.limits.volume, until=entry.limits.until,
        batch=entry.batch, seconds=_seconds(case, entry), queued_at=case.queued_at, due_at=case.due_at,
        decided_at=entry.now, effective_at=entry.now + entry.window,
    )  # fmt: skip


def _is_agreed(case: Case, entry: Entry, before: Verdict | None) -> bool | None:
    """Whether what may be sent is the same as before; only audits are scored, and only by answers."""
    if entry.answer not in Verdict.FINAL:
        return None
    if case.known_answer is not None:
        return (_A(case.known_answer.answer) in Verdict.APPROVALS) == (entry.answer in Verdict.APPROVALS)
    if case.queue == Queue.AUDIT and before is not None:
        return before.is_approval == (entry.answer in Verdict.APPROVALS)
    return None


def _seconds(case: Case, entry: Entry) -> int | None:
    if case.leased_at is None or entry.reviewer is None or case.leased_to_id != entry.reviewer.pk:
        return None
    return max(0, int((entry.now - case.leased_at).total_seconds()))


def _accept(verdict: Verdict, case: Case, entry: Entry) -> None:
    """What an approval lets be. A first person's word of two accepts nothing yet."""
    if not verdict.is_approval or entry.awaits_second:
        return
    unique = {(f.rule, f.where, f.words_hash): f for f in entry.accepted}
    AcceptedFinding.objects.bulk_create(
        AcceptedFinding(
            verdict=verdict, seller_id=case.seller_id, subject_id=case.subject_id, rule=f.rule, where=f.where,
            words_hash=f.words_hash, text=f.text, is_override=is_risky(f) and entry.reviewer is not None,
        )
        for f in unique.values()
    )  # fmt: skip


def _move(case: Case, verdict: Verdict) -> None:
    """Where the case stands then. A word that answers nobody yet moves it to another queue, handed out once it counts."""
    end_lease(case)
    if verdict.answer == _A.ESCALATED:
        _requeue(case, Queue.ESCALATED, verdict)
    elif verdict.awaits_second:
        _requeue(case, Queue.SECOND, verdict)
        case.barred = [*case.barred, *([verdict.reviewer_id] if verdict.reviewer_id else [])]
    else:
        is_back = verdict.answer == _A.CHANGES_REQUESTED
        case.status = _S.WITH_AUTHOR if is_back else _S.DECIDED
        case.approval, case.decided_at = verdict.answer, verdict.decided_at
        case.is_taken_in = case.subject == Case.Subject.TEMPLATE_VERSION
    case.save(update_fields=MOVED)


#: What a verdict, its undoing and a second look change on a case.
MOVED = (
    "status", "approval", "decided_at", "queue", "queued_at", "due_at", "barred", "leased_to", "lease", "leased_at",
    "leased_until", "is_drawn", "why", "is_taken_in", "reminded_at", "leads_told_at",
)  # fmt: skip


def end_lease(case: Case) -> None:
    case.leased_to = case.lease = case.leased_at = case.leased_until = None


def _requeue(case: Case, queue: Queue, verdict: Verdict) -> None:
    requeue(case, queue, verdict.effective_at)
    if verdict.reason:
        case.why = [*case.why, verdict.reason]


def requeue(case: Case, queue: Queue, at: datetime) -> None:
    """Let it wait in another queue from `at` on. The caller saves `MOVED`."""
    case.status, case.queue, case.queued_at = _S.WAITING, queue, at
    case.due_at = calendar.current().due(at, QUEUES[queue].target)
    case.reminded_at = case.leads_told_at = None  # it is due anew
