"""The tasks by which planning is woken, and the commands that do the same by hand."""

import pytest
from celery import current_app
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import due
from accounts.models import SellerDue
from campaigns.models import Campaign, Message
from campaigns.tasks import planning
from tests.factories.campaigns import make_campaign
from tests.factories.orders import make_order

pytestmark = pytest.mark.usefixtures("all_committed")


def leases_of(seller, kind):
    """What a hint carries once the index has handed this seller's work out."""
    due.lower(seller.pk, kind, timezone.now())
    claimed = [lease for lease in due.claim(100) if lease.kind == kind and lease.seller_id == seller.pk]
    return [[lease.seller_id, lease.token] for lease in claimed]


def test_the_tasks_have_the_names_the_index_sends_to():
    for kind in ("orders.changed", "campaigns.edited"):
        assert due.kind_named(kind).task in current_app.tasks


def test_a_hint_plans_and_gives_the_lease_back(seller):
    make_campaign()
    make_order()
    planning.plan_changed(leases_of(seller, "orders.changed"))
    assert Message.objects.count() == 1
    row = SellerDue.objects.get(seller=seller, kind="orders.changed")
    assert row.lease is None


def test_the_same_hint_again_does_nothing(seller):
    make_campaign()
    make_order()
    leases = leases_of(seller, "orders.changed")
    planning.plan_changed(leases)
    planning.plan_changed(leases)
    assert Message.objects.get().events.count() == 0


def test_an_edit_is_planned_by_its_hint(seller):
    campaign = make_campaign()
    make_order()
    planning.plan_changed(leases_of(seller, "orders.changed"))
    Campaign.objects.filter(pk=campaign.pk).update(delay_hours=24 * 8, revision=2)
    planning.replan_edited(leases_of(seller, "campaigns.edited"))
    assert Campaign.objects.get(pk=campaign.pk).planned_revision == 2
    assert Message.objects.get().events.count() == 1


def test_a_lost_hint_is_found_by_the_sweep(seller):
    make_campaign()
    make_order()
    assert seller.pk in dict(planning.lost_changes())
    assert seller.pk in dict(planning.lost_edits())  # never planned: its revision is ahead
    planning.plan_changed(leases_of(seller, "orders.changed"))
    planning.replan_edited(leases_of(seller, "campaigns.edited"))
    assert seller.pk not in dict(planning.lost_edits())


def test_the_command_plans_and_counts(seller, capsys):
    make_campaign()
    make_order()
    call_command("plan_orders", seller="acme")
    assert capsys.readouterr().out == "1 planned, 0 moved, 0 withdrawn, 0 put back.\n"
    call_command("plan_orders", "--again", seller="acme")
    assert capsys.readouterr().out == "0 planned, 0 moved, 0 withdrawn, 0 put back.\n"


def test_the_command_refuses_an_unknown_seller(db):
    with pytest.raises(CommandError, match="nobody"):
        call_command("plan_orders", seller="nobody")
