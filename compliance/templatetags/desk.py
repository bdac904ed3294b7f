"""Spans of time as people say them, and links to rules' pages."""

from datetime import datetime, timedelta

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

register = template.Library()


@register.filter
def rule_url(slug: str) -> str:
    """The rule's page, or "" where there is none."""
    try:
        return reverse("rule", args=[slug])
    except NoReverseMatch:
        return ""


@register.filter
def age(at: datetime | None) -> str:
    """How long ago: 3 h 10 min."""
    return spoken(timezone.now() - at) if at else ""


@register.filter
def left(at: datetime | None) -> str:
    """in 2 h 5 min, or 20 min late."""
    if at is None:
        return ""
    span = at - timezone.now()
    return f"in {spoken(span)}" if span > timedelta() else f"{spoken(-span)} late"


@register.filter
def seconds(count: float | None) -> str:
    return spoken(timedelta(seconds=count)) if count is not None else "–"


def spoken(span: timedelta) -> str:
    """The two largest units, no more: 2 d 4 h, 3 h 10 min, 40 s."""
    total = int(span.total_seconds())
    if total < 60:
        return f"{total} s"
    minutes, hours, days = total // 60, total // 3600, total // 86400
    if hours < 1:
        return f"{minutes} min"
    if days < 1:
        return f"{hours} h {minutes % 60} min" if minutes % 60 else f"{hours} h"
    return f"{days} d {hours % 24} h" if hours % 24 else f"{days} d"


@register.filter
def hours(span: timedelta) -> str:
    """A promise: 4 working hours."""
    count = span.total_seconds() / 3600
    return f"{count:g} working hour{'' if count == 1 else 's'}"


@register.filter
def delay(hours: int | None) -> str:
    """What a campaign counts from its trigger: 8 days after, 5 hours after, at once after."""
    if not hours:
        return "at once after"
    count, unit = (hours // 24, "day") if hours % 24 == 0 else (hours, "hour")
    return f"{count} {unit}{'' if count == 1 else 's'} after"


@register.filter
def words(name: str) -> str:
    """review_request: review request."""
    return str(name).replace("_", " ")


@register.filter
def seconds_left(at: datetime) -> str:
    """With a dot, for the script."""
    return f"{max(0.0, (at - timezone.now()).total_seconds()):.1f}"
