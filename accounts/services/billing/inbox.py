"""Stripe's webhooks at the door: genuine, ours, known, stored once; everything else is refused and only counted."""

import logging
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import orjson
import stripe
from celery import current_app
from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import StripeEvent
from accounts.services.billing import stripe_api

_log = logging.getLogger(__name__)
#: Stripe's own tolerance between signing and arrival, in seconds (`stripe.Webhook.DEFAULT_TOLERANCE` of 16.1).
TOLERANCE = 300
LARGEST = 256 * 1024
#: What tells that something of a customer changed. The object is fetched afresh, whichever it was.
KINDS = frozenset(
    {
        "checkout.session.completed",
        "customer.updated",
        "customer.deleted",
        "customer.discount.created",
        "customer.discount.deleted",
        "customer.tax_id.created",
        "customer.tax_id.deleted",
        "customer.tax_id.updated",
        "customer.subscription.created",
        "customer.subscription.deleted",
        "customer.subscription.paused",
        "customer.subscription.resumed",
        "customer.subscription.trial_will_end",
        "customer.subscription.updated",
        "invoice.created",
        "invoice.finalized",
        "invoice.marked_uncollectible",
        "invoice.paid",
        "invoice.payment_action_required",
        "invoice.payment_failed",
        "invoice.payment_succeeded",
        "invoice.updated",
        "invoice.voided",
        "payment_method.attached",
        "payment_method.detached",
    }
)


class Why(StrEnum):
    TOO_LARGE = "too_large"
    NOT_SIGNED = "not_signed"  # forged, or with another secret
    TOO_OLD = "too_old"  # genuine once, and replayed
    MALFORMED = "malformed"
    WRONG_MODE = "wrong_mode"  # test on live, or live on test
    UNKNOWN = "unknown"


class RefusedEvent(Exception):
    """Nothing is stored of it but a count."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


def receive(body: bytes, signature: str) -> bool:
    """Store the event, and hint at it; whether it is new. Raises RefusedEvent."""
    event = _genuine(body, signature)
    is_new = store([event], StripeEvent.CameBy.WEBHOOK) == 1
    if is_new and not _is_hinted_at(event):
        hint(event.customer_id)
    return is_new


def count_refused(why: Why) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO public.accounts_refusedwebhook AS known (day, why, count) VALUES (%s, %s, 1) "
            "ON CONFLICT (day, why) DO UPDATE SET count = known.count + 1",
            [timezone.now().date(), str(why)],
        )


def _genuine(body: bytes, signature: str) -> StripeEvent:
    if len(body) > LARGEST:
        raise RefusedEvent(Why.TOO_LARGE)
    _verify(body, signature)
    try:
        said = orjson.loads(body)
        event = shaped(said)
        is_live = said["livemode"]
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, OverflowError):
        raise RefusedEvent(Why.MALFORMED) from None
    if is_live is not stripe_api.is_live():
        raise RefusedEvent(Why.WRONG_MODE)
    if event.kind not in KINDS or not event.customer_id:
        raise RefusedEvent(Why.UNKNOWN)
    return event


def _verify(body: bytes, signature: str) -> None:
    """On the raw body, by either secret while one takes the other's place. Stripe's own code compares in constant time."""
    secrets = [s for s in (settings.STRIPE_WEBHOOK_SECRET, settings.STRIPE_WEBHOOK_SECRET_NEXT) if s]
    why = Why.NOT_SIGNED
    for secret in secrets:
        try:
            stripe.WebhookSignature.verify_header(body, signature, secret, TOLERANCE)
        except stripe.SignatureVerificationError as problem:
            if "tolerance" in str(problem):
                why = Why.TOO_OLD
        except (ValueError, IndexError, TypeError):  # a header or a body that is none
            why = Why.NOT_SIGNED
        else:
            return
    raise RefusedEvent(why)


def shaped(said: dict[str, Any]) -> StripeEvent:
    """Raises KeyError, TypeError or ValueError where it is no event."""
    found = said["data"]["object"]
    customer = found["id"] if found["object"] == "customer" else found.get("customer")
    if isinstance(customer, dict):
        customer = customer["id"]
    values = {"event_id": said["id"], "kind": said["type"], "customer_id": customer or ""}
    if not all(map(_is_short_text, values.values())) or not said["id"]:
        raise ValueError("not an event")
    return StripeEvent(**values, created_at=datetime.fromtimestamp(said["created"], UTC))


def _is_short_text(value: object) -> bool:
    """As a column takes it: PostgreSQL has no zero character."""
    return isinstance(value, str) and len(value) <= 80 and "\0" not in value


_STORE = """
INSERT INTO public.accounts_stripeevent
  (event_id, kind, customer_id, came_by, created_at, received_at, attempts, next_try_at, problem)
SELECT event_id, kind, customer_id, %(came_by)s, created_at, statement_timestamp(), 0,
       statement_timestamp() + interval '10 seconds', ''
FROM unnest(%(ids)s::text[], %(kinds)s::text[], %(customers)s::text[], %(created)s::timestamptz[])
     AS given (event_id, kind, customer_id, created_at)
ON CONFLICT (event_id) DO NOTHING
"""


def store(events: list[StripeEvent], came_by: StripeEvent.CameBy) -> int:
    """Each once, by its id; how many were new. The tick takes what no hint has reached after ten seconds."""
    given: dict[str, Any] = {
        "came_by": came_by,
        "ids": [e.event_id for e in events],
        "kinds": [e.kind for e in events],
        "customers": [e.customer_id for e in events],
        "created": [e.created_at for e in events],
    }
    with connection.cursor() as cursor:
        cursor.execute(_STORE, given)
        return int(cursor.rowcount)


_HINTED_AT = """
SELECT EXISTS (
  SELECT FROM public.accounts_stripeevent earlier
  WHERE earlier.customer_id = %s AND earlier.next_try_at IS NOT NULL AND earlier.attempts = 0
    AND earlier.received_at > statement_timestamp() - interval '10 seconds'
    AND earlier.id < (SELECT id FROM public.accounts_stripeevent WHERE event_id = %s))
"""


def _is_hinted_at(event: StripeEvent) -> bool:
    """Whether an earlier event of the customer waits whose hint is on its way: who follows it looks until nothing waits. Of
    two that come at the same moment the earlier hints."""
    with connection.cursor() as cursor:
        cursor.execute(_HINTED_AT, [event.customer_id, event.event_id])
        return bool(cursor.fetchone()[0])


def hint(customer_id: str) -> None:
    """The row is the truth: a broker that is away costs ten seconds, and no answer waits for it."""
    try:
        current_app.send_task(
            "accounts.tasks.apply_stripe_events", args=[customer_id], retry=False, expires=600
        )
    except Exception as problem:  # noqa: BLE001  # whatever ails the broker
        _log.warning("No hint of a Stripe event: %s", type(problem).__name__)
