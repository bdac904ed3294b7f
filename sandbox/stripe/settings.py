"""What can be set while the stand-in runs, and the faults: how Stripe, the cards and the network behave."""

from __future__ import annotations

from typing import Any

SETTINGS: dict[str, Any] = {
    # --- the API
    "down": False,  # every call answers 503
    "down_after": 0,  # so many more calls are answered, then it is down
    "slow_seconds": 0.0,  # before every answer
    "rate_limited": 0,  # so many calls answer 429
    "lost_answers": 0,  # so many calls are done, and the connection breaks before the answer
    # --- webhooks
    "copies": 1,  # of each event's delivery
    "lost": 0.0,  # share of events that are never delivered; the list of events has them
    "late_seconds": 0.0,  # until the first attempt
    "shuffled_seconds": 0.0,  # a random delay up to this, so that events overtake each other
    "retry_seconds": 1.0,  # until the second attempt; doubled each time (Stripe: hours)
    # --- money
    "tax_percent": 19.0,
    "retry_days": [1, 3, 5, 7],  # after a payment failed
    "after_retries": "unpaid",  # or "canceled", "past_due"
}


def checked(changes: dict[str, Any]) -> dict[str, Any]:
    """Raises ValueError naming an unknown setting, TypeError a value of the wrong kind."""
    for name, value in changes.items():
        if name not in SETTINGS:
            raise ValueError(f"{name}: unknown; use {', '.join(SETTINGS)}")
        known = SETTINGS[name]
        kinds = (int, float) if isinstance(known, float) else (type(known),)
        if not isinstance(value, kinds):
            raise TypeError(f"{name}: {value!r} is not a {type(known).__name__}")
    return changes
