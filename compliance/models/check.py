"""What the rules said of one text."""

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
