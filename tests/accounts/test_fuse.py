import pytest
from django.core.management import call_command
from django.db import connection

from accounts import fuse
from accounts.models import Installation

pytestmark = pytest.mark.django_db


def test_a_database_nobody_armed_does_not_send():
    Installation.objects.all().delete()
    assert not fuse.is_armed()


def test_armed_for_this_deployment_it_sends():
    fuse.arm()
    fuse.arm()
    assert fuse.is_armed()


def test_a_clone_with_another_name_does_not_send(settings):
    fuse.arm()
    settings.DEPLOYMENT_ID = "staging"
    assert not fuse.is_armed()


def test_a_restored_database_does_not_send_although_its_name_is_right():
    """A dump and its restore: the rows are the same, the table is another."""
    fuse.arm()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE restored (LIKE accounts_installation INCLUDING ALL)")
        cursor.execute("INSERT INTO restored SELECT * FROM accounts_installation")
        cursor.execute("DROP TABLE accounts_installation")
        cursor.execute("ALTER TABLE restored RENAME TO accounts_installation")
    assert Installation.objects.get().armed_for
    assert not fuse.is_armed()
    call_command("arm", verbosity=0)
    assert fuse.is_armed()


def test_a_person_can_switch_it_off():
    fuse.arm()
    call_command("arm", "--off")
    assert not fuse.is_armed()
    assert not fuse.was_ever_armed()
