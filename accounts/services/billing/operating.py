"""What the operator gives: an account for nothing, a longer trial. Each with its reason, in the audit log, and undone."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import BillingAccount, User
from accounts.services import audit
from accounts.services.billing import applying, standing
from accounts.services.billing.stripe_api import speaking


def comp(account: BillingAccount, until: datetime | None, note: str, actor: User) -> None:
    """Everything for nothing until then; None ends it now. Raises ValidationError."""
    if until is not None and until <= timezone.now():
        raise ValidationError({"until": "Choose a day in the future."})
    if until is not None and not note.strip():
        raise ValidationError({"note": "Say why; the audit log keeps it."})
    with transaction.atomic():
        before, account.comped_until = account.comped_until, until
        account.comp_note = note.strip()[:200]
        account.save(update_fields=["comped_until", "comp_note"])
        _record("billing.comped" if until else "billing.comp_ended", actor, account, before, until, note)
        standing.refresh_covered_by(account)


def extend_trial(account: BillingAccount, until: datetime, note: str, actor: User) -> None:
    """Of our own trial, and of the one at Stripe where a plan was chosen already. Raises ValidationError, Away, Refused."""
    before = trial_end(account)
    if until <= timezone.now() or (before and until <= before):
        raise ValidationError({"until": "Choose a day after the trial's present end."})
    if not note.strip():
        raise ValidationError({"note": "Say why; the audit log keeps it."})
    subscription = standing.current_subscription(account)
    with transaction.atomic():
        account.trial_ends_at = until
        account.save(update_fields=["trial_ends_at"])
        _record("billing.trial_extended", actor, account, before, until, note)
        standing.refresh_covered_by(account)
    if subscription and subscription.status == "trialing":
        params = {"trial_end": int(until.timestamp()), "proration_behavior": "none"}
        with speaking() as api:
            api.subscriptions.update(subscription.stripe_id, params)
        applying.refresh(account)


def trial_end(account: BillingAccount) -> datetime | None:
    """The later of our own and Stripe's."""
    subscription = standing.current_subscription(account)
    ends = [account.trial_ends_at, subscription.trial_ends_at if subscription else None]
    return max((at for at in ends if at), default=None)


def _record(
    action: str,
    actor: User,
    account: BillingAccount,
    before: datetime | None,
    after: datetime | None,
    note: str,
) -> None:
    moments = {"before": before.isoformat() if before else "", "after": after.isoformat() if after else ""}
    audit.record(
        action,
        actor,
        seller=account.seller,
        agency=account.agency,
        target=str(account),
        note=note.strip()[:200],
        **moments,
    )
