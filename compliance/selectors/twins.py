"""Texts that are the same: approved before, or waiting beside this one."""

import uuid

from django.db.models import QuerySet

from compliance.desk.queues import Queue
from compliance.drafts import finding_from_json
from compliance.engine.types import Outcome
from compliance.models import AcceptedFinding, Case, Verdict
from compliance.policy import Accepted


def approved_before(case: Case) -> Verdict | None:
    """The approval of this very text for this seller, if it was the last answer, unlimited, and covers what is found now."""
    last = answered_before(case)
    if last is None or last.answer != Verdict.Answer.APPROVED:
        return None
    return last if _held(case) <= set(last.accepted.values_list("rule", "where", "words_hash")) else None


def answered_before(case: Case) -> Verdict | None:
    """The last answer that counts on this very text of this seller, in an earlier case."""
    same = Verdict.objects.standing().filter(
        case__seller_id=case.seller_id, case__content_hash=case.content_hash, case__known_answer__isnull=True
    )
    return same.exclude(case=case).order_by("-pk").first()


def accepted_on(subject_id: uuid.UUID) -> list[Accepted]:
    """What standing verdicts accept on one subject."""
    rows = AcceptedFinding.objects.filter(subject_id=subject_id, verdict__in=Verdict.objects.standing())
    return [Accepted(row.rule, row.words_hash, row.where, row.is_override) for row in rows]


def waiting_alike(case: Case) -> QuerySet[Case]:
    """Other new cases with the very same text, whoever submitted it: an agency's roll-out to fifty clients."""
    return Case.objects.filter(
        content_hash=case.content_hash,
        status=Case.Status.WAITING,
        queue=Queue.NEW,
        approval=Case.Approval.NONE,
    ).exclude(pk=case.pk)


def is_held_alike(one: Case, other: Case) -> bool:
    """The rules hold both for the same words: store names differ, and may be what a rule saw."""
    return _held(one) == _held(other)


def _held(case: Case) -> set[tuple[str, str, str]]:
    found = (finding_from_json(f) for part in case.snapshot for f in part["findings"])
    return {(f.rule, f.where, f.words_hash) for f in found if f.outcome >= Outcome.REVIEW and not f.shadow}
