"""The desk's working hours, as this installation sets them."""

import functools
from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.signals import setting_changed

from compliance.desk.hours import Calendar


@functools.cache
def current() -> Calendar:
    """Raises ValueError naming what is wrong (also a start-up check)."""
    opens, closes = settings.REVIEW_HOURS.split("-")
    return Calendar(
        ZoneInfo(settings.REVIEW_TIMEZONE),
        frozenset(int(day) for day in settings.REVIEW_DAYS),
        time.fromisoformat(opens.strip()),
        time.fromisoformat(closes.strip()),
        frozenset(date.fromisoformat(day) for day in settings.REVIEW_HOLIDAYS),
    )


def _forget(setting: str, **kwargs: Any) -> None:
    if setting.startswith("REVIEW_"):
        current.cache_clear()


setting_changed.connect(_forget, dispatch_uid="compliance.calendar")
