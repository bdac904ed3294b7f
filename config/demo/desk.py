"""The demo's review desk: a month of decisions behind it, and a queue that lives. Safe to run again."""

import random
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import Seller, User
from accounts.tenancy import seller_context
from campaigns.domain.vocabulary import Channel
from campaigns.services import templates
from campaigns.services.templates import TextInput
from compliance.desk.permits import APPEAL_WITHIN
from compliance.desk.queues import Queue
from compliance.desk.reasons import Given
from compliance.engine.types import Draft, Outcome
from compliance.models import Case, SellerNote, Verdict
from compliance.services import audits, checks, deciding, holding, notes, recording, review
from compliance.services.deciding import Decision
from config.demo import cast
from config.demo.doubtful import NOTES, TEXTS, Doubtful

A = Verdict.Answer
_MONTH, _PAST_CASES = 30, 48
_MARKETPLACE = {"marlow": "US", "lindner": "DE", "felt-oak": "GB"}
#: Small differences that make each text of the past its own.
_ENDINGS = ("Best wishes", "Kind regards", "Yours", "Have a good week", "With regards", "All the best")


def open_desk() -> str:
    """What was made, in a few words."""
    if SellerNote.objects.exists():
        return "there already"
    sellers = {seller.slug: seller for seller in Seller.objects.all()}
    people = [User.objects.get(email=email) for email in (cast.REVIEWER, cast.LEAD)]
    with transaction.atomic():
        for slug, text in NOTES:
            SellerNote.objects.create(seller=sellers[slug], author=people[0], text=text)
        decided = sum(1 for _ in _decide_the_past(sellers, people))
    waiting = [_hand_in(sellers[text.seller], text) for text in _still_doubtful()]
    _look_again(people)
    return f"{decided} decided, {len(waiting)} texts wait"


def _decide_the_past(sellers: dict[str, Seller], people: list[User]) -> Iterator[Verdict]:
    chance = random.Random(4)  # noqa: S311 (a stage, no secret)
    now, texts = timezone.now(), _still_doubtful()
    for number in range(_PAST_CASES):
        text = texts[number % len(texts)]
        days_ago = _MONTH - number * (_MONTH - 1) / _PAST_CASES
        came_at = (now - timedelta(days=days_ago)).replace(hour=8 + number % 9)
        case = _submit_past(sellers[text.seller], text, number, came_at)
        waited = timedelta(minutes=chance.choice((6, 11, 18, 24, 35, 52, 70, 130, 210)))
        ends = text.ends if number // len(texts) % 3 == 0 else A.APPROVED  # most doubts turn out to be none
        at, seconds = came_at + waited, chance.randint(14, 160)
        yield _decide(case, replace(text, ends=ends), people[number % 5 == 0], at, seconds)


def _still_doubtful() -> list[Doubtful]:
    """Rules learn: what they block or let through by now is no case for a person, and is left out of the play."""
    return [
        text for text in TEXTS if checks.judge(_draft(text, text.body, "Store")).outcome is Outcome.REVIEW
    ]


def _draft(text: Doubtful, body: str, store_name: str) -> Draft:
    return Draft(
        "relay_email", text.purpose, body, text.language, _MARKETPLACE[text.seller], stage="template",  # type: ignore[arg-type]
        subject=text.subject, body_format="html", store_name=store_name,
    )  # fmt: skip


def _submit_past(seller: Seller, text: Doubtful, number: int, at: datetime) -> Case:
    body = text.body.replace(
        "{{ store_name }}", f"{_ENDINGS[number % len(_ENDINGS)]}<br>{{{{ store_name }}}}"
    )
    draft = _draft(text, body, seller.name)
    given = review.Submission(
        Case.Subject.TEMPLATE_VERSION, uuid.uuid4(), f"{text.name} v{1 + number // len(TEXTS)}", [draft]
    )
    return review.submit(seller, given, user=None, now=at)


def _decide(case: Case, text: Doubtful, reviewer: User, at: datetime, seconds: int) -> Verdict:
    if case.status != Case.Status.WAITING:  # the rules changed, and it is clean now
        return case.verdicts.get()
    holding.take(case.pk, reviewer)
    Case.objects.filter(pk=case.pk).update(leased_at=at - timedelta(seconds=seconds))
    return deciding.decide(case.pk, _decision(case, text), reviewer=reviewer, now=at)


def _decision(case: Case, text: Doubtful) -> Decision:
    found = recording.holding_findings(case)
    given = [
        Given(text.code, text.language, f.where, f.start, f.end, f.text)
        for f in found[:1]
        if text.code and text.ends is not A.APPROVED and f.where in ("body", "subject")
    ]
    return Decision(
        text.ends, given=given, words="" if given or text.ends is A.APPROVED else "Please reword."
    )


def _hand_in(seller: Seller, text: Doubtful) -> str:
    """As an author does: a template that waits, and sends once it is approved."""
    with seller_context(seller), transaction.atomic():
        template = templates.create(
            text.name, channel=Channel.RELAY_EMAIL, purpose=text.purpose, user=None,
            texts=[TextInput(text.language, text.subject, text.body, "html")],
        )  # fmt: skip
        templates.submit(templates.newest_version(template), user=None, now=timezone.now())
    return template.name


def _look_again(people: list[User]) -> None:
    """Some of what was decided is appealed, some drawn for audit, one escalated; the new ones came at different times."""
    reviewer, lead = people
    now = timezone.now()
    _overturn_one(reviewer, lead)
    _score(people)
    rejected = Verdict.objects.standing().filter(answer=A.REJECTED, reviewer=reviewer)
    in_time = rejected.filter(effective_at__gt=now - APPEAL_WITHIN + timedelta(hours=1))
    sent_back = in_time.order_by("-decided_at")[:2]
    for verdict, words in zip(
        sent_back, ("We offer help to everyone, whatever they write.", "The sentence is true."), strict=False
    ):
        review.dispute(verdict.case.seller, verdict.pk, words, user=None, now=now - timedelta(hours=2))
    audits.draw(now)
    waiting = list(Case.objects.filter(status=Case.Status.WAITING, queue=Queue.NEW).order_by("pk"))
    for number, case in enumerate(waiting):
        ago = timedelta(minutes=25 * (len(waiting) - number))
        Case.objects.filter(pk=case.pk).update(
            submitted_at=now - ago, queued_at=now - ago, due_at=now + timedelta(hours=3) - ago
        )
    if waiting:
        _escalate(waiting[-1], reviewer)
        notes.add(
            waiting[0],
            "Second text of this kind this month; the last one was reworded in an hour.",
            author=lead,
        )


def _escalate(case: Case, reviewer: User) -> None:
    holding.take(case.pk, reviewer)
    words = "Is “look us up online” diversion, or just a phrase?"
    deciding.decide(case.pk, Decision(A.ESCALATED, words), reviewer=reviewer, now=timezone.now())


def _overturn_one(reviewer: User, lead: User) -> None:
    """An appeal of ten days ago that was right."""
    sent_back = Verdict.objects.standing().filter(answer=A.CHANGES_REQUESTED, reviewer=reviewer)
    verdict = sent_back.order_by("decided_at").last()
    if verdict is None:
        return
    at = verdict.decided_at + timedelta(hours=5)
    review.dispute(
        verdict.case.seller, verdict.pk, "It says who we are and asks for nothing.", user=None, now=at
    )
    holding.take(verdict.case_id, lead)
    deciding.decide(
        verdict.case_id, Decision(A.APPROVED, "Agreed."), reviewer=lead, now=at + timedelta(hours=3)
    )


def _score(people: list[User]) -> None:
    """Two texts with a known answer, and what each reviewer said of them."""
    settled = Case.objects.filter(approval=A.REJECTED, status=Case.Status.DECIDED).order_by("pk")[:2]
    lessons = (
        "It offers help only to those who would complain.",
        "“Look us up” leads buyers away from Amazon.",
    )
    for number, (case, lesson) in enumerate(zip(settled, lessons, strict=False)):
        known = audits.make_known(case, A.REJECTED, lesson, user=people[1])
        for reviewer in people:
            planted = audits.plant(known, reviewer)
            answer = A.APPROVED if number and reviewer is people[0] else A.REJECTED
            at = timezone.now() - timedelta(days=3 + number)
            deciding.decide(planted.pk, Decision(answer, "Read it."), reviewer=reviewer, now=at)
