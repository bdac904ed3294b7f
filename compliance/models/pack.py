"""Which rule pack the live texts were last called up for."""

from django.db import models


class RulePack(models.Model):
    """One row: the pack whose re-scan was announced last, and the one before it."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    version = models.CharField(max_length=64)
    before = models.CharField(max_length=64, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="rule_pack_one_row"),)

    def __str__(self) -> str:
        return self.version
