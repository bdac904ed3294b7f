"""The fuse: a restored or cloned database forgets what was sent since, so it sends nothing until a person
re-arms it.

It remembers the deployment it was armed for and the very place: cluster, timeline, database and table. A
clone has another DEPLOYMENT_ID; a restore makes a new table, database or timeline. (So does promoting a
standby: look at what the old primary sent, then arm.)
"""

from django.conf import settings
from django.utils import timezone

from accounts.database import connection
from accounts.models import Installation

_PLACE = """
SELECT concat_ws(
    '/',
    (SELECT system_identifier FROM pg_control_system()),
    left(pg_walfile_name(pg_current_wal_lsn()), 8),
    (SELECT oid FROM pg_database WHERE datname = current_database()),
    'public.accounts_installation'::regclass::oid
)
"""


#: Whether sending is armed, in SQL, for statements that ask it along with other things. Takes %(deployment)s.
IS_ARMED = f"""EXISTS (SELECT FROM public.accounts_installation
        WHERE armed_for = %(deployment)s AND armed_for <> '' AND (armed_in = '' OR armed_in = ({_PLACE})))"""


def is_armed() -> bool:
    """One statement; ask it at the gate, never remember the answer."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {IS_ARMED}", {"deployment": settings.DEPLOYMENT_ID})
        return bool(cursor.fetchone()[0])


def arm() -> None:
    """Allow this deployment to send from this database. May run twice."""
    values = {"armed_for": settings.DEPLOYMENT_ID, "armed_in": _place(), "armed_at": timezone.now()}
    Installation.objects.update_or_create(id=1, defaults=values)


def disarm() -> None:
    Installation.objects.filter(id=1).update(armed_for="", armed_in="", armed_at=None)


def was_ever_armed() -> bool:
    return Installation.objects.exclude(armed_for="").exists()


def _place() -> str:
    with connection.cursor() as cursor:
        cursor.execute(_PLACE)
        return str(cursor.fetchone()[0])
