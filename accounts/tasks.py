"""The ticks of accounts. Each may run twice, at any time, on any worker."""

import logging
from collections import defaultdict
from itertools import islice

from celery import current_app, shared_task

from accounts import due
from accounts.services import connections, provisioning
from accounts.services.billing import applying, notices, opening, standing, stripe_api, sweeping

_log = logging.getLogger(__name__)

CLAIM_AT_ONCE = 500
MOST_IN_A_TICK = 5_000  # the rest is for the next tick, a second later


@shared_task
def hand_out_due() -> int:
    """Claim what is due and send it to its kinds' tasks in chunks; the number of sellers handed out.

    A hint that is lost costs one lease: the row is claimed again when the lease runs out."""
    handed_out = 0
    while handed_out < MOST_IN_A_TICK:
        leases = due.claim(CLAIM_AT_ONCE)
        _send(leases)
        handed_out += len(leases)
        if len(leases) < CLAIM_AT_ONCE:
            break
    return handed_out


def _send(leases: list[due.Lease]) -> None:
    by_kind: dict[str, list[list[object]]] = defaultdict(list)
    for lease in leases:
        by_kind[lease.kind].append([lease.seller_id, lease.token])
    for name, pairs in by_kind.items():
        kind = due.kind_named(name)
        rest = iter(pairs)
        while chunk := list(islice(rest, kind.chunk)):
            # A hint older than its lease is worthless: the row has been handed out again.
            current_app.send_task(kind.task, args=[chunk], expires=kind.lease.total_seconds())


@shared_task
def mend_due_index() -> None:
    """Put back index entries that a crash or a mistake lost, and finish sellers whose preparation was cut
    short."""
    for kind in due.kinds():
        if kind.mend:
            try:
                due.lower_many(kind.name, kind.mend())
            except Exception:  # noqa: BLE001  # the other kinds are not to blame
                _log.exception("The due index could not be mended for %s", kind.name)
    provisioning.resume_unfinished()


@shared_task
def check_connections() -> None:
    """Warn before Amazon's yearly re-authorisation and read each account's marketplaces once a day."""
    connections.warn_of_expiry()
    connections.refresh_participations()


# --- billing


@shared_task
def apply_stripe_events(customer_id: str) -> int:
    """Stripe rang about this customer."""
    return applying.apply_events(customer_id)


@shared_task
def apply_waiting_stripe_events() -> None:
    """What a lost hint or an absent Stripe left waiting, and periods that ended without a word."""
    applying.apply_due()
    if stripe_api.is_set_up():
        applying.confirm_due()


@shared_task
def keep_entitlements_current() -> int:
    """Trials, graces and gifts that ended by themselves."""
    return standing.refresh_due()


@shared_task
def tell_about_billing() -> None:
    """Trials that end, payments that failed; and accounts that a crash left unopened."""
    opening.missing()
    notices.tell_due()


@shared_task
def sweep_stripe() -> int:
    """Nightly: what no webhook brought."""
    return sweeping.sweep_nightly()
