import pytest
from django.core.management import CommandError, call_command
from django_celery_beat.models import IntervalSchedule, PeriodicTask, PeriodicTasks

from accounts import fuse
from accounts.models import Installation, Seller
from config.management.commands import prepare
from config.schedule import SCHEDULE

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _migrated(monkeypatch):
    """The test's database is migrated; doing it again takes seconds and proves nothing."""
    monkeypatch.setattr(prepare, "migrate_shared", lambda: None)


def test_the_schedule_is_copied_and_a_second_time_changes_nothing():
    call_command("prepare")
    tasks = {row.task: row for row in PeriodicTask.objects.filter(name__startswith=prepare._OURS)}
    assert set(tasks) == {tick.task for tick in SCHEDULE}
    assert tasks["accounts.tasks.hand_out_due"].interval.every == 1
    told_at = PeriodicTasks.last_change()
    call_command("prepare")
    assert PeriodicTasks.last_change() == told_at


def test_what_is_gone_from_the_file_goes_and_what_others_wrote_stays():
    every, _ = IntervalSchedule.objects.get_or_create(every=5, period=IntervalSchedule.SECONDS)
    PeriodicTask.objects.create(
        name="permitted: accounts.tasks.retired", task="accounts.tasks.retired", interval=every
    )
    PeriodicTask.objects.create(name="an operator's own", task="accounts.tasks.hand_out_due", interval=every)
    call_command("prepare")
    names = set(PeriodicTask.objects.values_list("name", flat=True))
    assert "permitted: accounts.tasks.retired" not in names
    assert "an operator's own" in names


def test_a_tick_that_somebody_switched_off_is_switched_on_again():
    call_command("prepare")
    PeriodicTask.objects.filter(task=SCHEDULE[-1].task).update(enabled=False)
    call_command("prepare")
    assert PeriodicTask.objects.get(task=SCHEDULE[-1].task).enabled


def test_an_installation_in_use_is_not_armed_by_itself():
    fuse.disarm()
    call_command("prepare")
    assert not fuse.is_armed()
    call_command("prepare", "--arm")
    assert fuse.is_armed()


def test_a_new_installation_is_armed():
    fuse.disarm()
    Seller.objects.all().delete()
    call_command("prepare")
    assert fuse.is_armed()


def test_losing_the_hashing_key_is_noticed(settings):
    call_command("prepare")
    settings.SEALING_KEYS = "other:" + "B" * 43 + "="
    with pytest.raises(CommandError, match="Put the old key back"):
        call_command("prepare")


def test_the_template_is_made_anew_when_the_migrations_changed(monkeypatch):
    asked = []
    monkeypatch.setattr(prepare.template_schema, "refresh", lambda: asked.append(True))
    Installation.objects.update(template_schema_hash="older")
    call_command("prepare")
    assert asked
