"""The author's request to decide again."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from compliance.models.case import Case
from compliance.models.verdict import Verdict


class Appeal(models.Model):
    """Once per verdict, heard by another person."""

    class Kind(models.TextChoices):
        DISPUTE = "dispute", "I dispute it"
        CHANGED = "changed", "I changed it"

    verdict = models.OneToOneField(Verdict, on_delete=models.RESTRICT, related_name="appeal")
    #: Where it is heard: the verdict's own case, or the changed text's.
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="appeals")
    kind = models.CharField(max_length=8, choices=Kind)
    words = models.TextField(blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    made_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.case}"
