"""Checks, cases and verdicts (public schema: reviewers see all sellers).

Review status (who must act) and approval status (what may be sent) are two axes; the last approved version keeps sending.
"""

import uuid

from django.conf import settings
from django.db import models


class Check(models.Model):
    """One run of a rule pack over one text, kept so that the same text is not judged twice and anyone can see why."""

    seller = models.ForeignKey("accounts.Seller", on_delete=models.CASCADE, related_name="+")
    #: sha256 over everything the rules read of the draft.
    content_hash = models.CharField(max_length=64)
    pack = models.CharField(max_length=64)
    outcome = models.CharField(max_length=8)  # pass, advice, review, block
    findings = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("seller", "content_hash", "pack"), name="check_once"),)

    def __str__(self) -> str:
        return f"{self.outcome} under {self.pack[:12]}"


class Case(models.Model):
    """A text waiting for a person: a frozen snapshot of what was submitted, and why it is here."""

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting for a reviewer"
        DECIDED = "decided", "Decided"
        WITHDRAWN = "withdrawn", "Withdrawn by the author"

    class Subject(models.TextChoices):
        TEMPLATE_VERSION = "template_version", "Template"
        CAMPAIGN = "campaign", "Campaign's targeting"
        ONE_OFF = "one_off", "One-off message"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    seller = models.ForeignKey("accounts.Seller", on_delete=models.CASCADE, related_name="+")
    subject = models.CharField(max_length=20, choices=Subject)
    #: The row in the seller's schema, by its own public id.
    subject_id = models.UUIDField()
    title = models.CharField(max_length=200)
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    #: Drafts as submitted, one per language, with what the rules saw: [{"draft": …, "findings": […], "outcome": …}]
    snapshot = models.JSONField()
    pack = models.CharField(max_length=64)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    submitted_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("seller", "subject", "subject_id"),
                condition=models.Q(status="waiting"),
                name="case_waiting_once",
            ),
        )
        indexes = (
            models.Index(
                fields=("submitted_at",), condition=models.Q(status="waiting"), name="case_oldest_waiting"
            ),
            models.Index(fields=("seller", "subject_id"), name="case_of_subject"),
        )

    def __str__(self) -> str:
        return self.title


class Verdict(models.Model):
    """A decision on a case. Append-only; corrected only by a new one that points at the old."""

    class Answer(models.TextChoices):
        APPROVED = "approved", "Approved"
        CHANGES_REQUESTED = "changes_requested", "Changes requested"
        REJECTED = "rejected", "Rejected"

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="verdicts")
    answer = models.CharField(max_length=20, choices=Answer)
    #: Null: the system, for clean texts.
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    reason = models.TextField(blank=True)
    #: Findings quoted as the reason.
    quoted = models.JSONField(default=list)
    pack = models.CharField(max_length=64)
    corrects = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="corrected_by")
    decided_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.answer} on {self.case}"


class AcceptedFinding(models.Model):
    """What a reviewer accepted on a version: the rule and the words. It does not hold that version's messages again."""

    verdict = models.ForeignKey(Verdict, on_delete=models.CASCADE, related_name="accepted")
    seller = models.ForeignKey("accounts.Seller", on_delete=models.CASCADE, related_name="+")
    subject_id = models.UUIDField(db_index=True)
    rule = models.CharField(max_length=60)
    where = models.CharField(max_length=12)
    #: `Finding.words_hash`: the same for the same words however spelled.
    words_hash = models.CharField(max_length=32)
    text = models.TextField(blank=True)  # the words, for people
    #: Accepted although the rule blocks: needs a second person (review desk).
    is_override = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("verdict", "rule", "where", "words_hash"), name="accepted_finding_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.rule}: {self.text}"
