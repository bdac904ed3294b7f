"""When, to which orders, what, and by which channel."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from campaigns.domain.vocabulary import Trigger
from campaigns.models.template import CHANNEL_CHOICES, PURPOSE_CHOICES

TRIGGER_CHOICES = [(t.value, t.value.replace("_", " ").capitalize()) for t in Trigger]


def every_day() -> list[int]:
    return [1, 2, 3, 4, 5, 6, 7]


class Campaign(models.Model):
    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        IN_REVIEW = "in_review", "Waiting for review"
        ACTIVE = "active", "Active"
        PAUSED = "paused", "Paused"
        ENDED = "ended", "Ended"

    class Clock(models.TextChoices):
        MARKETPLACE = "marketplace", "The marketplace's time"
        SELLER = "seller", "Our own time"

    class NoLanguage(models.TextChoices):
        SKIP = "skip", "Do not write"
        SOLICITATION = "solicitation", "Send Amazon's review request instead"

    class OnAmazonDe(models.TextChoices):
        SOLICITATION = "solicitation", "Send Amazon's own request instead"
        WRITTEN = "written", "Send our text: our buyers have agreed to it"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=120)
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT)
    #: Why it is paused or ended, for people.
    state_note = models.CharField(max_length=400, blank=True)
    channel = models.CharField(max_length=12, choices=CHANNEL_CHOICES)
    purpose = models.CharField(max_length=32, choices=PURPOSE_CHOICES)
    #: Null for Amazon's own request.
    template = models.ForeignKey(
        "campaigns.Template", null=True, blank=True, on_delete=models.PROTECT, related_name="campaigns"
    )
    trigger = models.CharField(max_length=24, choices=TRIGGER_CHOICES)
    delay_hours = models.PositiveIntegerField(default=0)  # days are shown as 24 h steps
    #: ISO weekdays, 1 is Monday.
    window_days = ArrayField(models.PositiveSmallIntegerField(), default=every_day)
    window_from = models.TimeField()
    window_until = models.TimeField()  # after window_from; the end is exclusive
    window_clock = models.CharField(max_length=12, choices=Clock, default=Clock.MARKETPLACE)
    #: Which orders: campaigns/domain/filters.py gives the shape and checks it.
    filters = models.JSONField(default=dict, blank=True)
    #: Why these buyers, in the seller's words: what a reviewer reads where the filters leave somebody out.
    note = models.CharField(max_length=300, blank=True, default="")
    #: Where two campaigns want one order the higher one gets it; ties go to the older campaign.
    priority = models.SmallIntegerField(default=0)
    when_no_language = models.CharField(max_length=12, choices=NoLanguage, default=NoLanguage.SKIP)
    #: What buyers on amazon.de get from a campaign that asks in its own words: German law wants their consent for that
    #: (compliance/rules/consent_germany.py).
    on_amazon_de = models.CharField(max_length=12, choices=OnAmazonDe, default=OnAmazonDe.SOLICITATION)
    #: Orders bought before this are left alone (set at activation).
    covers_from_at = models.DateTimeField(null=True, blank=True)
    #: Raised by every change that moves planned messages; the planner notes which one it has planned.
    revision = models.PositiveIntegerField(default=1)
    planned_revision = models.PositiveIntegerField(default=0)
    #: The rule pack under which whom it writes to was last looked at (campaigns/services/rescan_targeting.py).
    pack = models.CharField(max_length=12, blank=True, default="", db_default="")
    author_id = models.BigIntegerField(null=True)  # accounts.User
    activated_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(window_from__lt=models.F("window_until")), name="campaign_window_opens_first"
            ),
            models.CheckConstraint(
                condition=Q(channel="solicitation", template__isnull=True) | ~Q(channel="solicitation"),
                name="campaign_solicitation_has_no_text",
            ),
        )

    def __str__(self) -> str:
        return self.name
