"""The change cursor against real, concurrent transactions."""

import threading

import psycopg
import pytest
from django.db import connection

from accounts.tenancy import seller_context
from campaigns.models import Message, PlanCursor
from campaigns.services.plan import plan_changes, plan_orders
from orders.models import Order
from tests.factories.campaigns import make_campaign
from tests.factories.orders import NOW, change_order, make_order


@pytest.fixture
def elsewhere(live_seller):
    """A second connection to the same database, in the seller's schema, with a transaction of its own."""
    settings = connection.settings_dict
    with psycopg.connect(
        host=settings["HOST"], port=settings["PORT"], user=settings["USER"], password=settings["PASSWORD"],
        dbname=settings["NAME"],
    ) as other:  # fmt: skip
        other.execute(f"SET search_path TO {live_seller.schema_name}, public")
        other.commit()
        yield other


_TOUCH = (
    "UPDATE orders_order SET changed_xact = pg_current_xact_id()::text::bigint, status = %s WHERE id = %s"
)


def test_a_late_commit_is_planned_late_and_never_missed(live_seller, elsewhere):
    make_campaign()
    late, prompt = make_order(status="PENDING"), make_order(status="PENDING")
    plan_changes(NOW)

    elsewhere.execute(_TOUCH, ["SHIPPED", late.pk])  # has its number already, and stays open
    change_order(prompt, status="SHIPPED")  # begins later, ends sooner
    plan_changes(NOW)
    assert not Message.objects.filter(order=late).exists()

    elsewhere.commit()
    plan_changes(NOW)
    assert set(Message.objects.values_list("order_id", flat=True)) == {late.pk, prompt.pk}


def test_two_planners_at_once_plan_each_order_once(live_seller):
    make_campaign()
    for _ in range(40):
        make_order()
    results = []

    def tick():
        try:
            with seller_context(live_seller):
                results.append(plan_changes(NOW))
        finally:
            connection.close()

    threads = [threading.Thread(target=tick) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(result.planned for result in results) == [0, 0, 0, 40]
    assert Message.objects.count() == 40


def test_a_row_claimed_while_planning_is_left_to_its_claimer(live_seller, elsewhere):
    """The claim is not committed when the planner reads; its update waits, looks again and finds the row
    taken.
    """
    make_campaign(filters={"refunded": "exclude"})
    order = make_order()
    plan_changes(NOW)
    change_order(order, refunded_at=NOW)
    elsewhere.execute("UPDATE campaigns_message SET state = 'claimed', claim_token = gen_random_uuid()")
    done = []

    def tick():
        try:
            with seller_context(live_seller):
                done.append(plan_orders([order.pk], NOW))
        finally:
            connection.close()

    thread = threading.Thread(target=tick)
    thread.start()
    thread.join(0.3)
    assert thread.is_alive()  # waits for the claimer
    elsewhere.commit()
    thread.join(30)
    assert done[0].changed == 0
    assert Message.objects.get().state == "claimed"


def test_a_database_restored_into_another_cluster_goes_on_planning(live_seller):
    """Transactions are counted anew there: the cursor and the old rows lie beyond anything that will ever happen."""
    make_campaign()
    restored = make_order()
    plan_changes(NOW)
    Message.objects.all().delete()
    far = 10**15
    Order.objects.update(changed_xact=far - 1)
    PlanCursor.objects.update(changed_xact=far)

    fresh = make_order()
    plan_changes(NOW)
    plan_changes(NOW)
    assert set(Message.objects.values_list("order_id", flat=True)) == {restored.pk, fresh.pk}
