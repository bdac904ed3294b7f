"""Deciding a waiting case, alone, with a second person, or together with its identical ones; and correcting what was decided."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from accounts.models import Membership, User
from compliance import errors
from compliance.desk import permits
from compliance.desk.permits import Action
from compliance.desk.reasons import Given, find
from compliance.engine.types import Finding, Outcome
from compliance.models import Case, HandOut, Verdict
from compliance.selectors import twins
from compliance.services import holding, recording
from compliance.services.recording import NO_WINDOW, Entry, Limits

_A = Verdict.Answer


@dataclass(frozen=True, slots=True)
class Decision:
    """`words` is what the reviewer adds in their own words; `accepted` what an approval lets be, by default all that held it."""

    answer: Verdict.Answer
    words: str = ""
    given: Sequence[Given] = ()
    limits: Limits = field(default_factory=Limits)
    accepted: Sequence[Finding] | None = None


@transaction.atomic
def decide(
    case_id: int,
    decision: Decision,
    *,
    reviewer: User | None,
    now: datetime,
    window: timedelta = NO_WINDOW,
    seen: int | None = None,
) -> Verdict:
    """Decide a waiting case that `reviewer` holds (None: the command line, which holds nothing).

    `window` is how long it may be undone before it counts; `seen` how many verdicts the page showed. An approval that puts the
    account at risk is recorded, and waits for a second person. Raises a DeskError; nothing is changed then.
    """
    case = holding.lock(case_id)
    if refused := permits.refusal(Action.DECIDE, holding.situation(case, reviewer)):
        raise refused
    if seen is not None and seen != case.verdicts.count():
        raise errors.StaleView(case.title)
    return _decided(case, decision, reviewer, now, window, uuid.uuid4())


@transaction.atomic
def decide_alike(
    case_id: int,
    decision: Decision,
    *,
    reviewer: User,
    now: datetime,
    window: timedelta = NO_WINDOW,
    seen: int | None = None,
) -> list[Verdict]:
    """The same decision on every waiting case with the identical text that nobody holds and this reviewer may decide.

    They share a batch, and are undone together.
    """
    others = twins.waiting_alike(Case.objects.get(pk=case_id))
    first = decide(case_id, decision, reviewer=reviewer, now=now, window=window, seen=seen)
    alike = [case for case in _free_for(reviewer, others) if twins.is_held_alike(case, first.case)]
    return [first, *(_decided(case, decision, reviewer, now, window, first.batch) for case in alike)]


@transaction.atomic
def correct(
    verdict_id: int, decision: Decision, *, reviewer: User, now: datetime, window: timedelta = NO_WINDOW
) -> Verdict:
    """A lead's new verdict in place of the last one on a case, pointing at it. Raises a DeskError."""
    old = Verdict.objects.select_related("case").get(pk=verdict_id)
    case = holding.lock(old.case_id)
    if refused := permits.refusal(Action.CORRECT, holding.situation(case, reviewer)):
        raise refused
    last = recording.last_answer(case)
    is_same = last is not None and last.answer == decision.answer != _A.APPROVED_LIMITED
    if (
        last is None
        or last.pk != old.pk
        or last.effective_at > now
        or is_same
        or decision.answer not in Verdict.FINAL
    ):
        raise errors.NotCorrectable
    return _decided(case, decision, reviewer, now, window, uuid.uuid4())


def _decided(
    case: Case, decision: Decision, reviewer: User | None, now: datetime, window: timedelta, batch: uuid.UUID
) -> Verdict:
    _refuse_incomplete(case, decision, now)
    accepted = _accepted(case, decision)
    is_new_word = case.approval not in Verdict.APPROVALS and recording.first_of_two(case) is None
    awaits_second = is_new_word and any(map(recording.is_risky, accepted))
    if awaits_second and reviewer is None:
        raise errors.Nameless(case.title)
    if reviewer is not None and case.lease is not None:
        holding.close_hand_out(case, HandOut.End.DECIDED)
    entry = Entry(
        decision.answer, reviewer, now, decision.words, decision.given, accepted, decision.limits, window,
        awaits_second, batch,
    )  # fmt: skip
    return recording.record(case, entry)


def _refuse_incomplete(case: Case, decision: Decision, now: datetime) -> None:
    needs_words = decision.answer in (_A.CHANGES_REQUESTED, _A.REJECTED, _A.ESCALATED)
    if needs_words and not decision.given and not decision.words.strip():
        raise errors.ReasonMissing
    if decision.answer is _A.APPROVED_LIMITED:
        _refuse_wrong_limits(case, decision.limits, now)
    for given in decision.given:
        _refuse_wrong_span(case, given)


def _refuse_wrong_limits(case: Case, limits: Limits, now: datetime) -> None:
    if not limits:
        raise errors.LimitsMissing
    if case.subject != Case.Subject.TEMPLATE_VERSION:  # nobody counts or ends what else was approved
        raise errors.LimitsWrong("Limits are kept for templates only; approve it, or send it back.")
    if strange := sorted(set(limits.marketplaces) - set(case.marketplaces)):
        raise errors.LimitsWrong(
            f"This text is not meant for {', '.join(strange)}; choose among {', '.join(case.marketplaces)}."
        )
    if limits.volume is not None and limits.volume < 1:
        raise errors.LimitsWrong("A number of messages begins at 1; to let none out, reject it.")
    if limits.until is not None and limits.until <= now:
        raise errors.LimitsWrong("The last day has passed already; choose a later one, or reject it.")


def _refuse_wrong_span(case: Case, given: Given) -> None:
    """A reason tied to words names a language and a place in its subject or body."""
    find(given.code)
    if given.end <= given.start:
        return
    sources = [str(d.get(given.where, "")) for d in case.drafts if d["language"] == given.language]
    if not sources or given.start < 0 or given.end > len(sources[0]):
        raise errors.SpanWrong(given.code)


def _accepted(case: Case, decision: Decision) -> list[Finding]:
    if decision.answer not in Verdict.APPROVALS:
        return []
    held = recording.holding_findings(case)
    for finding in held:
        if finding.outcome is Outcome.BLOCK and not finding.overridable:
            raise errors.NotOverridable(finding)
    return held if decision.accepted is None else list(decision.accepted)


def _free_for(reviewer: User, cases: QuerySet[Case]) -> list[Case]:
    of_theirs = Membership.objects.filter(user=reviewer).filter(
        Q(seller_id=OuterRef("seller_id")) | Q(agency_id=OuterRef("seller__agency_id"))
    )
    free = Q(lease__isnull=True) | Q(leased_until__lte=Now()) | Q(leased_to=reviewer)
    rows = cases.filter(free).exclude(Exists(of_theirs)).exclude(submitted_by=reviewer)
    rows = rows.exclude(barred__contains=[reviewer.pk]).order_by("pk")
    return list(
        rows.select_for_update(of=("self",), skip_locked=True).select_related("seller", "known_answer")
    )
