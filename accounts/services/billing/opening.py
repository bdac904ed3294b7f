"""Billing accounts: opened with the place, and who pays for whom."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.billing import plans
from accounts.models import Agency, BillingAccount, Seller, SellerEntitlement, User
from accounts.services import audit
from accounts.services.billing import counting, notices, standing


def open_agency(agency: Agency) -> BillingAccount:
    """Its trial begins. Inside the caller's transaction; may run twice."""
    ends_at = timezone.now() + plans.TRIAL
    return BillingAccount.objects.get_or_create(agency=agency, defaults={"trial_ends_at": ends_at})[0]


def open_seller(seller: Seller) -> BillingAccount:
    """Its own account, and who pays: an agency that has not bought yet pays for all of its sellers in its trial; else a
    new client begins with a trial of its own. Inside the caller's transaction; may run twice."""
    ends_at = timezone.now() + plans.TRIAL
    own, _ = BillingAccount.objects.get_or_create(seller=seller, defaults={"trial_ends_at": ends_at})
    payer = own
    if seller.agency:
        theirs = open_agency(seller.agency)
        payer = own if standing.current_subscription(theirs) else theirs
    row = {"payer": payer, "standing": "trial", "why": "own_trial", "computed_at": timezone.now()}
    SellerEntitlement.objects.get_or_create(seller=seller, defaults=row)
    standing.refresh([seller.pk])
    return own


def set_payer(seller: Seller, payer: BillingAccount, actor: User | None) -> None:
    """From now on `payer` pays for this seller. What it costs is agreed before (changing.py)."""
    with transaction.atomic():
        row = SellerEntitlement.objects.select_for_update().select_related("payer").get(seller=seller)
        before = row.payer
        if before.pk == payer.pk:
            return
        SellerEntitlement.objects.filter(seller=seller).update(payer=payer)
        audit.record(
            "billing.payer_changed", actor, seller=seller, agency=payer.agency or before.agency,
            target=str(payer), before=str(before), after=str(payer),
        )  # fmt: skip
        standing.refresh([seller.pk])
        notices.payer_changed(BillingAccount.objects.get(seller=seller), payer)


def leave_agency(seller: Seller, actor: User | None) -> None:
    """A client that leaves keeps its data and gets its own trial. Inside the caller's transaction."""
    pay_itself(seller, actor)


def pay_itself(seller: Seller, actor: User | None) -> None:
    """With a trial of its own, once: it never had time to use the one it was born with."""
    with transaction.atomic():
        own = BillingAccount.objects.select_for_update(of=("self",)).get(seller=seller)
        if notices.first_time(own, "own_trial", "given"):
            give_trial(own, timezone.now() + plans.TRIAL)
        set_payer(seller, own, actor)
        counting.weigh(own)  # what waited for the other's step waits no more


def give_trial(account: BillingAccount, until: datetime) -> None:
    """Never shortens one."""
    if account.trial_ends_at is None or account.trial_ends_at < until:
        account.trial_ends_at = until
        account.save(update_fields=["trial_ends_at"])


def missing() -> int:
    """Sellers whose account is not there yet, as after a crash or a row made by hand; the slow tick calls this."""
    found = Seller.objects.filter(entitlement=None).exclude(state=Seller.State.CLOSED)[:500]
    for seller in found:
        with transaction.atomic():
            open_seller(seller)
    return len(found)
