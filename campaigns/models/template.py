"""Texts with placeholders, in one or more languages. A version is frozen once submitted; the last approved one keeps sending."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from campaigns.domain.vocabulary import Channel, Purpose

CHANNEL_CHOICES = [(c.value, c.title) for c in Channel]
PURPOSE_CHOICES = [(p.value, p.value.replace("_", " ").capitalize()) for p in Purpose]


class Template(models.Model):
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=120)
    channel = models.CharField(max_length=12, choices=CHANNEL_CHOICES)  # relay_email or messaging
    purpose = models.CharField(max_length=32, choices=PURPOSE_CHOICES)
    #: The Messaging API's type, such as `warranty`; empty for relay mail.
    message_type = models.CharField(max_length=32, blank=True)
    #: The version that sends; an edit makes a new one and leaves this alone until approval.
    approved = models.ForeignKey(
        "campaigns.TemplateVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class TemplateVersion(models.Model):
    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        IN_REVIEW = "in_review", "Waiting for review"
        APPROVED = "approved", "Approved"
        CHANGES_REQUESTED = "changes_requested", "Changes requested"
        REJECTED = "rejected", "Rejected"
        PAUSED = "paused", "Paused after a rule change"
        SUPERSEDED = "superseded", "Replaced by a later version"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    template = models.ForeignKey(Template, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=20, choices=State, default=State.DRAFT)
    #: sha256 over texts and attachments, set when frozen.
    content_hash = models.CharField(max_length=64, blank=True)
    pack = models.CharField(max_length=64, blank=True)  # rule pack of the last check
    note = models.TextField(blank=True)  # why it stands where it stands, for people
    #: The desk's last answer that was applied (compliance.Verdict); a later one is applied in its place.
    verdict_id = models.BigIntegerField(null=True)
    # Limits of an approval; empty or null: none of that kind.
    limit_marketplaces = ArrayField(models.CharField(max_length=2), default=list, blank=True)  # two letters
    limit_volume = models.PositiveIntegerField(null=True, blank=True)  # messages in all
    limit_until = models.DateTimeField(null=True, blank=True)
    #: Messages under it that crossed the fence, counted while that matters: in the ramp, and where a number limits it.
    sends = models.PositiveIntegerField(default=0, db_default=0)
    first_sent_at = models.DateTimeField(null=True, blank=True)
    #: It drew trouble and rests until then; how often it did, and why (campaigns/domain/trouble.py).
    paused_until = models.DateTimeField(null=True, blank=True)
    pauses = models.PositiveSmallIntegerField(default=0, db_default=0)
    pause_note = models.CharField(max_length=200, blank=True, db_default="")
    author_id = models.BigIntegerField(null=True)  # accounts.User
    submitted_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("template", "number"), name="template_version_once"),)

    def __str__(self) -> str:
        return f"{self.template} v{self.number}"


class TemplateText(models.Model):
    version = models.ForeignKey(TemplateVersion, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(max_length=16)  # BCP 47, such as de or pt-BR
    subject = models.CharField(max_length=300, blank=True)
    body = models.TextField(blank=True)
    body_format = models.CharField(
        max_length=4, choices=[("html", "HTML"), ("text", "Plain text")], default="text"
    )

    class Meta:
        constraints = (models.UniqueConstraint(fields=("version", "language"), name="template_text_once"),)

    def __str__(self) -> str:
        return f"{self.version} in {self.language}"


class TemplateAttachment(models.Model):
    version = models.ForeignKey(TemplateVersion, on_delete=models.CASCADE, related_name="attachments")
    file_name = models.CharField(max_length=120)
    stored_as = models.CharField(max_length=200)  # below MEDIA_ROOT
    content_type = models.CharField(max_length=100)
    size_bytes = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    kind = models.CharField(max_length=16, default="other")  # invoice, warranty, instructions, other

    def __str__(self) -> str:
        return self.file_name
