"""What limits sending: suppressions, the daily cap, and how far planning has read."""

from django.db import models


class Suppression(models.Model):
    """Do not write: to one order, or to one buyer of this seller (by keyed hash, which outlives the address)."""

    class Kind(models.TextChoices):
        ORDER = "order", "One order"
        BUYER = "buyer", "One buyer"

    class Source(models.TextChoices):
        OPT_OUT = "opt_out", "The buyer opted out"
        HAND = "hand", "Added by hand"
        BOUNCE = "bounce", "Mail came back"

    kind = models.CharField(max_length=5, choices=Kind)
    value = models.CharField(max_length=64)  # Amazon's order id, or orders.Order.buyer_key
    source = models.CharField(max_length=8, choices=Source)
    note = models.CharField(max_length=300, blank=True)
    added_by_id = models.BigIntegerField(null=True)  # accounts.User
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("kind", "value"), name="suppression_once"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class DayLedger(models.Model):
    """Messages on the wire for a connection on a day of the marketplace's calendar. Raised in the fence's transaction."""

    connection_id = models.BigIntegerField()
    day = models.DateField()
    used = models.PositiveIntegerField(default=0)
    #: What Amazon's formula gave on the day's first use; a seller's own number (Connection.daily_cap) goes before it.
    allowed = models.PositiveIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("connection_id", "day"), name="day_ledger_once"),)

    def __str__(self) -> str:
        return f"{self.used} on {self.day}"


class PlanCursor(models.Model):
    """Up to which `orders.Order.changed_xact` this seller's orders have been planned."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    changed_xact = models.BigIntegerField(default=0)
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="plan_cursor_one_row"),)

    def __str__(self) -> str:
        return f"planned up to {self.changed_xact}"
