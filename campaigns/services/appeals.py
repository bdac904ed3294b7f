"""Asking another person to decide again: about a text, a campaign's choice of buyers, or a message by hand."""

import uuid
from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.tenancy import current_seller
from campaigns.errors import AuthoringError
from campaigns.models import Campaign, Message, Template, TemplateVersion
from campaigns.services import templates
from campaigns.services.templates import Against
from compliance import selectors as reviews
from compliance.models import Appeal, Case
from compliance.services import appealing


class NothingChanged(AuthoringError):
    def __init__(self, number: int) -> None:
        super().__init__(
            f"Version {number} is still what was decided on. Change the text and save it first, or say “I dispute it”."
        )


class NothingDecided(AuthoringError):
    def __init__(self) -> None:
        super().__init__("There is no answer to appeal against yet. You see it here as soon as it is given.")


def judged_version(template: Template) -> TemplateVersion | None:
    """The newest version the desk answered on: the one an appeal is about."""
    return template.versions.filter(verdict_id__isnull=False).order_by("-number").first()


@transaction.atomic
def dispute_text(template: Template, words: str, *, user: User | None, now: datetime) -> Appeal:
    """“I dispute it”: the version as it stands is heard by another person. Raises AuthoringError or DeskError."""
    version = _judged(template)
    return appealing.dispute(current_seller(), version.verdict_id or 0, words, user=user, now=now)


@transaction.atomic
def submit_changed(template: Template, words: str, *, user: User | None, now: datetime) -> Case:
    """“I changed it”: the draft is handed in as an appeal. Raises AuthoringError, DeskError or NotSubmittable."""
    version, newest = _judged(template), templates.newest_version(template)
    if newest.pk == version.pk:
        raise NothingChanged(version.number)
    return templates.submit(newest, user=user, now=now, against=Against(version.verdict_id or 0, words))


@transaction.atomic
def dispute_targeting(campaign: Campaign, words: str, *, user: User | None, now: datetime) -> Appeal:
    """The campaign waits again. Raises AuthoringError or DeskError."""
    made = _dispute(campaign.public_id, words, user, now)
    Campaign.objects.filter(pk=campaign.pk, state=Campaign.State.DRAFT).update(
        state=Campaign.State.IN_REVIEW, state_note="Appealed: another person looks at it."
    )
    return made


@transaction.atomic
def dispute_message(message: Message, words: str, *, user: User | None, now: datetime) -> Appeal:
    """Of a message by hand: it stays stopped until another person has decided. Raises AuthoringError or DeskError."""
    return _dispute(message.public_id, words, user, now)


def _dispute(subject_id: uuid.UUID, words: str, user: User | None, now: datetime) -> Appeal:
    verdict = reviews.latest_verdicts(current_seller(), [subject_id]).get(subject_id)
    if verdict is None:
        raise NothingDecided
    return appealing.dispute(current_seller(), verdict.pk, words, user=user, now=now)


def _judged(template: Template) -> TemplateVersion:
    version = judged_version(template)
    if version is None:
        raise NothingDecided
    return version
