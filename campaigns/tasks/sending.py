"""The edge to Celery for sending. What is due stands in the database: each task may run twice, late, or
never.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from celery import shared_task
from django.utils import timezone

from accounts import due
from accounts.models import Seller
from accounts.tenancy import SellerGone, seller_context
from campaigns.services import bounces, claim, one_off, pausing
from campaigns.services import sweep as sweeping
from campaigns.services.dispatch import Round
from campaigns.services.dispatch.round import KIND

Leases = Sequence[Sequence[object]]
#: Longer than Celery's hard time limit, so that a lease outlives the worker that holds it.
_LEASE = timedelta(minutes=12)


def register_kinds() -> None:
    due.register(due.Kind(KIND, "campaigns.tasks.dispatch", _LEASE, chunk=100, mend=lost_due))
    due.register(due.Kind(claim.SWEEP_KIND, "campaigns.tasks.sweep", _LEASE, chunk=50, mend=lost_sweeps))


@shared_task(name="campaigns.tasks.dispatch")
def dispatch(leases: Leases) -> int:
    """Send what is due for these sellers; the number of messages. A hint older than its lease finds others
    at work and does nothing.
    """
    known = [due.Lease(int(str(seller_id)), KIND, str(token)) for seller_id, token in leases]
    ours = due.renew_many(known)
    return Round(ours).run() if ours else 0


@shared_task(name="campaigns.tasks.sweep")
def sweep(leases: Leases = ()) -> None:
    """Sweep the sellers the due index named. Without leases there is nothing to do: no seller is visited
    to find out.
    """
    due.work_through(claim.SWEEP_KIND, leases, sweep_seller)


def sweep_seller(seller: Seller) -> datetime | None:
    one_off.read_verdicts(timezone.now())
    pausing.watch(timezone.now())
    return sweeping.sweep(seller).next_due_at


@shared_task(name="campaigns.tasks.read_bounces")
def read_bounces() -> int:
    return bounces.read_sandbox()


# --- mending the index: slow, and the only thing that visits sellers without work ---


def lost_due() -> Iterator[tuple[int, datetime]]:
    return _of_every_seller(lambda: claim.next_due_at(timedelta(0)))


def lost_sweeps() -> Iterator[tuple[int, datetime]]:
    return _of_every_seller(sweeping.next_look_at)


def _of_every_seller(look: Callable[[], datetime | None]) -> Iterator[tuple[int, datetime]]:
    for seller in Seller.objects.filter(state=Seller.State.READY).order_by("pk").iterator():
        try:
            with seller_context(seller):
                at = look()
        except SellerGone:
            continue
        if at is not None:
            yield seller.pk, at
