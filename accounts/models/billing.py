"""Who pays, what Stripe said about it last, and what follows for each seller. Amounts are minor units without tax unless told.

Rows about Stripe's objects are mirrors: written from what was fetched, never from what an event carried.
"""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.billing.entitlements import Standing, Status, Why
from accounts.billing.plans import Interval


def _choices(kind: Any) -> list[tuple[str, str]]:
    return [(one.value, one.value.replace("_", " ").capitalize()) for one in kind]


class BillingAccount(models.Model):
    """Who pays: a seller for itself, or an agency for sellers. Every place has one from its first day."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    seller = models.OneToOneField(
        "accounts.Seller", null=True, on_delete=models.CASCADE, related_name="billing"
    )
    agency = models.OneToOneField(
        "accounts.Agency", null=True, on_delete=models.CASCADE, related_name="billing"
    )
    #: Our own trial: no card, nothing at Stripe.
    trial_ends_at = models.DateTimeField(null=True)
    comped_until = models.DateTimeField(null=True)
    comp_note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(seller__isnull=True) ^ Q(agency__isnull=True), name="billing_account_of_one_place"
            ),
        )

    def __str__(self) -> str:
        return str(self.place)

    @property
    def place(self) -> Any:
        return self.seller or self.agency


class StripeCustomer(models.Model):
    account = models.OneToOneField(BillingAccount, on_delete=models.CASCADE, related_name="customer")
    stripe_id = models.CharField(max_length=80, unique=True)
    name = models.CharField(max_length=200, blank=True)
    card = models.CharField(max_length=60, blank=True)  # "Visa ending in 4242"
    #: Below nothing it is a credit that the next invoice uses.
    balance_minor = models.IntegerField(default=0)
    tax_ids = models.JSONField(default=list)
    fetched_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.stripe_id


class Subscription(models.Model):
    account = models.ForeignKey(BillingAccount, on_delete=models.CASCADE, related_name="subscriptions")
    stripe_id = models.CharField(max_length=80, unique=True)
    status = models.CharField(max_length=20, choices=_choices(Status))
    #: A step of accounts/billing/plans.py; empty where a price is none of ours.
    step = models.CharField(max_length=40, blank=True)
    interval = models.CharField(max_length=5, choices=_choices(Interval))
    quantity = models.PositiveIntegerField(default=1)
    extra_seats = models.PositiveIntegerField(default=0)
    #: In words: "20 % off until 3 Mar 2027".
    discount = models.CharField(max_length=120, blank=True, default="", db_default="")
    #: Stripe's items, by what they are for.
    item_id = models.CharField(max_length=80, blank=True)
    seat_item_id = models.CharField(max_length=80, blank=True)
    period_ends_at = models.DateTimeField(null=True)
    trial_ends_at = models.DateTimeField(null=True)
    cancel_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    #: When the oldest open payment failed, or an unknown status came up.
    troubled_since = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    fetched_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.stripe_id} ({self.status})"

    @property
    def is_over(self) -> bool:
        return self.status in {Status.CANCELED, Status.INCOMPLETE_EXPIRED}


class BillingInvoice(models.Model):
    account = models.ForeignKey(BillingAccount, on_delete=models.CASCADE, related_name="invoices")
    stripe_id = models.CharField(max_length=80, unique=True)
    number = models.CharField(max_length=60, blank=True)
    status = models.CharField(max_length=20)
    total_minor = models.IntegerField()  # with tax
    due_minor = models.IntegerField()
    currency = models.CharField(max_length=3)
    hosted_url = models.URLField(max_length=600, blank=True)
    pdf_url = models.URLField(max_length=600, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("account", "-created_at"), name="billing_invoice_newest"),)

    def __str__(self) -> str:
        return self.number or self.stripe_id


class PlanPrice(models.Model):
    """Where a step's price is at Stripe (`manage.py sync_plans`)."""

    lookup_key = models.CharField(max_length=80, unique=True)
    stripe_price_id = models.CharField(max_length=80, unique=True)
    stripe_product_id = models.CharField(max_length=80)
    synced_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.lookup_key


class StripeEvent(models.Model):
    """Somebody rang: which object to look at. Never what it said."""

    class CameBy(models.TextChoices):
        WEBHOOK = "webhook", "Webhook"
        SWEEP = "sweep", "Nightly sweep"

    event_id = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=80)
    customer_id = models.CharField(max_length=80)
    came_by = models.CharField(max_length=8, choices=CameBy, default=CameBy.WEBHOOK)
    created_at = models.DateTimeField()  # by Stripe's clock
    received_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)  # null: applied, or nobody of ours
    problem = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = (
            models.Index(
                fields=("next_try_at",), condition=Q(next_try_at__isnull=False), name="stripe_event_waiting"
            ),
            models.Index(
                fields=("customer_id",),
                condition=Q(next_try_at__isnull=False),
                name="stripe_event_of_customer",
            ),
            models.Index(fields=("-received_at",), name="stripe_event_newest"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.event_id}"


class RefusedWebhook(models.Model):
    """How many were refused on a day, and why; nothing else of them is kept."""

    day = models.DateField()
    why = models.CharField(max_length=40)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("day", "why"), name="refused_webhook_once"),)

    def __str__(self) -> str:
        return f"{self.why} on {self.day}: {self.count}"


class PlanChange(models.Model):
    """A change that was shown with its price. Confirming it does exactly this; `key` makes a repeated call one change."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(BillingAccount, on_delete=models.CASCADE, related_name="changes")
    step = models.CharField(max_length=40)
    interval = models.CharField(max_length=5, choices=_choices(Interval))
    quantity = models.PositiveIntegerField()
    extra_seats = models.PositiveIntegerField(default=0)
    #: Clients whose payer changes with it: {"take_in": [seller ids], "let_go": [seller ids]}.
    payers = models.JSONField(default=dict)
    prorated_at = models.DateTimeField()
    due_now_minor = models.IntegerField()  # with tax
    credit_minor = models.IntegerField(default=0)
    lines = models.JSONField(default=list)  # [words, minor]
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    made_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True)
    #: How often Stripe said no; to the same key it says the same again, whatever card there is now.
    refusals = models.PositiveSmallIntegerField(default=0, db_default=0)

    def __str__(self) -> str:
        return f"{self.account} to {self.step}"

    @property
    def key(self) -> str:
        return f"change-{self.public_id}-{self.refusals}"


class SellerEntitlement(models.Model):
    """What the gate reads: one row for each seller, kept current when billing changes and when time changes it."""

    seller = models.OneToOneField(
        "accounts.Seller", primary_key=True, on_delete=models.CASCADE, related_name="entitlement"
    )
    payer = models.ForeignKey(BillingAccount, on_delete=models.RESTRICT, related_name="covered")
    standing = models.CharField(max_length=8, choices=_choices(Standing))
    why = models.CharField(max_length=20, choices=_choices(Why))
    #: From then on nothing is sent unless something changes; past: nothing is sent.
    holds_from_at = models.DateTimeField(null=True)
    #: Until then texts of the seller's own wait: two months in a row went over the step.
    own_texts_held_until = models.DateTimeField(null=True)
    #: When time alone makes the row another.
    changes_at = models.DateTimeField(null=True, db_index=True)
    computed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.seller_id}: {self.standing} ({self.why})"


class SellerUsage(models.Model):
    """One calendar month of one seller, on its own clock."""

    seller = models.ForeignKey("accounts.Seller", on_delete=models.CASCADE, related_name="usage")
    month = models.DateField()
    counted = models.PositiveIntegerField(default=0)
    #: Whether more orders were counted than the step of that month held.
    went_over = models.BooleanField(default=False)
    #: What cost nothing: {"amazon": n, "blocked": n, "opted_out": n, "reviews": n, "own": n}.
    details = models.JSONField(default=dict)
    counted_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("seller", "month"), name="seller_usage_once"),)

    def __str__(self) -> str:
        return f"{self.seller_id} in {self.month:%Y-%m}: {self.counted}"


class BillingNotice(models.Model):
    """What an account was told, so that it is told once."""

    account = models.ForeignKey(BillingAccount, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=30)
    about = models.CharField(max_length=60)
    sent_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("account", "kind", "about"), name="billing_notice_once"),
        )

    def __str__(self) -> str:
        return f"{self.kind} about {self.about}"
