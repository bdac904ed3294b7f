"""A seven-event life of a subscription as Stripe would tell it, and what is true after each; for every order of the events.

The truth at any moment is the furthest that life has come among the events that rang: what a fetch would find, at the
earliest. Tests and the bench share it.
"""

import itertools
import json
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import stripe

from accounts.billing.entitlements import Standing, Status
from accounts.billing.shapes import CustomerShape, InvoiceShape, Snapshot, SubscriptionShape

NOW = datetime.now(UTC).replace(microsecond=0)
#: Kind of the event, Stripe's status after it, what the seller then may.
LIFE: tuple[tuple[str, Status, Standing], ...] = (
    ("customer.subscription.created", Status.INCOMPLETE, Standing.FREE),
    ("checkout.session.completed", Status.ACTIVE, Standing.PAID),
    ("invoice.paid", Status.ACTIVE, Standing.PAID),
    ("invoice.payment_failed", Status.PAST_DUE, Standing.GRACE),
    ("customer.subscription.updated", Status.UNPAID, Standing.HELD),
    ("invoice.payment_succeeded", Status.ACTIVE, Standing.PAID),
    ("customer.subscription.deleted", Status.CANCELED, Standing.FREE),
)


def snapshot(customer: str, stage: int) -> Snapshot:
    """What a fetch finds when life has come as far as `stage`."""
    status = LIFE[stage][1]
    subscription = SubscriptionShape(
        f"sub_{customer}", status, "solo-500", "month", 1, 0, "si_1", "", NOW + timedelta(days=20), None, None,
        NOW if status is Status.CANCELED else None, NOW - timedelta(days=40),
    )  # fmt: skip
    paid = InvoiceShape(
        f"in_{customer}", subscription.stripe_id, "A-1", "paid", 1900, 0, "EUR", "", "", NOW, NOW
    )
    is_open = status in {Status.PAST_DUE, Status.UNPAID}
    invoice = replace(paid, status="open", due_minor=1900) if is_open else paid
    return Snapshot(CustomerShape(customer, "Acme", "Visa ending in 4242", 0, []), [subscription], [invoice])


def orders() -> Iterator[tuple[int, ...]]:
    """All 5,040."""
    return itertools.permutations(range(len(LIFE)))


def deliveries(order: tuple[int, ...], seed: int) -> list[int]:
    """Each event one to three times: the first in this order, the others anywhere after it."""
    rng, found = random.Random(seed), list(order)
    for stage in order:
        for _ in range(rng.randrange(3)):
            found.insert(rng.randint(found.index(stage) + 1, len(found)), stage)
    return found


def body_of(customer: str, life: str, stage: int) -> bytes:
    kind = LIFE[stage][0]
    about = {"id": f"sub_{customer}", "object": "subscription", "customer": customer}
    event: dict[str, Any] = {
        "id": f"evt_{life}_{stage}", "object": "event", "type": kind, "created": int(time.time()) - 60 * (7 - stage),
        "livemode": False, "api_version": stripe.api_version, "data": {"object": about},
    }  # fmt: skip
    return json.dumps(event).encode()


def signed(body: bytes, secret: str) -> str:
    return stripe.WebhookSignature.generate_signature_header(body.decode(), secret)
