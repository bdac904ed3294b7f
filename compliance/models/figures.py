"""The desk's figures, a day each, so that reading them costs the days asked for and not the decisions made in them."""

from django.db import models


class DeskDay(models.Model):
    """One day on the desk's calendar. `figures` (compliance.desk.tallies.Sums) is null where it must be counted anew:
    a later verdict took the place of one of that day's."""

    day = models.DateField(primary_key=True)
    figures = models.JSONField(null=True)

    def __str__(self) -> str:
        return str(self.day)
