"""How the desk watches itself: who was handed what, and texts whose right answer is known."""

from django.conf import settings
from django.db import models

from compliance.models.case import Case
from compliance.models.verdict import Verdict


class KnownAnswer(models.Model):
    """A text whose right answer was settled (a real miss, or an appeal): handed out now and then to see who finds it."""

    seller = models.ForeignKey("accounts.Seller", on_delete=models.CASCADE, related_name="+")
    title = models.CharField(max_length=200)
    snapshot = models.JSONField()
    pack = models.CharField(max_length=64)
    answer = models.CharField(max_length=20, choices=Verdict.Answer)
    #: What a reviewer who missed it is told.
    lesson = models.TextField()
    is_active = models.BooleanField(default=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.title}: {self.answer}"


class HandOut(models.Model):
    """One time a reviewer was handed a case, and how that ended. Written by the statement that hands out."""

    class End(models.TextChoices):
        DECIDED = "decided", "Decided"
        SKIPPED = "skipped", "Skipped"
        RELEASED = "released", "Given back"
        LAPSED = "lapsed", "Lapsed"

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="hand_outs")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    lease = models.UUIDField(unique=True)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    end = models.CharField(max_length=8, choices=End, blank=True)
    reason = models.CharField(max_length=200, blank=True)  # why skipped

    class Meta:
        indexes = (
            models.Index(fields=("reviewer", "-at"), name="hand_out_of_reviewer"),
            models.Index(fields=("case", "-at"), name="hand_out_of_case"),
        )

    def __str__(self) -> str:
        return f"{self.case} to {self.reviewer}"
