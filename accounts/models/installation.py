"""One row of truth about this database."""

from django.db import models


class Installation(models.Model):
    """The fuse: sending is armed only for the deployment named here, so a restored or cloned database stays
    silent."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    armed_for = models.CharField(max_length=80, blank=True)
    armed_at = models.DateTimeField(null=True, blank=True)
    #: Where that was: cluster, timeline, database, table. A restore changes at least one of them.
    armed_in = models.CharField(max_length=120, blank=True)
    #: The statements that make a new seller's schema, and the hash of the migrations they come from.
    template_schema_hash = models.CharField(max_length=64, blank=True)
    template_schema_sql = models.TextField(blank=True)
    #: Recognises the key behind keyed hashes, so that losing it is noticed instead of forgetting every
    #: suppression.
    hashing_key_mark = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="installation_one_row"),)

    def __str__(self) -> str:
        return f"armed for {self.armed_for or 'nobody'}"
