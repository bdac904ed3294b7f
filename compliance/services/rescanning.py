"""A changed rule pack: every seller's live texts are called up to be looked at again, by the due index.

This app knows no texts. It announces, once for each pack; whoever has live texts (campaigns.services.rescan) does the work.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction

from accounts import due
from accounts.models import Seller
from compliance import pack
from compliance.models import RulePack

KIND = "texts.rescan"
#: While new code is rolled out, processes with the pack before it still run; they do not call everybody up again.
ROLL_OUT = timedelta(minutes=15)
#: The due index hands out the earliest work first: spread so thin, a re-scan never stands before messages that are due.
SELLERS_A_SECOND = 20


def notice(now: datetime) -> int:
    """Announce the running pack where it is new; the number of sellers called up. One SELECT when nothing has changed."""
    if RulePack.objects.filter(version=pack.version()).exists():
        return 0
    with transaction.atomic():
        return _announce(now) if _takes_over(now) else 0


def is_announced() -> bool:
    """Whether this process runs the pack that texts are looked at under; another one leaves them alone."""
    return RulePack.objects.filter(version=pack.version()).exists()


def _takes_over(now: datetime) -> bool:
    """Locks the row. False: somebody else announced it meanwhile, or ours is the pack that is just being replaced."""
    RulePack.objects.get_or_create(id=RulePack.ONLY, defaults={"version": "", "changed_at": now})
    known = RulePack.objects.select_for_update().get(id=RulePack.ONLY)
    running = pack.version()
    is_old = known.before == running and now - known.changed_at < ROLL_OUT
    return known.version != running and not is_old


def _announce(now: datetime) -> int:
    known = RulePack.objects.get(id=RulePack.ONLY)
    known.version, known.before, known.changed_at = pack.version(), known.version, now
    known.save()
    called = list(_spread(now))
    due.lower_many(KIND, called)
    return len(called)


def _spread(now: datetime) -> Iterator[tuple[int, datetime]]:
    sellers = Seller.objects.filter(state=Seller.State.READY).order_by("pk").values_list("pk", flat=True)
    for number, seller_id in enumerate(sellers):
        yield seller_id, now + timedelta(seconds=number / SELLERS_A_SECOND)
