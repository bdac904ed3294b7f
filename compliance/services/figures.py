"""Summing the desk's days once they are over, and once more where a later verdict changes what one of them says."""

from datetime import date, datetime, timedelta

from django.db import transaction

from accounts.database import connection
from compliance.models import DeskDay
from compliance.selectors import figures

#: As far back as the page shows.
DAYS = 90
#: A decision shortly before midnight may still be undone, or drawn for audit, after it.
SETTLED_AFTER = timedelta(hours=1)
_FORGET = """
INSERT INTO public.compliance_deskday (day, figures) VALUES (%s, NULL) ON CONFLICT (day) DO UPDATE SET figures = NULL
"""


def roll_up(now: datetime) -> int:
    """Sum the days that are over and not summed; answers how many. One statement where there are none. May run twice at once."""
    over = figures.span(DAYS + 1, now - SETTLED_AFTER)[:-1]
    known = set(DeskDay.objects.filter(day__in=over, figures__isnull=False).values_list("day", flat=True))
    missing = [day for day in over if day not in known]
    DeskDay.objects.bulk_create([DeskDay(day=day) for day in missing], ignore_conflicts=True)
    for day in missing:
        _sum(day)
    return len(missing)


@transaction.atomic
def _sum(day: date) -> None:
    """Its row is locked first: whoever overturns a verdict of that day waits until it is written, and then forgets it."""
    row = DeskDay.objects.select_for_update().get(day=day)
    row.figures = figures.counted([day])[day].as_json()
    row.save(update_fields=["figures"])


def forget(decided_at: datetime) -> None:
    """What was decided then no longer stands, or stands again: its day is counted anew. Part of the verdict's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [figures.day_of(decided_at)])
