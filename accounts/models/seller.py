"""The tenant: one business, one PostgreSQL schema."""

import uuid

from django.core.validators import RegexValidator
from django.db import models
from django_tenants.models import DomainMixin, TenantMixin


class Seller(TenantMixin):
    class State(models.TextChoices):
        PREPARING = "preparing", "Being prepared"
        READY = "ready", "Ready"
        CLOSED = "closed", "Closed"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(
        max_length=40,
        unique=True,
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9-]*$", "Small letters, digits and hyphens.")],
    )
    name = models.CharField(max_length=120)
    #: IANA name; send windows may follow the seller's clock instead of the marketplace's.
    timezone = models.CharField(max_length=64, default="UTC")
    state = models.CharField(max_length=12, choices=State, default=State.PREPARING)
    #: What the preparation is doing now, in words; empty once ready.
    step = models.CharField(max_length=60, blank=True)
    agency = models.ForeignKey(
        "accounts.Agency", null=True, blank=True, on_delete=models.SET_NULL, related_name="sellers"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    #: Since when Amazon restricts the seller's free messaging, as its people told us; null: it does not.
    restricted_at = models.DateTimeField(null=True, blank=True)

    # The schema is made by accounts.services.provisioning (a replayed template), not by save().
    auto_create_schema = False
    auto_drop_schema = False

    def __str__(self) -> str:
        return self.name


class SellerDomain(DomainMixin):
    """django-tenants wants a domain table; sellers are found by path, so it stays empty."""
