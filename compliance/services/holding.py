"""Who holds which case: handing out, taking, keeping, giving back. Every lease runs by the database's clock."""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.db.models.functions import Now

from accounts.database import connection
from accounts.locks import Lock
from accounts.models import Membership, User
from accounts.roles import AS_OPERATOR, Permission
from compliance.desk import permits
from compliance.desk.permits import LEASE, Action, Hold, Situation
from compliance.desk.queues import Queue, open_to
from compliance.models import Case, HandOut
from compliance.services import audits, recording

#: For how long a skipped case is not handed to the same reviewer again.
SKIPPED_FOR = timedelta(minutes=30)
_LEADS = tuple(role for role, granted in AS_OPERATOR.items() if Permission.REVIEW_LEAD in granted)

_HAND_OUT = """
WITH chosen AS MATERIALIZED (
    SELECT c.id FROM public.compliance_case c JOIN public.accounts_seller s ON s.id = c.seller_id
    WHERE c.status = 'waiting' AND c.queue = ANY(%(queues)s) AND c.queued_at <= statement_timestamp()
      AND (c.lease IS NULL OR c.leased_until <= statement_timestamp())
      AND NOT (%(me)s = ANY(c.barred)) AND c.submitted_by_id IS DISTINCT FROM %(me)s
      AND NOT EXISTS (SELECT FROM public.accounts_membership m
                      WHERE m.user_id = %(me)s AND (m.seller_id = s.id OR m.agency_id = s.agency_id))
      AND NOT EXISTS (SELECT FROM public.compliance_handout h
                      WHERE h.case_id = c.id AND h.reviewer_id = %(me)s AND h."end" = 'skipped'
                        AND h.ended_at > statement_timestamp() - %(skipped_for)s)
    ORDER BY c.due_at, c.id LIMIT 1 FOR UPDATE OF c SKIP LOCKED
), lapsed AS (
    UPDATE public.compliance_handout h SET ended_at = statement_timestamp(), "end" = 'lapsed'
    FROM chosen WHERE h.case_id = chosen.id AND h.ended_at IS NULL
), taken AS (
    UPDATE public.compliance_case c
    SET leased_to_id = %(me)s, lease = gen_random_uuid(), leased_at = statement_timestamp(),
        leased_until = statement_timestamp() + %(lasts)s
    FROM chosen WHERE c.id = chosen.id RETURNING c.id, c.lease
)
INSERT INTO public.compliance_handout (case_id, reviewer_id, lease, at, "end", reason)
SELECT id, %(me)s, lease, statement_timestamp(), '', '' FROM taken RETURNING case_id
"""


@transaction.atomic
def hand_out(reviewer: User, queues: Collection[Queue] | None = None) -> Case | None:
    """The case that is due first, leased to the reviewer; the one already held, where there is one; None: nothing waits.

    One statement, rows that others are taking are stepped over. Never a case of a seller the reviewer belongs to, one they
    wrote or decided before, or one they skipped within half an hour.
    """
    _one_at_a_time(reviewer)
    mine = held(reviewer)
    if mine is not None:
        return mine
    planted = audits.mix_in(reviewer) if queues is None or Queue.NEW in queues else None
    if planted is not None:
        return planted
    wanted = [q for q in open_to(is_lead(reviewer)) if queues is None or q in queues]
    parameters = {"me": reviewer.pk, "queues": wanted, "lasts": LEASE, "skipped_for": SKIPPED_FOR}
    with connection.cursor() as cursor:
        cursor.execute(_HAND_OUT, parameters)
        row = cursor.fetchone()
    return Case.objects.select_related("seller").get(pk=row[0]) if row else None


@transaction.atomic
def take(case_id: int, reviewer: User) -> Case:
    """Lease this very case, giving back another one held. Raises a DeskError that says who has it or why not."""
    _one_at_a_time(reviewer)
    case = lock(case_id)
    at = situation(case, reviewer)
    if refused := permits.refusal(Action.TAKE, at):
        raise refused
    if at.hold is not Hold.MINE:
        _give_back_all(reviewer)
        _lease(case, reviewer)
    return renewed(case, reviewer)


def renew(case_id: int, reviewer: User) -> datetime | None:
    """Five minutes from now, after a sign of activity; None: it is no longer held (do not decide, take it again)."""
    changed = _live().filter(pk=case_id, leased_to=reviewer).update(leased_until=Now() + LEASE)
    return Case.objects.values_list("leased_until", flat=True).get(pk=case_id) if changed else None


@transaction.atomic
def give_back(
    case_id: int, reviewer: User, *, end: HandOut.End = HandOut.End.RELEASED, reason: str = ""
) -> bool:
    """Free it for others; SKIPPED keeps it from this reviewer for half an hour. False: it was not held any more."""
    case = lock(case_id)
    if case.lease is None or case.leased_to_id != reviewer.pk:
        return False
    close_hand_out(case, end, reason)
    recording.end_lease(case)
    case.save(update_fields=["leased_to", "lease", "leased_at", "leased_until"])
    return True


def held(reviewer: User) -> Case | None:
    """What the reviewer holds now."""
    return _live().filter(leased_to=reviewer, status=Case.Status.WAITING).select_related("seller").first()


def lock(case_id: int) -> Case:
    """The case, its row locked until the transaction ends. `is_live`: its lease has not run out by the database's clock."""
    rows = Case.objects.select_for_update(of=("self",)).select_related("seller", "leased_to", "known_answer")
    return _with_liveness(rows).get(pk=case_id)


def situation(case: Case, reviewer: User | None) -> Situation:
    """A locked case as `permits` wants it. Two queries."""
    if reviewer is None:
        hold = Hold.OTHERS if _is_live(case) else Hold.FREE
        return Situation(
            case.title, case.status, case.queue, hold, str(case.leased_to or ""), is_person=False
        )
    return Situation(
        case.title, case.status, case.queue, _hold(case, reviewer), str(case.leased_to or ""), True, is_lead(reviewer),
        case.submitted_by_id == reviewer.pk or belongs_to(reviewer, case), reviewer.pk in case.barred,
    )  # fmt: skip


def belongs_to(reviewer: User, case: Case) -> bool:
    """Any role in the seller, or in the agency that manages it, whether assigned to this seller or not."""
    agency_id = case.seller.agency_id
    of_agency = Q(agency_id=agency_id) if agency_id else Q(pk__in=())
    return Membership.objects.filter(Q(seller_id=case.seller_id) | of_agency, user=reviewer).exists()


def is_lead(reviewer: User) -> bool:
    return Membership.objects.filter(user=reviewer, role__in=_LEADS, seller=None, agency=None).exists()


def close_hand_out(case: Case, end: HandOut.End, reason: str = "") -> None:
    running = HandOut.objects.filter(case=case, ended_at__isnull=True)
    running.update(ended_at=Now(), end=end, reason=reason[:200])


def renewed(case: Case, reviewer: User) -> Case:
    renew(case.pk, reviewer)
    return Case.objects.select_related("seller").get(pk=case.pk)


def _lease(case: Case, reviewer: User) -> None:
    lease = uuid.uuid4()
    Case.objects.filter(pk=case.pk).update(
        leased_to=reviewer, lease=lease, leased_at=Now(), leased_until=Now() + LEASE
    )
    HandOut.objects.filter(case=case, ended_at__isnull=True).update(ended_at=Now(), end=HandOut.End.LAPSED)
    HandOut.objects.create(case=case, reviewer=reviewer, lease=lease, at=Now())


def _give_back_all(reviewer: User) -> None:
    for pk in _live().filter(leased_to=reviewer).values_list("pk", flat=True):
        give_back(pk, reviewer)


def _live() -> QuerySet[Case]:
    return Case.objects.filter(lease__isnull=False, leased_until__gt=Now())


def _is_live(case: Case) -> bool:
    return bool(getattr(case, "is_live", False))


def _hold(case: Case, reviewer: User) -> Hold:
    if case.lease is None:
        return Hold.FREE
    if case.leased_to_id == reviewer.pk:
        return Hold.MINE if _is_live(case) else Hold.LAPSED
    return Hold.OTHERS if _is_live(case) else Hold.FREE


def _one_at_a_time(reviewer: User) -> None:
    """Two clicks of one reviewer at once do not take two cases."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [Lock.DESK, reviewer.pk])


def seen(case: Case) -> Case:
    """The case as `situation` wants it, without a lock: to show what can be pressed."""
    case.is_live = _live().filter(pk=case.pk).exists()  # type: ignore[attr-defined]
    return case


def _with_liveness(rows: QuerySet[Case]) -> QuerySet[Case]:
    is_live = ExpressionWrapper(Q(lease__isnull=False, leased_until__gt=Now()), output_field=BooleanField())
    return rows.annotate(is_live=is_live)
