"""This process's client to Amazon: one, shared by its threads, with the limiter and breaker all workers
share."""

import os
from functools import lru_cache

import redis
from django.conf import settings

from amazon.breaker import Breaker
from amazon.client import Client
from amazon.limiter import Limiter
from amazon.settings import AmazonSettings


def client() -> Client:
    """Made anew after a fork and after a change of settings, never shared across either."""
    return _client(os.getpid(), amazon_settings(), settings.CACHES["default"]["LOCATION"])


def amazon_settings() -> AmazonSettings:
    """Raises amazon.settings.UnsafeAddress for plain http to another machine."""
    return AmazonSettings(
        client_id=settings.AMAZON_LWA_CLIENT_ID,
        client_secrets=(settings.AMAZON_LWA_CLIENT_SECRET, settings.AMAZON_LWA_CLIENT_SECRET_NEXT),
        application_id=settings.AMAZON_APPLICATION_ID,
        token_url=settings.AMAZON_TOKEN_URL,
        consent_url=settings.AMAZON_CONSENT_URL,
        base_url=settings.AMAZON_BASE_URL,
        allows_plain_http=bool(settings.SANDBOX_URL),
    )


@lru_cache(maxsize=4)
def _client(pid: int, chosen: AmazonSettings, valkey_url: str) -> Client:
    valkey = redis.Redis.from_url(valkey_url)
    return Client(chosen, Limiter(valkey), Breaker(valkey))
