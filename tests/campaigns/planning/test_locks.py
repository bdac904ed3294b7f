"""Planning waits for planning of the same seller, and for nothing else."""

import threading

from django.db import connection

from accounts.models import BillingAccount
from accounts.services.billing import applying
from campaigns.services import plan


def test_planning_does_not_wait_for_stripe(seller):
    """A billing account is locked while Stripe is asked, which may take seconds; some seller has its number."""
    is_asking, is_answered = threading.Event(), threading.Event()

    def ask() -> None:
        with applying.one_at_a_time(BillingAccount(pk=seller.pk)):
            is_asking.set()
            is_answered.wait(20)
        connection.close()

    stripe = threading.Thread(target=ask)
    stripe.start()
    try:
        assert is_asking.wait(20)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")
        plan.take_turn()
    finally:
        is_answered.set()
        stripe.join()
