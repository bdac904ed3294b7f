"""The desk watched: a share of what was approved is looked at again, and texts with a known answer are mixed in."""

import secrets
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import Membership, User
from accounts.services import audit
from compliance.desk import trust
from compliance.desk.permits import LEASE
from compliance.desk.queues import QUEUES, Queue
from compliance.desk.sampling import is_drawn
from compliance.desk.trust import Standing
from compliance.drafts import draft_from_json, text_hash
from compliance.errors import ReasonMissing
from compliance.models import Case, HandOut, KnownAnswer, Verdict
from compliance.services import calendar, recording

#: A decision is drawn only once it counts for certain.
SETTLED_AFTER = timedelta(minutes=1)
_BATCH = 500


@transaction.atomic
def draw(now: datetime) -> int:
    """Draw among what was decided since the last time; answers how many wait for audit now. May run twice at once."""
    rows = Case.objects.filter(
        status=Case.Status.DECIDED, is_drawn__isnull=True, decided_at__lt=now - SETTLED_AFTER
    )
    cases = list(rows.select_for_update(skip_locked=True).order_by("decided_at")[:_BATCH])
    deciders = {
        v.case_id: v.reviewer_id for v in Verdict.objects.final().filter(case__in=cases).order_by("pk")
    }
    for case in cases:
        _consider(case, deciders.get(case.pk), now)
    Case.objects.bulk_update(cases, recording.MOVED, batch_size=_BATCH)
    return sum(bool(case.is_drawn) for case in cases)


def _consider(case: Case, decider: int | None, now: datetime) -> None:
    was_approved = case.approval in Verdict.APPROVALS and case.known_answer_id is None
    case.is_drawn = was_approved and is_drawn(case.public_id, _share(case, decider))
    if case.is_drawn:
        recording.requeue(case, Queue.AUDIT, now)
        case.barred = [*case.barred, *([decider] if decider else [])]
        case.why = ["It was approved, and drawn to be looked at once more."]


def _share(case: Case, decider: int | None) -> int:
    """In 100."""
    if decider:
        return int(settings.REVIEW_AUDIT_PERSON)
    is_new = trust.judge(trust.Record(**case.record)).standing is Standing.NEW if case.record else True
    return int(settings.REVIEW_AUDIT_NEW if is_new else settings.REVIEW_AUDIT_TRUSTED)


@transaction.atomic
def make_known(case: Case, answer: Verdict.Answer, lesson: str, *, user: User) -> KnownAnswer:
    """From now on this text is mixed in, with what its right answer teaches. Raises ReasonMissing without a lesson."""
    if not lesson.strip():
        raise ReasonMissing
    audit.record("case.made_known", actor=user, seller=case.seller, target=str(case.public_id), answer=answer)
    return KnownAnswer.objects.create(
        seller=case.seller, title=case.title, snapshot=case.snapshot, pack=case.pack, answer=answer,
        lesson=lesson.strip(), added_by=user,
    )  # fmt: skip


def mix_in(reviewer: User) -> Case | None:
    """Now and then a text whose answer is known, held by the reviewer already; it looks like any other new case."""
    every = settings.REVIEW_KNOWN_EVERY
    if every < 1 or secrets.randbelow(every):
        return None
    known = _unseen_by(reviewer)
    return plant(known, reviewer) if known else None


def _unseen_by(reviewer: User) -> KnownAnswer | None:
    """Never of a seller the reviewer belongs to, one they made known, or one they have had."""
    seen = Case.objects.filter(known_answer=OuterRef("pk"), hand_outs__reviewer=reviewer)
    theirs = Membership.objects.filter(user=reviewer).filter(
        Q(seller_id=OuterRef("seller_id")) | Q(agency_id=OuterRef("seller__agency_id"))
    )
    rows = KnownAnswer.objects.filter(is_active=True).exclude(added_by=reviewer)
    return rows.exclude(Exists(seen)).exclude(Exists(theirs)).select_related("seller").order_by("?").first()


def plant(known: KnownAnswer, reviewer: User) -> Case:
    """A case of its own for this reviewer, held already, that looks as if it had waited a while."""
    now, subject_id, lease = timezone.now(), uuid.uuid4(), uuid.uuid4()
    drafts = [draft_from_json(part["draft"]) for part in known.snapshot]
    submitted_at = now - timedelta(minutes=20 + secrets.randbelow(120))
    case = Case.objects.create(
        seller=known.seller, subject=Case.Subject.TEMPLATE_VERSION, subject_id=subject_id, series_id=subject_id,
        title=known.title, snapshot=known.snapshot, pack=known.pack, known_answer=known,
        purpose=drafts[0].purpose, medium=drafts[0].medium, content_hash=text_hash(drafts),
        languages=sorted({d.primary_language for d in drafts}), marketplaces=sorted({d.marketplace for d in drafts}),
        submitted_at=submitted_at, queued_at=submitted_at,
        due_at=calendar.current().due(submitted_at, QUEUES[Queue.NEW].target),
    )  # fmt: skip
    case.why = list(dict.fromkeys(f.message for f in recording.holding_findings(case)))
    case.save(update_fields=["why"])
    Case.objects.filter(pk=case.pk).update(
        leased_to=reviewer, lease=lease, leased_at=Now(), leased_until=Now() + LEASE
    )
    HandOut.objects.create(case=case, reviewer=reviewer, lease=lease, at=Now())
    return Case.objects.select_related("seller").get(pk=case.pk)
