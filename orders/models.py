"""What Amazon says happened (a seller's schema). Nothing here is decided by us.

`changed_xact` is the transaction that last changed an order in a way a campaign could care about. A reader
keeps a cursor and reads `cursor <= changed_xact < pg_snapshot_xmin(pg_current_snapshot())`: rows of
transactions still open lie above that line, so a late commit is never skipped, which a time stamp would do
(docs/decisions/0005-change-cursor.md).
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Func, Q, TextField
from django.db.models.functions import Cast, Now


def this_transaction() -> Cast:
    """The writing transaction's own number, never reused: what `changed_xact` holds."""
    number = Func(function="pg_current_xact_id", output_field=TextField())
    return Cast(Cast(number, TextField()), models.BigIntegerField())


class Order(models.Model):
    class Status(models.TextChoices):
        """`fulfillmentStatus` of Orders 2026-01-01; an unknown value is stored as it came."""

        PENDING_AVAILABILITY = "PENDING_AVAILABILITY", "Pending availability"
        PENDING = "PENDING", "Pending"
        UNSHIPPED = "UNSHIPPED", "Unshipped"
        PARTIALLY_SHIPPED = "PARTIALLY_SHIPPED", "Partially shipped"
        SHIPPED = "SHIPPED", "Shipped"
        CANCELLED = "CANCELLED", "Cancelled"
        UNFULFILLABLE = "UNFULFILLABLE", "Unfulfillable"
        UNKNOWN = "UNKNOWN", "Not told by Amazon"

    class Fulfilment(models.TextChoices):
        FBA = "FBA", "Fulfilled by Amazon"
        FBM = "FBM", "Fulfilled by the seller"
        UNKNOWN = "", "Not told by Amazon"

    class Source(models.TextChoices):
        API = "api", "Amazon's API"
        FILE = "file", "An uploaded file"

    #: accounts.Connection; null for an order known only from a file.
    connection_id = models.BigIntegerField(null=True)
    amazon_order_id = models.CharField(max_length=40, unique=True)
    source = models.CharField(max_length=4, choices=Source, default=Source.API, db_default="api")
    #: Empty where the order was placed outside Amazon's stores (multi-channel fulfilment): it has no buyer we
    #: may write to.
    marketplace_id = models.CharField(max_length=20, blank=True)
    status = models.CharField(max_length=24, choices=Status)
    fulfilment = models.CharField(max_length=3, choices=Fulfilment, blank=True)
    programs = ArrayField(models.CharField(max_length=40), default=list, db_default=[])
    is_business = models.BooleanField(default=False, db_default=False)
    #: A replacement or exchange of another order, which is never asked again.
    is_replacement = models.BooleanField(default=False, db_default=False)
    replaces_order_id = models.CharField(max_length=40, blank=True, default="", db_default="")
    has_promotion = models.BooleanField(default=False, db_default=False)
    item_count = models.PositiveIntegerField(default=0, db_default=0)  # units, over all lines
    total_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True, default="", db_default="")
    #: Two letters, known only from files.
    ship_country = models.CharField(max_length=2, blank=True, default="", db_default="")

    # What happened when (UTC). Null: not told, or not yet.
    purchased_at = models.DateTimeField()
    shipped_at = models.DateTimeField(null=True)
    promised_earliest_at = models.DateTimeField(null=True)  # deliverByWindow, FBM only
    promised_latest_at = models.DateTimeField(null=True)
    estimated_arrival_at = models.DateTimeField(null=True)  # FBA shipments report
    delivered_at = models.DateTimeField(null=True)  # carrier's word (FBM package DELIVERED), first seen
    cancelled_at = models.DateTimeField(null=True)
    cancel_requested_at = models.DateTimeField(null=True)
    undeliverable_at = models.DateTimeField(null=True)
    returned_at = models.DateTimeField(null=True)
    refunded_at = models.DateTimeField(null=True)
    feedback_at = models.DateTimeField(null=True)
    feedback_rating = models.PositiveSmallIntegerField(null=True)
    #: Data sets Amazon refused for this order (reduced mode): its facts are unknown, never false.
    unknown_facts = ArrayField(models.CharField(max_length=24), default=list, db_default=[])

    # Buyer data, only where relay mail is in use: sealed, and forgotten 30 days after delivery.
    relay_address_sealed = models.TextField(blank=True, default="", db_default="")
    #: Keyed hash of the relay address: repeat buyers and opt-outs survive the forgetting.
    buyer_key = models.CharField(max_length=64, blank=True, default="", db_default="")
    forgotten_at = models.DateTimeField(null=True)

    #: Amazon's lastUpdatedTime: the newer update wins.
    last_updated_at = models.DateTimeField()
    changed_xact = models.BigIntegerField(db_default=this_transaction())
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())

    class Meta:
        indexes = (
            models.Index(fields=("changed_xact",), name="order_changed_xact"),
            models.Index(fields=("-purchased_at", "-id"), name="order_newest"),
            models.Index(fields=("buyer_key",), condition=~Q(buyer_key=""), name="order_buyer"),
            models.Index(fields=("id",), condition=~Q(relay_address_sealed=""), name="order_sealed"),
        )

    def __str__(self) -> str:
        return self.amazon_order_id


class OrderItem(models.Model):
    # No index of its own: the constraint below begins with it.
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="items", db_index=False)
    #: Amazon's order item id; from files, which do not tell it, the line's SKU.
    amazon_item_id = models.CharField(max_length=140)
    asin = models.CharField(max_length=20, blank=True, default="", db_default="")
    sku = models.CharField(max_length=120, blank=True, default="", db_default="")
    title = models.TextField(blank=True, default="", db_default="")
    quantity = models.PositiveIntegerField(default=0, db_default=0)
    price_minor = models.BigIntegerField(null=True)  # of one unit
    currency = models.CharField(max_length=3, blank=True, default="", db_default="")
    is_cancelled = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("order", "amazon_item_id"), name="order_item_once"),)
        indexes = (
            models.Index(fields=("asin",), name="order_item_asin"),
            models.Index(fields=("sku",), name="order_item_sku"),
        )

    def __str__(self) -> str:
        return self.title or self.sku


class SyncCursor(models.Model):
    """How far a connection has been read. Advances only after the last page of a window is stored."""

    connection_id = models.BigIntegerField(primary_key=True)
    #: Amazon's word up to when its last answer was complete; null: never synced.
    complete_until_at = models.DateTimeField(null=True)
    # The window being read, so that a killed worker goes on where it was.
    window_after_at = models.DateTimeField(null=True)
    window_until_at = models.DateTimeField(null=True)  # as the window's first page said
    window_data = ArrayField(models.CharField(max_length=24), default=list)  # must not change between pages
    page_token = models.TextField(blank=True)
    page_token_at = models.DateTimeField(null=True)
    #: Short hashes of the pages read in this window: a page seen before means that Amazon walks in circles.
    page_marks = ArrayField(models.CharField(max_length=16), default=list)
    pages_read = models.PositiveIntegerField(default=0)  # of this window
    orders_seen = models.BigIntegerField(default=0)
    refused_data = ArrayField(models.CharField(max_length=24), default=list)  # reduced mode
    refused_at = models.DateTimeField(null=True)  # tried again a day later
    next_at = models.DateTimeField(
        null=True
    )  # when this connection is read next; null: at the first occasion
    quiet_reads = models.PositiveIntegerField(default=0)  # windows in a row that brought nothing new
    failures = models.PositiveIntegerField(default=0)  # errors in a row
    last_success_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=400, blank=True)
    last_error_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"cursor of connection {self.connection_id}"


class ReportRun(models.Model):
    """One request of one report: asked, ready, read (or nothing new, or failed)."""

    class State(models.TextChoices):
        ASKED = "asked", "Asked"
        READ = "read", "Read"
        NO_NEWS = "no_news", "Nothing new"
        FAILED = "failed", "Failed"

    connection_id = models.BigIntegerField()
    report_type = models.CharField(max_length=80)
    report_id = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.ASKED)
    data_from_at = models.DateTimeField()
    data_until_at = models.DateTimeField()
    rows_read = models.PositiveIntegerField(default=0)
    looks = models.PositiveIntegerField(default=0)  # how often we asked whether it is ready
    note = models.CharField(max_length=400, blank=True)
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=("connection_id", "report_type", "-asked_at"), name="report_run_latest"),
        )

    def __str__(self) -> str:
        return self.report_type


class OrderImport(models.Model):
    """An uploaded "All orders" file and how far it has been read."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Being read"
        DONE = "done", "Read"
        REFUSED = "refused", "Refused"

    file_name = models.CharField(max_length=200)
    stored_as = models.CharField(max_length=200)  # below MEDIA_ROOT; deleted once read
    size_bytes = models.BigIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    encoding = models.CharField(max_length=20, blank=True)
    bytes_read = models.BigIntegerField(default=0)
    lines_read = models.PositiveIntegerField(default=0)
    lines_bad = models.PositiveIntegerField(default=0)
    orders_new = models.PositiveIntegerField(default=0)
    orders_changed = models.PositiveIntegerField(default=0)
    orders_same = models.PositiveIntegerField(default=0)
    items_in = models.PositiveIntegerField(default=0)
    note = models.CharField(max_length=400, blank=True)  # why it was refused
    attempts = models.PositiveSmallIntegerField(default=0)
    uploaded_by_id = models.BigIntegerField(null=True)  # accounts.User
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.file_name


class ImportProblem(models.Model):
    """One line that was not taken, and why. The first thousand are kept; `lines_bad` counts all."""

    order_import = models.ForeignKey(OrderImport, on_delete=models.CASCADE, related_name="problems")
    line = models.PositiveIntegerField()  # 1 is the header
    column = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=300)

    class Meta:
        ordering = ("line",)

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"
