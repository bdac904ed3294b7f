"""What is known of a seller across cases: notes of the desk, and what Amazon and buyers said of what was sent."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from compliance.models.case import Case


class SellerNote(models.Model):
    """For the next reviewer. It follows the seller, not the case; the seller never sees it."""

    seller = models.ForeignKey("accounts.Seller", on_delete=models.CASCADE, related_name="+")
    case = models.ForeignKey(Case, null=True, on_delete=models.SET_NULL, related_name="+")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    text = models.TextField(max_length=2000)
    created_at = models.DateTimeField(default=timezone.now)
    #: Taken back by its author or a lead; kept, no longer shown.
    retracted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=("seller", "-created_at"), name="note_of_seller"),)

    def __str__(self) -> str:
        return self.text[:60]


class Incident(models.Model):
    """What came back from outside about a seller's messages. It weighs on trust for some time."""

    class Kind(models.TextChoices):
        BLOCKED = "blocked", "Blocked by Amazon"
        COMPLAINT = "complaint", "A buyer complained"
        RESTRICTED = "restricted", "Messaging restricted by Amazon"

    seller = models.ForeignKey("accounts.Seller", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    #: The template version, campaign or one-off it was about, where known.
    subject_id = models.UUIDField(null=True)
    note = models.CharField(max_length=300, blank=True)
    #: What makes two reports of the same thing one: a message's public id, a notice's Message-ID.
    reference = models.CharField(max_length=120)
    at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)  # of a restriction

    class Meta:
        constraints = (models.UniqueConstraint(fields=("seller", "kind", "reference"), name="incident_once"),)
        indexes = (models.Index(fields=("seller", "-at"), name="incident_of_seller"),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.seller}"
