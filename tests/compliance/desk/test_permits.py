"""Every action, in every state, by every role, in every relation: the table, held against the services with real rows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import Seller, User
from accounts.roles import Role
from compliance import errors
from compliance.desk.permits import UNDO_WINDOW
from compliance.desk.queues import Queue
from compliance.engine.types import Finding, Outcome
from compliance.models import Case, Verdict
from compliance.services import deciding, holding, notes, recording, review, undoing
from compliance.services.deciding import Decision
from compliance.services.recording import Limits
from tests.accounts.makers import give, make_agency, make_member
from tests.compliance.desk.makers import reviewer, submit

A = Verdict.Answer
LATER = timedelta(hours=1)
DONE = None


# --- states: each leaves a case in it, `me` being who acts afterwards ------------------------------------------------
def _waiting(case: Case, me: User) -> None: ...


def _mine(case: Case, me: User) -> None:
    _hold(case, me, LATER)


def _lapsed(case: Case, me: User) -> None:
    _hold(case, me, -LATER)


def _others(case: Case, me: User) -> None:
    _hold(case, reviewer(), LATER)


def _queue(queue: Queue) -> Callable[[Case, User], None]:
    def put(case: Case, me: User) -> None:
        Case.objects.filter(pk=case.pk).update(queue=queue)
        _hold(case, me, LATER)

    return put


def _answered(answer: Verdict.Answer, window: timedelta = timedelta()) -> Callable[[Case, User], None]:
    def put(case: Case, me: User) -> None:
        by = reviewer()
        holding.take(case.pk, by)
        deciding.decide(
            case.pk, Decision(answer, "Words."), reviewer=by, now=timezone.now() - UNDO_WINDOW, window=window
        )

    return put


def _withdrawn(case: Case, me: User) -> None:
    review.withdraw(case.seller, case.subject, case.subject_id, now=timezone.now())


def _hold(case: Case, by: User, until: timedelta) -> None:
    now = timezone.now()
    Case.objects.filter(pk=case.pk).update(
        leased_to=by, lease="7" * 32, leased_at=now - LATER, leased_until=now + until
    )


STATES: dict[str, Callable[[Case, User], None]] = {
    "waiting": _waiting, "mine": _mine, "lapsed": _lapsed, "others": _others, "second": _queue(Queue.SECOND),
    "appeal": _queue(Queue.APPEAL), "audit": _queue(Queue.AUDIT), "rescan": _queue(Queue.RESCAN),
    "escalated": _queue(Queue.ESCALATED), "approved": _answered(A.APPROVED), "rejected": _answered(A.REJECTED),
    "with_author": _answered(A.CHANGES_REQUESTED), "withdrawn": _withdrawn,
}  # fmt: skip
HELD = {"mine", "second", "appeal", "audit", "rescan", "escalated"}
ANSWERED = {"approved", "rejected", "with_author"}


# --- relations ---------------------------------------------------------------------------------------------------------
def _stranger(case: Case, me: User) -> None: ...


def _member(case: Case, me: User) -> None:
    give(me, Role.SELLER_OWNER, case.seller)


def _agency(case: Case, me: User) -> None:
    case.seller.agency = make_agency()
    case.seller.save()
    give(me, Role.AGENCY_MANAGER, case.seller.agency)


def _author(case: Case, me: User) -> None:
    Case.objects.filter(pk=case.pk).update(submitted_by=me)


def _before(case: Case, me: User) -> None:
    Case.objects.filter(pk=case.pk).update(barred=[me.pk])


RELATIONS = {
    "stranger": _stranger, "member": _member, "agency": _agency, "author": _author, "decided before": _before,
}  # fmt: skip
INVOLVED = {"member", "agency", "author"}
ROLES = {"reviewer": Role.REVIEWER, "lead": Role.LEAD_REVIEWER}


# --- actions -----------------------------------------------------------------------------------------------------------
def _decide(answer: Verdict.Answer, **fields: object) -> Callable[[Case, User], object]:
    def act(case: Case, me: User) -> object:
        decision = Decision(answer, "Words.", **fields)  # type: ignore[arg-type]
        return deciding.decide(case.pk, decision, reviewer=me, now=timezone.now())

    return act


def _last(case: Case) -> Verdict:
    return recording.last_answer(case) or Verdict(pk=0)


def _correct(case: Case, me: User) -> object:
    wanted = A.REJECTED if _last(case).answer != A.REJECTED else A.APPROVED
    return deciding.correct(_last(case).pk, Decision(wanted, "Words."), reviewer=me, now=timezone.now())


def _undo(case: Case, me: User) -> object:
    return undoing.undo(_last(case).pk, reviewer=me)


def _appeal(case: Case, me: User) -> object:
    """By the seller's side; who is named in it changes nothing."""
    return review.dispute(case.seller, _last(case).pk, "It is permitted.", user=me, now=timezone.now())


def _appeal_by_another_seller(case: Case, me: User) -> object:
    other = Seller.objects.exclude(pk=case.seller_id).first()
    return review.dispute(other, _last(case).pk, "It is permitted.", user=me, now=timezone.now())


def _withdraw(case: Case, me: User) -> object:
    if not review.withdraw(case.seller, case.subject, case.subject_id, now=timezone.now()):
        raise NothingWithdrawn
    return None


def _note(case: Case, me: User) -> object:
    return notes.add(case, "Look twice.", author=me)


class NothingWithdrawn(errors.DeskError):
    """Only here: `withdraw` answers how many it took back."""

    def __init__(self) -> None:
        super().__init__("Nothing of it waits unanswered, so nothing was taken back.")


DECISIONS: dict[str, Callable[[Case, User], object]] = {
    "approve": _decide(A.APPROVED), "limit": _decide(A.APPROVED_LIMITED, limits=Limits(volume=5)),
    "request changes": _decide(A.CHANGES_REQUESTED), "reject": _decide(A.REJECTED), "escalate": _decide(A.ESCALATED),
}  # fmt: skip
ACTIONS = {
    "take": lambda case, me: holding.take(case.pk, me),
    **DECISIONS,
    "correct": _correct,
    "undo": _undo,
    "appeal": _appeal,
    "appeal by another seller": _appeal_by_another_seller,
    "withdraw": _withdraw,
    "note": _note,
}


def expected(action: str, state: str, role: str, relation: str) -> type[Exception] | None:
    """The desk's law, in the order in which it is told."""
    if action == "undo":
        return errors.NotYours if state in ANSWERED else Verdict.DoesNotExist
    if action == "correct":
        return expected_of_correction(state, role, relation)
    if action in THE_SELLERS:
        return expected_of_the_seller(action, state)
    if action == "note":
        return errors.OwnSeller if relation in ("member", "agency") else DONE
    if state == "withdrawn":
        return errors.StaleCase
    if state in ANSWERED:
        return errors.AlreadyDecided
    if relation in INVOLVED:
        return errors.OwnSeller
    if relation == "decided before":
        return errors.SamePerson
    if state == "escalated" and role != "lead":
        return errors.LeadsOnly
    if state == "others":
        return errors.HeldByAnother
    if action == "take" or state in HELD:
        return DONE
    return errors.LeaseLapsed if state == "lapsed" else errors.NotTaken


#: What the seller's side does: the desk's roles and relations are nothing to it.
THE_SELLERS = {"appeal", "appeal by another seller", "withdraw"}


def expected_of_the_seller(action: str, state: str) -> type[Exception] | None:
    if action == "withdraw":
        return NothingWithdrawn if state in {*ANSWERED, "withdrawn"} else DONE
    if state not in ANSWERED or action == "appeal by another seller":
        return Verdict.DoesNotExist
    return errors.NotAppealable if state == "approved" else DONE


def expected_of_correction(state: str, role: str, relation: str) -> type[Exception] | None:
    if state not in ANSWERED:
        return Verdict.DoesNotExist
    if relation in INVOLVED:
        return errors.OwnSeller
    if role != "lead":
        return errors.LeadsOnly
    return errors.SamePerson if relation == "decided before" else DONE


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("relation", RELATIONS)
def test_every_action_in_every_state_by_every_role_in_every_relation(seller, state, relation):
    for role, named in ROLES.items():
        with undone():
            me, case = make_member(named), submit(seller)
            STATES[state](case, me)
            RELATIONS[relation](case, me)
            for action, act in ACTIONS.items():
                with undone():
                    before = _standing(case)
                    wanted = expected(action, state, role, relation)
                    assert _outcome(act, case, me) == wanted, f"{action}, {state}, {role}, {relation}"
                    assert wanted is DONE or _standing(case) == before, f"{action} changed a refused case"


def _outcome(act: Callable[[Case, User], object], case: Case, me: User) -> type[Exception] | None:
    try:
        with transaction.atomic():
            act(case, me)
    except (errors.DeskError, Verdict.DoesNotExist) as refused:
        return type(refused)
    return DONE


def _standing(case: Case) -> tuple[object, ...]:
    row = Case.objects.filter(pk=case.pk).values_list().get()
    return (*row, case.verdicts.count())


def test_every_refusal_says_what_to_do():
    """A sentence, with a full stop, that does not only name the trouble."""
    for kind in errors.DeskError.__subclasses__():
        if kind in (
            errors.LimitsWrong,
            NothingWithdrawn,
        ):  # each of its sentences is written where it is raised
            continue
        wanted = kind.__init__.__code__.co_argcount - 1
        given = {1: ["The text"], 2: ["The text", "Ana"], 0: []}[wanted]
        if kind is errors.NotOverridable:
            given = [Finding("no-emoji", "D2", Outcome.BLOCK, "An emoji.")]
        words = str(kind(*given))
        assert words.endswith("."), kind
        assert len(words.split()) > 6, kind
