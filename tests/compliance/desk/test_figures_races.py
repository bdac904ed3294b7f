"""Summing a day while one of its verdicts is being overturned: whichever comes first, the day ends up counted right."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Membership, User
from compliance.models import DeskDay, Verdict
from compliance.selectors import figures as selectors
from compliance.services import deciding, figures, holding
from compliance.services.deciding import Decision
from tests.compliance.desk.makers import lead, reviewer, submit

A = Verdict.Answer
AGO = timedelta(days=3)


@pytest.fixture
def db(django_db_setup, django_db_blocker):
    """Rows are really committed here. (Under this name pytest-django makes the database.)"""
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def people(db):
    """A reviewer and a lead, gone after the seller whose cases they decided."""
    found = [reviewer(), lead()]
    yield found
    DeskDay.objects.all().delete()
    Membership.objects.filter(user__in=found).delete()
    User.objects.filter(pk__in=[user.pk for user in found]).delete()


def overturned() -> int:
    day = selectors.day_of(timezone.now() - AGO)
    return selectors.by_day([day])[day].all.overturned


@pytest.mark.parametrize("is_summed", [False, True])
def test_a_day_is_not_summed_past_a_correction_that_is_being_written(people, live_seller, is_summed):
    """`is_summed`: the day was summed before, so that the correction makes it forgotten."""
    by, boss = people
    case = submit(live_seller, now=timezone.now() - AGO - timedelta(hours=1))
    holding.take(case.pk, by)
    old = deciding.decide(case.pk, Decision(A.APPROVED), reviewer=by, now=timezone.now() - AGO)
    if is_summed:
        figures.roll_up(timezone.now())

    def sum_up() -> None:
        try:
            figures.roll_up(timezone.now())
        finally:
            connection.close()

    tick = threading.Thread(target=sum_up)
    with transaction.atomic():
        deciding.correct(old.pk, Decision(A.REJECTED, "A miss."), reviewer=boss, now=timezone.now())
        tick.start()
        tick.join(1)  # it waits for this transaction, or has nothing to do
    tick.join()
    assert overturned() == 1
