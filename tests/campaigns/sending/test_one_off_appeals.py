"""A message by hand that was sent back: appealed, heard by another person, and told to its author."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Connection, User
from accounts.roles import Role
from campaigns.domain.states import State
from campaigns.domain.vocabulary import Channel, Purpose
from campaigns.models import Message
from campaigns.services import appeals, one_off
from compliance.engine import run
from compliance.engine.types import Finding, Outcome
from compliance.errors import AppealedAlready, AppealHeard, AppealTooLate
from compliance.models import Case, Verdict
from compliance.services import deciding, holding
from compliance.services.deciding import Decision
from tests.accounts.makers import make_member
from tests.campaigns.sending.helpers import again, make_due
from tests.compliance.desk.makers import lead, reviewer

A = Verdict.Answer
WORDS = one_off.Words("Guten Tag, Ihre Lampe kommt morgen.", "de", "Ihre Bestellung")


@pytest.fixture
def author(account: Connection) -> User:
    return make_member(Role.SELLER_MANAGER, account.seller)


@pytest.fixture
def message(account: Connection, author: User, monkeypatch: pytest.MonkeyPatch) -> Message:
    """Doubtful, and waiting for a reviewer."""
    found = (Finding("no-shouting", "C1", Outcome.REVIEW, "Too loud.", "LAMPE"),)
    monkeypatch.setattr(run, "check", lambda draft, rules=(): run.Report(found, "pack-1", 0.0))
    order = make_due(account, state=State.CANCELLED, reason="campaign_ended").order
    return one_off.write(order, Channel.RELAY_EMAIL, Purpose.ORDER_PROBLEM, WORDS, author)


def case_of(message: Message) -> Case:
    return Case.objects.get(subject_id=message.public_id)


def answer(message: Message, answer: Verdict.Answer, ago: timedelta = timedelta()) -> Verdict:
    by, case, now = reviewer(), case_of(message), timezone.now() - ago
    holding.take(case.pk, by)
    told = deciding.decide(case.pk, Decision(answer, "Because."), reviewer=by, now=now)
    one_off.read_verdicts(timezone.now())
    return told


def dispute(message: Message) -> None:
    appeals.dispute_message(message, "The lamp is called that.", user=None, now=timezone.now())


def test_granted_it_is_planned_again(message: Message) -> None:
    answer(message, A.REJECTED)
    assert again(message).state == State.CANCELLED
    dispute(message)
    assert again(message).state == State.CANCELLED, "nothing goes out before it is heard"
    answer(message, A.APPROVED)
    assert again(message).state == State.PLANNED


def test_upheld_it_stays_stopped_and_is_not_heard_once_more(message: Message) -> None:
    answer(message, A.REJECTED)
    dispute(message)
    answer(message, A.REJECTED)
    assert again(message).state == State.CANCELLED
    with pytest.raises(AppealHeard):
        dispute(message)


def test_it_is_heard_once_and_within_fourteen_days(message: Message) -> None:
    answer(message, A.CHANGES_REQUESTED, ago=timedelta(days=15))
    with pytest.raises(AppealTooLate):
        dispute(message)
    assert case_of(message).status == Case.Status.WITH_AUTHOR


def test_a_second_appeal_changes_nothing(message: Message) -> None:
    answer(message, A.REJECTED)
    dispute(message)
    with pytest.raises(AppealedAlready):
        dispute(message)


def test_without_an_answer_there_is_nothing_to_appeal(message: Message) -> None:
    with pytest.raises(appeals.NothingDecided):
        dispute(message)


def test_every_answer_of_a_person_reaches_the_author_by_mail(
    message: Message, author: User, mailoutbox, django_capture_on_commit_callbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answer(message, A.REJECTED)
        dispute(message)
        answer(message, A.REJECTED)
        one_off.read_verdicts(timezone.now())
    assert [mail.to for mail in mailoutbox] == [[author.email]] * 2
    assert "rejected" in mailoutbox[0].subject
    assert f"/messages/{message.public_id}/" in mailoutbox[0].body


def test_a_correction_stops_what_has_not_gone_yet(message: Message) -> None:
    old = answer(message, A.APPROVED)
    assert again(message).state == State.PLANNED
    deciding.correct(old.pk, Decision(A.REJECTED, "A miss."), reviewer=lead(), now=timezone.now())
    one_off.read_verdicts(timezone.now())
    assert (again(message).state, again(message).reason) == (State.CANCELLED, "text_rejected")


def test_what_may_still_be_undone_is_not_taken_in(message: Message) -> None:
    by, case = reviewer(), case_of(message)
    holding.take(case.pk, by)
    deciding.decide(
        case.pk, Decision(A.APPROVED), reviewer=by, now=timezone.now(), window=timedelta(seconds=10)
    )
    assert one_off.read_verdicts(timezone.now()) == 0
    assert again(message).state == State.HELD
