"""How fast a visitor may ask: the REST framework's throttle, counted in the cache, for API views and pages alike.

Who asks is a user, or an address. The cache holds a keyed hash of either and never the address itself. A cache that is down
lets everybody pass: this is politeness, not a lock.
"""

import hashlib
import hmac
import logging
import math
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import SimpleRateThrottle

_log = logging.getLogger(__name__)


class Polite(SimpleRateThrottle):
    """`scope` names two rates in DEFAULT_THROTTLE_RATES: `<scope>_user` for people signed in, `<scope>_anyone` for others.

    A view with `throttle_cost(request) -> int` says how much one request weighs; without, it weighs 1.
    """

    cost, most, lasts = 1, 0, 0

    def __init__(self, scope: str = "") -> None:
        """The rate is known only once the visitor is."""
        self.base = scope

    def allow_request(self, request: Any, view: Any) -> bool:
        self.base = self.base or view.throttle_scope
        is_user = bool(request.user and request.user.is_authenticated)
        self.scope = f"{self.base}_{'user' if is_user else 'anyone'}"
        most, lasts = self.parse_rate(str(api_settings.DEFAULT_THROTTLE_RATES[self.scope]))
        self.most, self.lasts = int(most or 0), int(lasts or 0)
        self.cost = max(1, min(getattr(view, "throttle_cost", lambda _: 1)(request), self.most))
        try:
            return self._count(request, view)
        except Exception:  # noqa: BLE001  # whatever the cache has, visitors are not to blame
            _log.exception("Visitors cannot be counted; everybody passes")
            return True

    def _count(self, request: Any, view: Any) -> bool:
        self.key = self.get_cache_key(request, view)
        self.now = self.timer()
        kept = self.cache.get(self.key, [])
        self.history = [at for at in kept if at > self.now - self.lasts]  # newest first
        if len(self.history) + self.cost > self.most:
            return False
        self.cache.set(self.key, [self.now] * self.cost + self.history, self.lasts)
        return True

    def get_cache_key(self, request: Any, view: Any) -> str:
        """An API key, once there are any, is what asks: `request.auth` before the user."""
        is_user = request.user and request.user.is_authenticated
        who = f"user {request.user.pk}" if is_user else self.get_ident(request)
        digest = hmac.new(settings.SECRET_KEY.encode(), f"{self.scope} {who}".encode(), hashlib.sha256)
        return f"throttle:{digest.hexdigest()[:32]}"

    def wait(self) -> float:
        """Seconds until this request would be let through."""
        in_the_way = len(self.history) + self.cost - self.most
        oldest_first = self.history[::-1]
        at = oldest_first[min(in_the_way, len(oldest_first)) - 1] if oldest_first else self.now
        return max(1.0, at + self.lasts - self.now)


def wait_for(request: HttpRequest | Request, scope: str) -> int:
    """For a page: 0, or the whole seconds until this visitor may ask again. A request that may pass is counted."""
    throttle = Polite(scope)
    return 0 if throttle.allow_request(request, None) else math.ceil(throttle.wait())
