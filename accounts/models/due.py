"""The due index: which seller has work of which kind, and from when.

Whoever makes earlier work lowers the time; the tick reads only what is due, so its cost follows due work
and never the number of sellers.
"""

from django.db import models
from django.db.models.functions import Coalesce


class SellerDue(models.Model):
    seller = models.ForeignKey("accounts.Seller", on_delete=models.CASCADE, related_name="due")
    kind = models.CharField(max_length=40)
    due_at = models.DateTimeField(null=True)  # null: nothing known to be due beyond what is leased now
    leased_until = models.DateTimeField(null=True)
    lease = models.UUIDField(null=True)
    #: When the next claim may take this row: the end of its lease while it is held, else `due_at`. A claim
    #: takes `due_at` away, so a time lowered while the work runs is seen as new and not lost when the work
    #: ends.
    ready_at = models.GeneratedField(
        expression=Coalesce("leased_until", "due_at"),
        output_field=models.DateTimeField(null=True),
        db_persist=True,
    )

    class Meta:
        constraints = (models.UniqueConstraint(fields=("seller", "kind"), name="seller_due_once"),)
        indexes = (
            models.Index(
                fields=("ready_at",), condition=models.Q(ready_at__isnull=False), name="seller_due_ready"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} of seller {self.seller_id}"
