"""What the operator gives: an account for nothing, a longer trial. Each with its reason, in the audit log, and undone."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.billing.entitlements import Status
from accounts.models import BillingAccount, User
from accounts.services import audit
from accounts.services.billing import applying, buying, counting, standing
from accounts.services.billing.stripe_api import speaking


def comp(account: BillingAccount, until: datetime | None, note: str, actor: User) -> None:
    """Everything for nothing until then; None ends it now. What a plan would cost meanwhile is not collected: Stripe is told
    first, so that where it does not answer nothing has changed. Raises ValidationError, Away, Refused."""
    if until is not None and until <= timezone.now():
        raise ValidationError({"until": "Choose a day in the future."})
    if until is not None and not note.strip():
        raise ValidationError({"note": "Say why; the audit log keeps it."})
    _collect_from(account, until)
    with transaction.atomic():
        before, account.comped_until = account.comped_until, until
        account.comp_note = note.strip()[:200]
        account.save(update_fields=["comped_until", "comp_note"])
        _record("billing.comped" if until else "billing.comp_ended", actor, account, before, until, note)
        standing.refresh_covered_by(account)
        counting.weigh(account)


def _collect_from(account: BillingAccount, at: datetime | None) -> None:
    """Invoices before that are made and voided; None: Stripe collects again."""
    found = standing.current_subscription(account)
    if found is None or found.status not in buying.ALIVE:
        return
    pause: Any = {"behavior": "void", "resumes_at": int(at.timestamp())} if at else ""
    with speaking() as api:
        api.subscriptions.update(found.stripe_id, {"pause_collection": pause})


def extend_trial(account: BillingAccount, until: datetime, note: str, actor: User) -> None:
    """Of our own trial, and of the one at Stripe where a plan was chosen already; an earlier day that is still to come takes
    an extension back. Stripe is told first. Raises ValidationError, Away, Refused; then nothing has changed."""
    before = trial_end(account)
    if until <= timezone.now() or until == before:
        raise ValidationError({"until": "Choose a day in the future that is not the trial's end already."})
    if not note.strip():
        raise ValidationError({"note": "Say why; the audit log keeps it."})
    subscription = standing.current_subscription(account)
    if subscription and subscription.status == Status.ACTIVE:
        raise ValidationError({"until": "It pays already, so a trial changes nothing. Cover it instead."})
    bought = subscription if subscription and subscription.status == Status.TRIALING else None
    if bought:
        params = {"trial_end": int(until.timestamp()), "proration_behavior": "none"}
        with speaking() as api:
            api.subscriptions.update(bought.stripe_id, params)
    with transaction.atomic():
        account.trial_ends_at = until
        account.save(update_fields=["trial_ends_at"])
        _record("billing.trial_extended", actor, account, before, until, note)
        standing.refresh_covered_by(account)
        counting.weigh(account)
    if bought:
        applying.look(account)


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
