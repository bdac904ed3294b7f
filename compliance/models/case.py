"""A text waiting for a person."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from compliance.desk.queues import Queue


def queue_choices() -> list[tuple[str, str]]:
    """A callable, so that a retitled queue makes no migration."""
    return [(queue.value, queue.title) for queue in Queue]


class Case(models.Model):
    """A frozen snapshot of what was submitted, why a person looks at it, and where that stands.

    One submission, one case: appeal, second look, audit and correction of it are further verdicts on the same case.
    """

    class Status(models.TextChoices):
        """The first axis: who must act."""

        WAITING = "waiting", "Waiting for a reviewer"
        WITH_AUTHOR = "with_author", "Waiting for the author"
        DECIDED = "decided", "Decided"
        WITHDRAWN = "withdrawn", "Withdrawn"

    class Approval(models.TextChoices):
        """The second axis: what may be sent. It keeps its value while the case waits for a second look."""

        NONE = "none", "Not decided yet"
        APPROVED = "approved", "Approved"
        APPROVED_LIMITED = "approved_limited", "Approved with limits"
        CHANGES_REQUESTED = "changes_requested", "Changes requested"
        REJECTED = "rejected", "Rejected"

    class Subject(models.TextChoices):
        TEMPLATE_VERSION = "template_version", "Template"
        CAMPAIGN = "campaign", "Campaign's targeting"
        ONE_OFF = "one_off", "One-off message"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    seller = models.ForeignKey("accounts.Seller", on_delete=models.CASCADE, related_name="+")
    subject = models.CharField(max_length=20, choices=Subject)
    #: The row in the seller's schema, by its own public id.
    subject_id = models.UUIDField()
    #: What the versions of one text share: the template's public id. The same as subject_id where there are none.
    series_id = models.UUIDField()
    title = models.CharField(max_length=200)
    status = models.CharField(max_length=12, choices=Status, default=Status.WAITING)
    approval = models.CharField(max_length=20, choices=Approval, default=Approval.NONE)

    #: Drafts as submitted, one per language, with what the rules saw: [{"draft": …, "findings": […], "outcome": …}]
    snapshot = models.JSONField()
    #: sha256 over what the buyer would read, the same for the same text of any seller.
    content_hash = models.CharField(max_length=64, blank=True)
    pack = models.CharField(max_length=64)
    #: Why a person looks at it, a sentence each.
    why = models.JSONField(default=list)
    #: The seller's record as it was then (compliance.desk.trust.Record).
    record = models.JSONField(default=dict)
    purpose = models.CharField(max_length=32, blank=True)
    medium = models.CharField(max_length=16, blank=True)
    languages = ArrayField(models.CharField(max_length=16), default=list)  # two letters, without region
    marketplaces = ArrayField(models.CharField(max_length=2), default=list)  # two letters
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    submitted_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    queue = models.CharField(max_length=12, choices=queue_choices, default=Queue.NEW)
    #: When it entered this queue, and until when it should be decided (working hours counted).
    queued_at = models.DateTimeField()
    due_at = models.DateTimeField()
    #: Users who may not decide it any more: they decided it before, and it is looked at again.
    barred = ArrayField(models.BigIntegerField(), default=list)
    #: It took over the place in the queue of the version it replaced; that goes once.
    has_kept_place = models.BooleanField(default=False)
    #: When reviewers were told that it is nearly due, and leads that it is late.
    reminded_at = models.DateTimeField(null=True)
    leads_told_at = models.DateTimeField(null=True)

    leased_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    lease = models.UUIDField(null=True)
    leased_at = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)

    #: Whether the seller's side has taken in the last answer. Of texts, which remember the verdict they stand by, always true.
    is_taken_in = models.BooleanField(default=True)
    #: Drawn for audit or not; null: not considered yet.
    is_drawn = models.BooleanField(null=True)
    #: Set on a planted case: a text whose right answer is known. It concerns nothing in its seller's schema.
    known_answer = models.ForeignKey(
        "compliance.KnownAnswer", null=True, on_delete=models.RESTRICT, related_name="cases"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("seller", "subject", "subject_id"),
                condition=Q(status="waiting", approval="none"),
                name="case_waiting_once",
            ),
            models.CheckConstraint(
                condition=Q(lease__isnull=True) | Q(leased_at__isnull=False, leased_until__isnull=False),
                name="case_lease_whole",
            ),
        )
        indexes = (
            models.Index(fields=("due_at", "id"), condition=Q(status="waiting"), name="case_next_due"),
            models.Index(
                fields=("queue", "due_at", "id"), condition=Q(status="waiting"), name="case_queue_due"
            ),
            models.Index(fields=("content_hash",), condition=Q(status="waiting"), name="case_waiting_alike"),
            models.Index(fields=("leased_to",), condition=Q(lease__isnull=False), name="case_held"),
            models.Index(
                fields=("decided_at",),
                condition=Q(is_drawn__isnull=True, status="decided"),
                name="case_undrawn",
            ),
            models.Index(
                fields=("seller", "subject"), condition=Q(is_taken_in=False), name="case_not_taken_in"
            ),
            models.Index(fields=("seller", "subject_id"), name="case_of_subject"),
            models.Index(fields=("seller", "series_id", "submitted_at"), name="case_of_series"),
            models.Index(fields=("seller", "content_hash"), name="case_of_content"),
            models.Index(fields=("seller", "-submitted_at", "-id"), name="case_of_seller"),
            models.Index(fields=("submitted_at", "id"), name="case_by_time"),
            models.Index(fields=("decided_at", "id"), name="case_by_decision"),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def short_id(self) -> str:
        return str(self.public_id)[:8]

    @property
    def drafts(self) -> list[dict[str, Any]]:
        return [part["draft"] for part in self.snapshot]
