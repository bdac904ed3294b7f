"""Small makers of campaigns and messages, in whatever schema is entered."""

from datetime import time, timedelta
from typing import Any

from campaigns.models import Campaign, Message, Suppression, Template, TemplateText, TemplateVersion
from orders.models import Order
from tests.factories.orders import NOW


def make_campaign(**fields: Any) -> Campaign:
    """Amazon's review request three hours after delivery, at any time of any day; active for a year."""
    defaults: dict[str, Any] = {
        "name": "Review request",
        "state": Campaign.State.ACTIVE,
        "channel": "solicitation",
        "purpose": "review_and_feedback_request",
        "trigger": "delivered",
        "delay_hours": 3,
        "window_from": time(0, 0),
        "window_until": time.max,
        "covers_from_at": NOW - timedelta(days=365),
        "activated_at": NOW - timedelta(days=365),
    }
    return Campaign.objects.create(**{**defaults, **fields})


def make_template(
    *, body: str = "About your order {{ order_id }}: is everything well?", **fields: Any
) -> Template:
    """A mail template with one approved English version."""
    defaults: dict[str, Any] = {"name": "Mail", "channel": "relay_email", "purpose": "review_request"}
    template = Template.objects.create(**{**defaults, **fields})
    version = TemplateVersion.objects.create(
        template=template, number=1, state="approved", content_hash="0" * 64
    )
    TemplateText.objects.create(
        version=version, language="en", subject="Your order {{ order_id }}", body=body
    )
    template.approved = version
    template.save()
    return template


def make_mail_campaign(**fields: Any) -> Campaign:
    defaults: dict[str, Any] = {
        "channel": "relay_email",
        "purpose": "review_request",
        "name": "Mail after delivery",
    }
    if "template" not in fields:
        defaults["template"] = make_template()
    return make_campaign(**{**defaults, **fields})


def make_message(order: Order, campaign: Campaign | None, **fields: Any) -> Message:
    """A planned row due an hour after NOW."""
    defaults: dict[str, Any] = {
        "order": order,
        "campaign": campaign,
        "channel": campaign.channel if campaign else "relay_email",
        "purpose": campaign.purpose if campaign else "review_request",
        "is_proactive": True,
        "due_at": NOW + timedelta(hours=1),
        "expires_at": NOW + timedelta(days=20),
    }
    return Message.objects.create(**{**defaults, **fields})


def suppress(value: str, kind: str = "order", source: str = "hand") -> Suppression:
    return Suppression.objects.get_or_create(kind=kind, value=value, defaults={"source": source})[0]
