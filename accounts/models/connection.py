"""A seller's authorisation in one Amazon region."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models


class Connection(models.Model):
    class Health(models.TextChoices):
        HEALTHY = "healthy", "Healthy"
        THROTTLED = "throttled", "Slowed down by Amazon"
        NEEDS_ATTENTION = "needs_attention", "Needs attention"
        NEEDS_REAUTHORISATION = "needs_reauthorisation", "Needs re-authorisation"
        DISCONNECTED = "disconnected", "Disconnected"

    seller = models.ForeignKey("accounts.Seller", on_delete=models.CASCADE, related_name="connections")
    region = models.CharField(max_length=2)  # NA, EU, FE
    selling_partner_id = models.CharField(max_length=40)
    marketplace_ids = ArrayField(models.CharField(max_length=20), default=list)
    store_name = models.CharField(max_length=200, blank=True)
    #: Sealed with accounts.sealing; bound to this row. Empty once disconnected.
    refresh_token_sealed = models.TextField(blank=True)
    health = models.CharField(max_length=24, choices=Health, default=Health.HEALTHY)
    #: One sentence for people: what is wrong and what to do.
    health_note = models.CharField(max_length=400, blank=True)
    health_changed_at = models.DateTimeField(null=True, blank=True)
    authorised_at = models.DateTimeField()
    authorised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    participations_read_at = models.DateTimeField(null=True, blank=True)
    #: The sender address the seller approved in Seller Central for relay mail; empty: no relay mail.
    sender_address = models.EmailField(blank=True)
    #: Messages a local day; null: Amazon's 5 x average daily orders + 600.
    daily_cap = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            # No Amazon account is ever served from two schemas.
            models.UniqueConstraint(
                fields=("region", "selling_partner_id"), name="connection_amazon_account_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.selling_partner_id} in {self.region}"

    @property
    def is_usable(self) -> bool:
        return self.health in {self.Health.HEALTHY, self.Health.THROTTLED}


class OAuthState(models.Model):
    """The `state` of one consent round trip: single use, bound to browser, user and seller."""

    state_hash = models.CharField(max_length=64, primary_key=True)
    session_hash = models.CharField(max_length=64)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    seller = models.ForeignKey("accounts.Seller", on_delete=models.CASCADE, related_name="+")
    region = models.CharField(max_length=2)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"consent for {self.seller} in {self.region}"
