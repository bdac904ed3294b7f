import pytest
from django.db import connection

from accounts.models import Seller
from accounts.tenancy import NoSeller, SellerGone, current_seller, seller_context
from orders.models import Order


def test_inside_the_seller_is_known_and_its_tables_answer(rival):
    with seller_context(rival.pk) as entered:
        assert current_seller() == entered == rival
        assert Order.objects.count() == 0


def test_afterwards_we_are_where_we_were_whatever_happened(seller, rival):
    with pytest.raises(RuntimeError), seller_context(rival):
        raise RuntimeError
    assert current_seller() == seller


def test_outside_nobody_is_entered(db):
    with pytest.raises(NoSeller):
        current_seller()


def test_a_number_nobody_has_is_gone(db):
    with pytest.raises(SellerGone), seller_context(987_654_321):
        pass
    assert connection.schema_name == "public"


@pytest.mark.parametrize("state", [Seller.State.CLOSED, Seller.State.PREPARING])
def test_a_seller_that_is_not_ready_can_not_be_entered(rival, state):
    Seller.objects.filter(pk=rival.pk).update(state=state)
    with pytest.raises(SellerGone), seller_context(rival.pk):
        pass


def test_a_dropped_schema_never_reads_the_shared_one(rival):
    with connection.cursor() as cursor:
        cursor.execute(f'ALTER SCHEMA "{rival.schema_name}" RENAME TO seller_elsewhere')
    with seller_context(rival), pytest.raises(Exception, match="orders_order"):
        Order.objects.count()
