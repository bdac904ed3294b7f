"""Who is handed what: the case due first, one reviewer a case, one case a reviewer, and never one's own."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Agency, User
from accounts.roles import Role
from compliance.desk.queues import Queue
from compliance.errors import (
    AlreadyDecided,
    HeldByAnother,
    LeadsOnly,
    LeaseLapsed,
    NotTaken,
    OwnSeller,
    StaleCase,
    StaleView,
)
from compliance.models import Case, HandOut, Verdict
from compliance.services import deciding, holding, review
from compliance.services.deciding import Decision
from tests.accounts.makers import give, make_agency
from tests.compliance.desk.makers import lead, reviewer, submit

A = Verdict.Answer
MINUTE = timedelta(minutes=1)


def due(case: Case, ago: timedelta) -> Case:
    Case.objects.filter(pk=case.pk).update(due_at=timezone.now() - ago)
    return case


def lapse(case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(leased_until=timezone.now() - MINUTE)


def decide(case, by, **fields):
    return deciding.decide(case.pk, Decision(A.APPROVED), reviewer=by, now=timezone.now(), **fields)


def test_the_case_that_is_due_first_comes_first(seller):
    due(submit(seller), MINUTE)
    first = due(submit(seller), 3 * MINUTE)
    assert holding.hand_out(reviewer()) == first


def test_two_reviewers_are_handed_two_cases_and_a_third_none(seller):
    submit(seller), submit(seller)
    handed = [holding.hand_out(reviewer()) for _ in range(3)]
    assert handed[2] is None
    assert len({case.pk for case in handed[:2]}) == 2


def test_who_holds_a_case_is_handed_it_again(seller):
    submit(seller), submit(seller)
    by = reviewer()
    assert holding.hand_out(by) == holding.hand_out(by)
    assert HandOut.objects.filter(reviewer=by).count() == 1


def test_after_five_idle_minutes_another_is_handed_it(seller):
    case, slow, quick = submit(seller), reviewer(), reviewer()
    holding.hand_out(slow)
    lapse(case)
    assert holding.hand_out(quick) == case
    assert HandOut.objects.get(reviewer=slow).end == HandOut.End.LAPSED
    with pytest.raises(HeldByAnother):
        decide(case, slow)


def test_a_lapsed_lease_decides_nothing(seller):
    case, by = submit(seller), reviewer()
    holding.take(case.pk, by)
    lapse(case)
    with pytest.raises(LeaseLapsed, match="take it again"):
        decide(case, by)
    assert holding.renew(case.pk, by) is None
    assert not case.verdicts.exists()


def test_activity_renews_the_lease(seller):
    case, by = submit(seller), reviewer()
    holding.take(case.pk, by)
    Case.objects.filter(pk=case.pk).update(leased_until=timezone.now() + MINUTE)
    assert holding.renew(case.pk, by) > timezone.now() + 4 * MINUTE


def test_without_taking_it_nobody_decides(seller):
    case = submit(seller)
    with pytest.raises(NotTaken):
        decide(case, reviewer())


def test_a_skipped_case_goes_to_others_first(seller):
    case, by = submit(seller), reviewer()
    holding.hand_out(by)
    holding.give_back(case.pk, by, end=HandOut.End.SKIPPED, reason="No Finnish")
    assert holding.hand_out(by) is None
    assert holding.hand_out(reviewer()) == case


def test_taking_another_gives_back_the_one_held(seller):
    one, other, by = submit(seller), submit(seller), reviewer()
    holding.take(one.pk, by)
    holding.take(other.pk, by)
    one.refresh_from_db()
    assert one.lease is None
    assert holding.held(by) == other


@pytest.mark.parametrize("relation", ["member", "agency", "unassigned manager", "author"])
def test_nobody_is_handed_or_takes_a_case_of_their_own_seller(seller, relation):
    by = reviewer()
    case = submit(seller, user=by if relation == "author" else None)
    if relation == "member":
        give(by, Role.SELLER_VIEWER, seller)
    elif relation != "author":
        seller.agency = make_agency()
        seller.save()
        give(by, Role.AGENCY_MANAGER if "manager" in relation else Role.AGENCY_ANALYST, seller.agency)
    assert holding.hand_out(by) is None
    with pytest.raises(OwnSeller):
        holding.take(case.pk, by)


def test_another_agencys_staff_may_decide(seller):
    seller.agency = Agency.objects.create(slug="north", name="North")
    seller.save()
    by = reviewer()
    give(by, Role.AGENCY_OWNER, make_agency("south"))
    assert holding.hand_out(by) == submit(seller) or holding.hand_out(by)


def test_escalated_cases_wait_for_a_lead(seller):
    case, by = submit(seller), reviewer()
    holding.take(case.pk, by)
    deciding.decide(
        case.pk, Decision(A.ESCALATED, "Is this a warranty?"), reviewer=by, now=timezone.now() - MINUTE
    )
    case.refresh_from_db()
    assert (case.queue, case.status) == (Queue.ESCALATED, Case.Status.WAITING)
    assert holding.hand_out(reviewer()) is None
    with pytest.raises(LeadsOnly):
        holding.take(case.pk, reviewer())
    assert holding.hand_out(lead()) == case


def test_a_case_decided_meanwhile_is_refused(seller):
    case, by = submit(seller), reviewer()
    holding.take(case.pk, by)
    decide(case, by)
    with pytest.raises(AlreadyDecided):
        decide(case, by)
    assert case.verdicts.count() == 1


def test_a_version_replaced_meanwhile_is_refused(seller):
    case, by = submit(seller, series_id=(series := submit(seller).subject_id)), reviewer()
    holding.take(case.pk, by)
    submit(seller, series_id=series)
    with pytest.raises(StaleCase, match="newer version"):
        decide(case, by)


def test_a_page_that_shows_less_than_there_is_is_refused(seller):
    case, boss = submit(seller), lead()
    holding.take(case.pk, boss)
    with pytest.raises(StaleView):
        decide(case, boss, seen=3)


def test_a_newer_version_takes_over_the_place_in_the_queue_once(seller):
    series = uuid.uuid4()
    first = submit(seller, series_id=series, now=timezone.now() - timedelta(days=3))
    second, third = submit(seller, series_id=series), submit(seller, series_id=series)
    assert second.due_at == first.due_at
    assert third.due_at > second.due_at


def test_taking_back_frees_who_holds_it(seller):
    case, by = submit(seller), reviewer()
    holding.take(case.pk, by)
    review.withdraw(seller, case.subject, case.subject_id, now=timezone.now())
    assert holding.held(by) is None


@pytest.fixture
def crew(django_db_setup, django_db_blocker):
    """Six reviewers, really committed; gone after the seller whose cases they decided."""
    with django_db_blocker.unblock():
        people = [reviewer() for _ in range(6)]
    yield people
    with django_db_blocker.unblock():
        User.objects.filter(pk__in=[by.pk for by in people]).delete()


def test_many_at_once_are_never_handed_the_same(crew, live_seller):
    """Real connections, all at the same moment."""
    cases = {submit(live_seller).pk for _ in range(12)}
    handed: list[int] = []
    start = threading.Barrier(len(crew))

    def work(by) -> None:
        try:
            start.wait()
            while (case := holding.hand_out(by)) is not None:
                handed.append(case.pk)
                decide(case, by)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(by,)) for by in crew]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(handed) == sorted(cases)
    assert Verdict.objects.filter(case_id__in=cases).count() == len(cases)


def test_one_decision_sent_twice_at_once_is_written_once(crew, live_seller):
    """A key held down, two tabs: the second comes while the first is being written."""
    case, by = submit(live_seller), crew[0]
    holding.take(case.pk, by)
    start, refused = threading.Barrier(4), []

    def work() -> None:
        try:
            start.wait()
            decide(case, by)
        except AlreadyDecided:
            refused.append(case.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert case.verdicts.count() == 1
    assert len(refused) == 3
