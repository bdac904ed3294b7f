import base64

import pytest
from django.core.management import CommandError, call_command

from accounts import sealing
from accounts.models import Connection
from accounts.services import resealing
from tests.accounts.makers import make_connection

OLD = "old:" + base64.b64encode(b"o" * 32).decode()
NEW = "new:" + base64.b64encode(b"n" * 32).decode()


@pytest.fixture
def connected(rival, settings):
    settings.SEALING_KEYS = OLD
    made = make_connection(rival)
    made.refresh_token_sealed = sealing.seal("Atzr|token", resealing.token_cell(made.pk), rival)
    made.save()
    return made


def test_every_value_goes_under_the_newest_key(connected, settings):
    settings.SEALING_KEYS = f"{NEW},{OLD}"
    assert resealing.reseal_all() == 1
    assert resealing.reseal_all() == 0
    settings.SEALING_KEYS = NEW
    value = Connection.objects.get(pk=connected.pk).refresh_token_sealed
    assert sealing.open_sealed(value, resealing.token_cell(connected.pk), connected.seller) == "Atzr|token"


def test_a_value_that_does_not_open_stops_it_with_a_word(connected, settings):
    settings.SEALING_KEYS = NEW
    with pytest.raises(CommandError, match="'old' is not in SEALING_KEYS"):
        call_command("reseal")


def test_every_sealed_column_is_found():
    assert ("accounts_connection", "refresh_token_sealed") in {
        (c.model._meta.db_table, c.field) for c in resealing.columns()
    }
