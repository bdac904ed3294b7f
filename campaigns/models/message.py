"""The outbox: one row for this order and this campaign, from plan to outcome. The row is the truth; queues carry hints."""

import uuid

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from campaigns.domain.states import CONTACTED, LOOKED_AT, State
from campaigns.models.template import CHANNEL_CHOICES, PURPOSE_CHOICES

STATE_CHOICES = [(s.value, s.value.replace("_", " ").capitalize()) for s in State]


class Message(models.Model):
    public_id = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True, editable=False)
    # Orders, campaigns and versions are never deleted, and rows are made from them in one statement: the database need not
    # look each up again (docs/decisions/0010-what-the-outbox-does-without.md). The constraint below begins with the order.
    order = models.ForeignKey(
        "orders.Order", on_delete=models.CASCADE, related_name="messages", db_index=False, db_constraint=False
    )
    #: Null for a one-off message written by hand.
    campaign = models.ForeignKey(
        "campaigns.Campaign",
        null=True,
        on_delete=models.PROTECT,
        related_name="messages",
        db_index=False,
        db_constraint=False,
    )
    #: The version that was, or will be, rendered; fixed at the claim. Null for solicitations.
    version = models.ForeignKey(
        "campaigns.TemplateVersion",
        null=True,
        on_delete=models.PROTECT,
        related_name="messages",
        db_index=False,
        db_constraint=False,
    )
    channel = models.CharField(max_length=12, choices=CHANNEL_CHOICES)
    purpose = models.CharField(max_length=32, choices=PURPOSE_CHOICES)
    message_type = models.CharField(max_length=32, blank=True, db_default="")
    is_proactive = models.BooleanField()
    priority = models.SmallIntegerField(default=0, db_default=0)

    state = models.CharField(
        max_length=10, choices=STATE_CHOICES, default=State.PLANNED, db_default=State.PLANNED
    )
    #: A code of campaigns/domain/reasons.py; empty exactly in the states that need none.
    reason = models.CharField(max_length=40, blank=True, db_default="")
    #: What the reason's sentence cannot know: Amazon's words, the rule's finding. No buyer data.
    #: A planned message that was put off says what it waits for: {"waits_for": code}.
    reason_detail = models.JSONField(default=dict, blank=True, db_default={})

    #: When it is next looked at: planned, to send it; held, whether its reason is gone; uncertain, whether a witness knows.
    due_at = models.DateTimeField()
    #: Past this it is `expired`, never late.
    expires_at = models.DateTimeField()
    #: How the trigger's moment was known: carrier, estimated, promised, order.
    evidence = models.CharField(max_length=12, blank=True, db_default="")

    claim_token = models.UUIDField(null=True)
    #: By the database's clock. Stays when the message is put back: a claim had it, so no plan looked at it meanwhile.
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    on_wire_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    #: For mail: derived from seller, order and campaign, so a repeat collapses and a bounce is matched.
    mail_id = models.CharField(max_length=120, blank=True, db_default="")
    amazon_request_id = models.CharField(max_length=80, blank=True, db_default="")

    language = models.CharField(max_length=16, blank=True, db_default="")
    #: As sent (or as written, for a one-off); forgotten with the order's buyer data.
    subject = models.CharField(max_length=300, blank=True, db_default="")
    body = models.TextField(blank=True, db_default="")
    body_format = models.CharField(max_length=4, blank=True, db_default="")
    author_id = models.BigIntegerField(null=True)  # who wrote a one-off
    #: Read or not by orders' cursor: which change of the order this row was planned from.
    planned_revision = models.PositiveIntegerField(default=0, db_default=0)
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    class Meta:
        constraints = (
            # Messages by hand have no campaign, and NULL is never equal: an order may have many of them.
            models.UniqueConstraint(fields=("order", "campaign"), name="message_per_order_and_campaign"),
            # The promise: whatever the campaign or channel, an order is contacted proactively once.
            models.UniqueConstraint(
                fields=("order",),
                condition=Q(is_proactive=True, state__in=sorted(CONTACTED)),
                name="message_one_proactive_per_order",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["planned", "claimed", "on_wire", "sent"]) | ~Q(reason=""),
                name="message_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["claimed", "on_wire"]) | Q(claim_token__isnull=False),
                name="message_claim_has_token",
            ),
        )
        indexes = (
            models.Index(
                fields=("state", "due_at", "id"), condition=Q(state__in=sorted(LOOKED_AT)), name="message_due"
            ),
            # For when one channel is closed by the other side's pace: the others are found past its backlog.
            models.Index(
                fields=("channel", "due_at", "id"),
                condition=Q(state="planned"),
                name="message_due_by_channel",
            ),
            models.Index(
                fields=("leased_until",), condition=Q(state__in=["claimed", "on_wire"]), name="message_leased"
            ),
            # What is planned is read by its send time.
            models.Index(
                fields=("state", "-updated_at"), condition=~Q(state="planned"), name="message_changed"
            ),
            models.Index(fields=("sent_at",), condition=Q(state="sent"), name="message_sent_at"),
            models.Index(fields=("campaign", "state"), name="message_of_campaign"),
            models.Index(fields=("version",), condition=Q(version__isnull=False), name="message_of_version"),
            models.Index(fields=("mail_id",), condition=~Q(mail_id=""), name="message_mail_id"),
        )

    def __str__(self) -> str:
        return f"{self.channel} about {self.order_id}"


class MessageEvent(models.Model):
    """One move of one message: with its making, which the message's row tells, what people read as its history."""

    # Written by the statement that moves the message, which is never deleted.
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="events", db_constraint=False)
    at = models.DateTimeField(auto_now_add=True, db_default=Now())
    before = models.CharField(max_length=10, blank=True, db_default="")
    after = models.CharField(max_length=10)
    reason = models.CharField(max_length=40, blank=True, db_default="")
    detail = models.JSONField(default=dict, blank=True, db_default={})
    actor_id = models.BigIntegerField(null=True)  # accounts.User; null: the program

    class Meta:
        ordering = ("at", "id")
        indexes = (
            # The few that a person sent again after their outcome was unknown: asked about at every claim.
            models.Index(
                fields=("message",),
                condition=Q(before=State.UNCERTAIN, after=State.PLANNED),
                name="event_sent_again",
            ),
        )

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"
