"""The count of a version's first messages, and of those under an approval for so many: one row's number, raised in the fence."""

from datetime import timedelta

from django.conf import settings
from django.db import connection

from campaigns.domain.trouble import Ramp, allowed, opens_in
from campaigns.services.gate.facts import Facts

_COUNT = """
UPDATE campaigns_templateversion SET sends = sends + 1, first_sent_at = coalesce(first_sent_at, clock_timestamp())
WHERE id = %s AND sends < %s AND (limit_volume IS NULL OR sends < limit_volume) RETURNING id
"""
_GIVE_BACK = "UPDATE campaigns_templateversion SET sends = sends - 1 WHERE id = %s AND sends > 0"
_NO_END = 2**31 - 1


def current() -> Ramp:
    return Ramp(settings.RAMP_SENDS, settings.RAMP_STEP, settings.RAMP_EVERY)


def wait(facts: Facts) -> timedelta | None:
    """How long until this message's step; None: now. By its id, so that those that wait do not all look again at each step."""
    if facts.version_id is None:
        return None
    ramp = current()
    opens = opens_in(ramp, facts.version_sends, facts.version_first_sent_at, facts.now)
    if not opens:
        return None
    steps_left = max((ramp.sends - facts.version_sends) // max(ramp.step, 1), 1)
    return opens + ramp.every * (facts.message_id % steps_left)


def is_counted(facts: Facts) -> bool:
    """Past its ramp, and without a limit, a version's messages cost no statement."""
    return facts.version_id is not None and (
        facts.version_sends < settings.RAMP_SENDS or facts.limit_volume is not None
    )


def count(facts: Facts) -> bool:
    """Part of the fence's transaction. False: others took the last place meanwhile, and nothing was counted."""
    ramp = current()
    is_ramping = facts.version_sends < ramp.sends
    most = allowed(ramp, facts.version_first_sent_at, facts.now) if is_ramping else _NO_END
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [facts.version_id, most])
        return cursor.fetchone() is not None


def give_back(facts: Facts) -> None:
    """What certainly never left does not count."""
    if is_counted(facts):
        with connection.cursor() as cursor:
            cursor.execute(_GIVE_BACK, [facts.version_id])
