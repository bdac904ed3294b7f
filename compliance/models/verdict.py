"""What was decided, and what was let be. Append-only: a trigger refuses every UPDATE and DELETE (migration 0003)."""

import uuid
from collections.abc import Collection

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone

from compliance.desk.queues import Queue
from compliance.models.case import Case, queue_choices


class VerdictQuerySet(models.QuerySet["Verdict"]):
    def not_undone(self) -> "VerdictQuerySet":
        undoing = Verdict.objects.filter(corrects=OuterRef("pk"), answer=Verdict.Answer.UNDONE)
        return self.exclude(answer=Verdict.Answer.UNDONE).exclude(Exists(undoing))

    def final(self) -> "VerdictQuerySet":
        """Answers to the author, whether they count already or not; undone ones are none."""
        return self.not_undone().filter(answer__in=Verdict.FINAL, awaits_second=False)

    def standing(self) -> "VerdictQuerySet":
        """Final, counting by the database's clock, and not overturned or corrected by one that counts."""
        corrections = Verdict.objects.final().filter(corrects=OuterRef("pk"), effective_at__lte=Now())
        return self.final().filter(effective_at__lte=Now()).exclude(Exists(corrections))


class Verdict(models.Model):
    """A decision on a case. Corrected only by a new one that points at the old.

    It counts from `effective_at` on: what a reviewer decides on the desk may be undone for some seconds before anybody
    is told (docs/decisions/0007-undo-before-telling.md).
    """

    class Answer(models.TextChoices):
        APPROVED = "approved", "Approved"
        APPROVED_LIMITED = "approved_limited", "Approved with limits"
        CHANGES_REQUESTED = "changes_requested", "Changes requested"
        REJECTED = "rejected", "Rejected"
        ESCALATED = "escalated", "Escalated"  # to a lead; decides nothing
        UNDONE = "undone", "Undone"  # takes the one it corrects back before it counted

    #: They answer the author.
    FINAL = (
        Answer.APPROVED,
        Answer.APPROVED_LIMITED,
        Answer.CHANGES_REQUESTED,
        Answer.REJECTED,
    )
    APPROVALS = (Answer.APPROVED, Answer.APPROVED_LIMITED)

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="verdicts")
    answer = models.CharField(max_length=20, choices=Answer)
    #: Null: the system, for clean texts. Who decided stays on record, so the user cannot be deleted.
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    #: What the author reads: the canned reasons' texts and the reviewer's own words.
    reason = models.TextField(blank=True)
    #: Canned reasons tied to words: [{"code": 201, "language", "where", "start", "end", "text"}]
    reasons = models.JSONField(default=list)
    #: Findings quoted as the reason.
    quoted = models.JSONField(default=list)
    pack = models.CharField(max_length=64)
    #: The queue it was decided in.
    queue = models.CharField(max_length=12, choices=queue_choices, default="new")
    #: The verdict whose place it takes: overturned, corrected or undone.
    corrects = models.ForeignKey("self", null=True, on_delete=models.RESTRICT, related_name="corrections")
    #: The verdict it looks at again: the appealed, the audited, the first person's.
    about = models.ForeignKey("self", null=True, on_delete=models.RESTRICT, related_name="looked_at_by")
    #: An approval that counts only when a second person confirms it.
    awaits_second = models.BooleanField(default=False)
    #: On an audit: whether it says the same as what it was held against.
    is_agreed = models.BooleanField(null=True)

    # Limits of an approval with limits; empty or null: none of that kind.
    marketplaces = ArrayField(models.CharField(max_length=2), default=list)  # two letters
    volume = models.PositiveIntegerField(null=True)  # messages in all
    until = models.DateTimeField(null=True)

    #: Verdicts given in one act on identical texts share it; they are undone together.
    batch = models.UUIDField(default=uuid.uuid4, db_index=True)
    #: From handing out to decision; null where nobody was handed it.
    seconds = models.PositiveIntegerField(null=True)
    #: Since when it waited in that queue, and until when it was due.
    queued_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(default=timezone.now)
    effective_at = models.DateTimeField(default=timezone.now)

    objects = VerdictQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=~Q(answer="approved_limited")
                | Q(volume__isnull=False)
                | Q(until__isnull=False)
                | ~Q(marketplaces=[]),
                name="verdict_limits_named",
            ),
        )
        indexes = (
            models.Index(fields=("decided_at", "id"), name="verdict_by_time"),
            models.Index(fields=("reviewer", "decided_at"), name="verdict_of_reviewer"),
        )

    def __str__(self) -> str:
        return f"{self.answer} on {self.case}"

    def answers_appeal(self, heard: Collection[int]) -> bool:
        """Also where it was escalated, or took two. `heard`: verdicts (ids) that an appeal on this very case was about."""
        first = self.about if self.about is not None and self.about.awaits_second else self
        return self.queue == Queue.APPEAL or first.about_id in heard

    @property
    def is_approval(self) -> bool:
        return self.answer in self.APPROVALS

    @property
    def sends_back(self) -> bool:
        return self.answer in (self.Answer.CHANGES_REQUESTED, self.Answer.REJECTED)


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
    #: Accepted although the rule blocks: two persons said so.
    is_override = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("verdict", "rule", "where", "words_hash"), name="accepted_finding_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.rule}: {self.text}"
