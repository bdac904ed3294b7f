"""The due index: which seller has work of which kind, and from when.

Whoever makes earlier work lowers the time; the tick reads only what is due, so its cost follows due work and never the number of sellers.
"""

from django.db import models


class SellerDue(models.Model):
    seller = models.ForeignKey("accounts.Seller", on_delete=models.CASCADE, related_name="due")
    kind = models.CharField(max_length=40)
    due_at = models.DateTimeField(null=True)  # null: nothing known to be due
    leased_until = models.DateTimeField(null=True)
    lease = models.UUIDField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("seller", "kind"), name="seller_due_once"),)
        indexes = (models.Index(fields=("due_at",), condition=models.Q(due_at__isnull=False), name="seller_due_at"),)

    def __str__(self) -> str:
        return f"{self.kind} of seller {self.seller_id}"
