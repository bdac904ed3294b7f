"""Template tags every page has (builtin): links inside a seller, states as badges, times and money as people write them."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

_TONES: dict[str, str] = {
    **dict.fromkeys(
        ("sent", "approved", "active", "healthy", "done", "ready", "SHIPPED", "pass", "paid", "comped"),
        "good",
    ),
    **dict.fromkeys(
        (
            "held",
            "uncertain",
            "in_review",
            "changes_requested",
            "paused",
            "throttled",
            "needs_attention",
            "waiting",
            "review",
            "grace",
            "past_due",
        ),
        "warn",
    ),
    **dict.fromkeys(
        (
            "blocked",
            "refused",
            "rejected",
            "needs_reauthorisation",
            "disconnected",
            "CANCELLED",
            "block",
            "unpaid",
            "open",
        ),
        "bad",
    ),
    **dict.fromkeys(
        (
            "planned",
            "claimed",
            "on_wire",
            "running",
            "advice",
            "trial",
            "trialing",
            "info",
        ),
        "info",
    ),
}
#: Currencies without minor units among Amazon's stores.
_WHOLE = frozenset({"JPY"})


@register.simple_tag(takes_context=True)
def seller_url(context: template.Context, name: str, *args: Any, **kwargs: Any) -> str:
    """A link inside the seller the page belongs to."""
    return reverse(
        name, args=args or None, kwargs={"seller": context["seller"].slug, **kwargs} if not args else None
    )


@register.simple_tag
def badge(state: str, title: str = "") -> SafeString:
    """A state by word and shape, not by colour alone."""
    words = title or str(state).replace("_", " ").capitalize()
    return format_html('<span class="badge {}">{}</span>', _TONES.get(str(state), ""), words)


@register.simple_tag(takes_context=True)
def moment(context: template.Context, at: datetime | None, zone: str = "") -> SafeString:
    """A time on the seller's clock (or `zone`'s), with the exact UTC time on hover."""
    if at is None:
        return format_html('<span class="soft">{}</span>', "not yet")
    seller = context.get("seller")
    local = at.astimezone(ZoneInfo(zone or getattr(seller, "timezone", "UTC") or "UTC"))
    shown = (
        local.strftime("%-d %b, %H:%M")
        if local.year == timezone.now().year
        else local.strftime("%-d %b %Y, %H:%M")
    )
    return format_html(
        '<time datetime="{}" title="{} UTC">{}</time>', at.isoformat(), f"{at:%Y-%m-%d %H:%M:%S}", shown
    )


@register.simple_tag(takes_context=True)
def spoken(context: template.Context, value: Any) -> SafeString | str:
    """A time as `moment` has it, anything else as it is; "nothing" where there is nothing."""
    return moment(context, value) if isinstance(value, datetime) else str(value or "nothing")


@register.filter
def money(minor: int | None, currency: str) -> str:
    """Minor units with their currency: 1999, EUR -> 19.99 EUR."""
    if minor is None:
        return "not told"
    return f"{minor:,} {currency}" if currency in _WHOLE else f"{minor / 100:,.2f} {currency}"


@register.filter
def signed(minor: int, currency: str) -> str:
    """`money` where a credit has a sign people see: -1999, EUR -> −19.99 EUR."""
    return f"−{money(-minor, currency)}" if minor < 0 else money(minor, currency)


@register.filter
def credit(minor: int, currency: str) -> str:
    """A balance below nothing, as what it is worth."""
    return money(-minor, currency)


@register.filter
def percent_of(part: float, whole: float) -> int:
    return round(100 * part / whole) if whole else 0
