"""What must hold between sending's times, said at start-up instead of found out by a message sent twice."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from amazon.settings import Timeouts
from campaigns.channels.smtp import CONNECT_SECONDS, REPLY_SECONDS


@register()
def lease_outlives_the_wire(**options: Any) -> list[CheckMessage]:
    """A lease that ends while an answer may still come makes doubts of messages that are well."""
    longest = max(Timeouts().total, CONNECT_SECONDS + REPLY_SECONDS)
    if timedelta(seconds=longest) < settings.CLAIM_LEASE:
        return []
    return [
        Error(
            f"CLAIM_LEASE is {settings.CLAIM_LEASE}, but an answer may take {longest:.0f} seconds.",
            hint=f"Set CLAIM_LEASE to more than {longest:.0f}s; 2m is the default.",
            id="campaigns.E001",
        )
    ]
