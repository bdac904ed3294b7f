"""A campaign begun from a starter, with the text that goes with it."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from campaigns.domain.vocabulary import Channel
from campaigns.models import Campaign, Template
from campaigns.services import lifecycle, templates
from campaigns.services.templates import TextInput
from campaigns.starters.campaigns import BY_SLUG, Starter
from campaigns.starters.texts import all_starters


@transaction.atomic
def begin(slug: str, *, actor: User | None, now: datetime) -> Campaign:
    """A draft campaign; for a text channel with the seller's text of that purpose, else with a starter's as a draft text.

    Raises KeyError for a slug that is no starter's.
    """
    starter = BY_SLUG[slug]
    values = {"name": starter.title, **starter.values}
    if starter.text_purpose:
        values["template"] = _own_text(starter) or _starter_text(starter, actor)
    return lifecycle.create(values, actor=actor)


def _own_text(starter: Starter) -> Template | None:
    mine = Template.objects.filter(
        channel=starter.values["channel"], purpose=starter.values["purpose"], archived_at__isnull=True
    )
    return mine.exclude(approved=None).order_by("-pk").first() or mine.order_by("-pk").first()


def _starter_text(starter: Starter, actor: User | None) -> Template | None:
    """None where we ship no text of that purpose: the author chooses or writes one."""
    channel, purpose = starter.values["channel"], starter.values["purpose"]
    begun = next((s for s in all_starters() if (s.channel, s.purpose) == (channel, purpose)), None)
    if begun is None:
        return None
    texts = [
        TextInput(language, subject, body, begun.body_format)
        for language, (subject, body) in begun.texts.items()
    ]
    return templates.create(
        begun.name,
        channel=Channel(channel),
        purpose=purpose,
        texts=texts,
        user=actor,
        message_type=begun.message_type,
    )
