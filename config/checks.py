"""What must hold before anything starts. Each refusal says what to change."""

from typing import Any
from urllib.parse import urlsplit

from celery import current_app
from django.apps import apps
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register

from accounts import due, sealing
from accounts.services.billing import stripe_api
from compliance.services import calendar


@register
def an_app_with_data_is_shared_or_per_seller(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A table missing in the seller's schema would silently be found in the shared one."""
    both = sorted(set(settings.SHARED_APPS) & set(settings.TENANT_APPS))
    with_data = [name for name in both if list(apps.get_app_config(name.rsplit(".")[-1]).get_models())]
    return [
        Error(f"{name} is in SHARED_APPS and TENANT_APPS: keep it in one.", id="permitted.E001")
        for name in with_data
    ]


@register
def search_path_is_set_every_time(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if getattr(settings, "TENANT_LIMIT_SET_CALLS", False):
        hint = "A cached search path has read a foreign seller's rows after a rollback."
        return [Error("TENANT_LIMIT_SET_CALLS is on: remove it.", hint=hint, id="permitted.E002")]
    return []


@register
def leases_outlive_tasks(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Else work is handed out again while it still runs."""
    hint = "Lengthen the lease, or give the task a shorter time_limit of its own."
    return [
        Error(
            f"{kind.name} is leased for {kind.lease}, but its task may run {limit} s.",
            hint=hint,
            id="permitted.E003",
        )
        for kind in due.kinds()
        if kind.lease.total_seconds() <= (limit := _time_limit(kind.task))
    ]


def _time_limit(task: str) -> float:
    known = current_app.tasks.get(task)
    return getattr(known, "time_limit", None) or settings.CELERY_TASK_TIME_LIMIT


@register
def tasks_end_before_redelivery(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    timeout = settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]
    if settings.CELERY_TASK_SOFT_TIME_LIMIT < settings.CELERY_TASK_TIME_LIMIT <= timeout / 2:
        return []
    rule = "CELERY_TASK_SOFT_TIME_LIMIT < CELERY_TASK_TIME_LIMIT <= half of the broker's visibility_timeout"
    return [Error(f"Time limits are out of order; keep {rule}.", id="permitted.E004")]


@register
def sealing_keys_parse(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    try:
        sealing.parse_ring(settings.SEALING_KEYS)
    except sealing.BadKeyRing as problem:
        return [Error(f"{problem}.", id="permitted.E005")]
    return []


@register(deploy=True)
def addresses_are_https(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Outside debugging, tokens travel only under TLS. The sandbox on one machine is the exception."""
    if settings.DEBUG:
        return []
    names = ("SITE_URL", "AMAZON_BASE_URL", "AMAZON_TOKEN_URL", "AMAZON_CONSENT_URL")
    bad = [name for name in names if (value := getattr(settings, name)) and not _is_safe(value)]
    return [Error(f"{name} must be https.", id="permitted.E006") for name in bad]


def _is_safe(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" or (
        bool(settings.SANDBOX_URL) and parts.hostname in {"127.0.0.1", "localhost"}
    )


@register
def a_live_key_goes_to_stripe_only(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if stripe_api.is_strange_base(settings.STRIPE_SECRET_KEY, settings.STRIPE_BASE_URL):
        hint = "Unset STRIPE_BASE_URL, or use a test key with it."
        return [
            Error(
                "STRIPE_SECRET_KEY is live and STRIPE_BASE_URL is not Stripe.", hint=hint, id="permitted.E009"
            )
        ]
    return []


@register
def webhooks_can_be_verified(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if settings.STRIPE_SECRET_KEY and not settings.STRIPE_WEBHOOK_SECRET:
        hint = "Stripe shows it beside the endpoint; every event is refused without it."
        return [Error("STRIPE_WEBHOOK_SECRET is not set.", hint=hint, id="permitted.E008")]
    return []


@register(deploy=True)
def something_is_sold(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if settings.STRIPE_SECRET_KEY:
        return []
    return [
        checks.Warning(
            "No STRIPE_SECRET_KEY: nothing is sold, and every seller may send.", id="permitted.W002"
        )
    ]


@register
def consent_is_configured(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if settings.AMAZON_APPLICATION_ID or settings.DEBUG:
        return []
    names = "AMAZON_APPLICATION_ID, AMAZON_LWA_CLIENT_ID and AMAZON_LWA_CLIENT_SECRET"
    return [
        checks.Warning(f"No Amazon application: sellers can not connect. Set {names}.", id="permitted.W001")
    ]


@register
def working_hours_parse(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    try:
        calendar.current()
    except (ValueError, KeyError) as problem:  # ZoneInfoNotFoundError is a KeyError
        hint = "REVIEW_HOURS=08:00-20:00, REVIEW_DAYS=1,2,3,4,5, REVIEW_HOLIDAYS=2026-12-25, REVIEW_TIMEZONE=Europe/Berlin"
        return [
            Error(
                f"The review desk's working hours cannot be read: {problem}.", hint=hint, id="permitted.E007"
            )
        ]
    return []
