"""Speaking to Stripe, and the three ways it can go: done, refused (`Refused`), no answer (`Away`)."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from typing import Any, cast

import stripe
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from accounts.billing import shapes
from accounts.billing.shapes import Snapshot

_log = logging.getLogger(__name__)
_TIMEOUT = 8  # seconds; people wait for some of these calls
_AWAY = "billing:stripe-away-since"
#: What a customer can have of each; more than anybody sees.
_MOST = 24


class Away(Exception):
    """Stripe did not answer. Nothing is known to have changed; a call with the same key may be repeated."""


class Refused(Exception):
    """Stripe said no; the text is for people."""


class NotSetUp(Exception):
    """This installation has no key of Stripe: nothing is sold here."""


def is_set_up() -> bool:
    return bool(settings.STRIPE_SECRET_KEY)


def is_live() -> bool:
    return settings.STRIPE_SECRET_KEY.startswith(("sk_live_", "rk_live_"))


def is_strange_base(key: str, base: str) -> bool:
    """A live key must never go anywhere but to Stripe."""
    return bool(base) and key.startswith(("sk_live_", "rk_live_"))


def api() -> Any:
    """Stripe's API, version 1. Raises NotSetUp."""
    if not is_set_up():
        raise NotSetUp(NotSetUp.__doc__)
    return _client(settings.STRIPE_SECRET_KEY, settings.STRIPE_BASE_URL).v1


@lru_cache(maxsize=4)
def _client(key: str, base: str) -> stripe.StripeClient:
    if is_strange_base(key, base):
        raise NotSetUp(
            "STRIPE_SECRET_KEY is a live key and STRIPE_BASE_URL is not Stripe: unset one of them."
        )
    bases: Any = dict.fromkeys(("api", "connect", "files", "meter_events"), base) if base else None
    http = stripe.RequestsClient(timeout=_TIMEOUT)
    return stripe.StripeClient(key, base_addresses=bases, max_network_retries=1, http_client=http)


@contextmanager
def speaking() -> Iterator[Any]:
    """`with speaking() as api:` with Stripe's errors as ours; remembers since when there is no answer."""
    try:
        yield api()
    except (stripe.APIConnectionError, stripe.RateLimitError) as error:
        raise _gone(error) from error
    except stripe.CardError as error:
        raise Refused(error.user_message or "The card was declined.") from error
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        _log.error("Stripe does not accept our key: %s", error.request_id)
        raise _gone(error) from error
    except stripe.InvalidRequestError as error:
        _log.warning("Stripe refuses a call: %s (%s)", error.code, error.request_id)
        raise Refused(error.user_message or "The payment service refused it.") from error
    except stripe.StripeError as error:
        raise _gone(error) from error
    else:
        if away_since() is not None:
            cache.delete(_AWAY)


def _gone(error: stripe.StripeError) -> Away:
    _log.warning("Stripe does not answer: %s", type(error).__name__)
    cache.add(_AWAY, timezone.now(), timeout=600)
    return Away(
        "The payment service does not answer at the moment. Nothing was changed; try again in a few minutes."
    )


def away_since() -> datetime | None:
    """Since when Stripe has not answered; None: it did when it was last asked."""
    return cast("datetime | None", cache.get(_AWAY))


def fetch(customer_id: str) -> Snapshot:
    """All that counts of one customer, now. Raises Away, Refused."""
    with speaking() as stripe_v1:
        found = stripe_v1.customers.retrieve(
            customer_id, {"expand": ["invoice_settings.default_payment_method", "tax_ids"]}
        )
        customer = shapes.customer(found.to_dict())
        if customer is None:
            return Snapshot(None)
        wanted = {"customer": customer_id, "limit": _MOST}
        coupons = {"expand": ["data.discounts.source.coupon"]}
        subscriptions = stripe_v1.subscriptions.list({**wanted, **coupons, "status": "all"})
        invoices = stripe_v1.invoices.list(wanted)
    return Snapshot(
        customer,
        [shapes.subscription(one.to_dict()) for one in subscriptions.data],
        [shapes.invoice(one.to_dict()) for one in invoices.data],
    )
