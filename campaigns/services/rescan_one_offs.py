"""Messages written by hand that wait, under a changed rule pack: the gate would stop them too, but only when they are due."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import Seller, User
from accounts.services import mail, people
from campaigns.domain.states import OPEN, State
from campaigns.models import Message
from campaigns.services import moves, one_off
from campaigns.services.moves import Move
from compliance import selectors as reviews
from compliance.engine.types import Finding, Outcome
from compliance.models import Case
from compliance.policy import Verdict
from compliance.services import checks, review

#: They live for three days and are written one by one: a seller has few of them.
LIMIT = 500
_LOOK_AGAIN = timedelta(minutes=15)


@dataclass(frozen=True)
class Stopped:
    """A message that breaks a rule now, and the findings' sentences."""

    message: Message
    sentences: Sequence[str]


def rescan(seller: Seller, now: datetime) -> list[Stopped]:
    """End what breaks a rule now and tell its author and the owners; hold what is doubted until a person has looked. May run
    twice: what was ended or held is not met again."""
    waiting = list(_waiting())
    accepted = reviews.accepted_for([message.public_id for message in waiting])
    stopped = []
    for message in waiting:
        verdict = checks.judge(one_off.draft_of(message), accepted[message.public_id])
        if verdict.outcome is Outcome.BLOCK and (found := _end(seller, message, verdict, now)):
            stopped.append(found)
        elif verdict.outcome is Outcome.REVIEW and message.state == State.PLANNED:
            _hold(seller, message, verdict, now)
    if stopped:
        mail.send("one_off_stopped", _readers(seller, stopped), seller=seller, stopped=stopped)
    return stopped


def _waiting() -> Collection[Message]:
    rows = Message.objects.filter(campaign=None, version=None, state__in=sorted(OPEN)).exclude(body="")
    return rows.select_related("order").order_by("pk")[:LIMIT]


@transaction.atomic
def _end(seller: Seller, message: Message, verdict: Verdict, now: datetime) -> Stopped | None:
    broken = [f for f in verdict.reasons if f.outcome is Outcome.BLOCK]
    move = Move(message.pk, State.BLOCKED, "text_blocked", _detail(broken))
    if not moves.apply([move], OPEN):  # a worker has it: the gate looks at it
        return None
    review.withdraw(seller, Case.Subject.ONE_OFF, message.public_id, now=now)
    return Stopped(message, list(dict.fromkeys(f"{f.message} (rule {f.rule})" for f in broken)))


@transaction.atomic
def _hold(seller: Seller, message: Message, verdict: Verdict, now: datetime) -> None:
    move = Move(message.pk, State.HELD, "text_needs_review", _detail(verdict.reasons), _LOOK_AGAIN)
    if moves.apply([move], [State.PLANNED]):
        review.rescan(seller, one_off.submission_of(message), now=now)


def _detail(findings: Sequence[Finding]) -> dict[str, list[dict[str, str]]]:
    return {"findings": [{"rule": f.rule, "message": f.message} for f in findings[:5]]}


def _readers(seller: Seller, stopped: Sequence[Stopped]) -> list[str]:
    authors = User.objects.filter(pk__in=[s.message.author_id or 0 for s in stopped], is_active=True)
    return sorted({*people.owners(seller), *authors.values_list("email", flat=True)})
