"""The one table of what runs when. `manage.py prepare` copies it into django-celery-beat's tables; edit it here.

Few ticks, each cheap when nothing is due: a tick reads `accounts.SellerDue` and hands sellers with due work to their tasks.
"""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Tick:
    task: str
    every: timedelta
    #: Seconds after which an unconsumed hint is worthless, so that a stopped worker does not wake to a heap of them.
    expires: timedelta


def _tick(task: str, **every: int) -> Tick:
    period = timedelta(**every)
    return Tick(task, period, max(period, timedelta(seconds=10)))


SCHEDULE: tuple[Tick, ...] = (
    _tick("accounts.tasks.hand_out_due", seconds=1),
    _tick("accounts.tasks.mend_due_index", minutes=15),
    _tick("accounts.tasks.check_connections", hours=1),
    _tick("accounts.tasks.apply_waiting_stripe_events", seconds=10),
    _tick("accounts.tasks.keep_entitlements_current", seconds=30),
    _tick("accounts.tasks.tell_about_billing", hours=1),
    _tick("accounts.tasks.sweep_stripe", hours=1),
    _tick("orders.tasks.receive_notifications", seconds=20),
    _tick("orders.tasks.forget_buyer_data", hours=6),
    _tick("campaigns.tasks.read_bounces", seconds=30),
    _tick("compliance.tasks.watch_desk", minutes=5),
    _tick("compliance.tasks.notice_rule_pack", minutes=1),
)
