"""What became of an account and who did it, in words: the audit log's lines about billing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import AuditEntry

_WORDS = {
    "billing.checkout_opened": "Opened the checkout page",
    "billing.at_stripe": "The plan at Stripe",
    "billing.plan_changed": "Changed the plan",
    "billing.cancelled": "Cancelled the plan",
    "billing.resumed": "Took the cancellation back",
    "billing.quantity_lowered": "Fewer sellers or seats are paid for",
    "billing.payer_changed": "Who pays",
    "billing.own_plan_ends": "Its own plan is not renewed, as another pays",
    "billing.comped": "Covered",
    "billing.comp_ended": "Ended the cover",
    "billing.trial_extended": "Set the trial's end",
}
#: Whose target is the account's own name, which the page has in its heading.
_ABOUT_ITSELF = frozenset(
    {"billing.comped", "billing.comp_ended", "billing.trial_extended", "billing.payer_changed"}
)


@dataclass(frozen=True)
class Told:
    words: str
    about: str
    note: str
    #: A datetime or words; both empty where nothing became another.
    before: Any
    after: Any
    entry: AuditEntry


def told(entry: AuditEntry) -> Told:
    data = entry.data
    return Told(
        _WORDS.get(entry.action, entry.action), "" if entry.action in _ABOUT_ITSELF else entry.target,
        data.get("note", ""), _value(data.get("before")), _value(data.get("after")), entry,
    )  # fmt: skip


def _value(stored: Any) -> Any:
    try:
        return datetime.fromisoformat(stored)
    except (TypeError, ValueError):
        return "" if stored is None else str(stored)
